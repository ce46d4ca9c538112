import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Browser } from 'playwright-core';
import { violations } from './accessible.ts';
import { launchBrowser, openWindow, skip, WindowStage } from './stage.ts';

describe('the page of now', { skip }, () => {
  let browser: Browser;
  let stage: WindowStage;
  before(async () => {
    browser = await launchBrowser();
    stage = await WindowStage.open();
    for (let second = 40; second > 0; second -= 1) stage.second(Date.now() - second * 1000);
    stage.play();
  });
  after(async () => {
    await stage[Symbol.asyncDispose]();
    await browser.close();
  });

  for (const [language, asTable, asChart, received, named] of [
    ['en', 'Show as table', 'Show as chart', 'Received', 'The last five minutes in steps of ten seconds'],
    ['de', 'Als Tabelle', 'Als Diagramm', 'Empfangen', 'Die letzten fünf Minuten in Schritten von zehn Sekunden'],
  ] as const) {
    it(`shows the live graph in figures, by keyboard, with nothing for axe to find: ${language}`, async () => {
      const { context, page, errors } = await openWindow(browser, stage.address, { language });
      await page.getByRole('button', { name: asTable }).focus();
      await page.keyboard.press('Enter');
      const table = page.getByRole('region', { name: named });
      await table.getByRole('columnheader', { name: received }).waitFor();
      const rows = table.getByRole('row').filter({ hasText: /\d\d:\d\d:\d0/u });
      await rows.nth(29).waitFor();
      await rows.first().filter({ hasText: /B\/s|bit\/s/u }).waitFor();
      assert.match(page.url(), /#\/now\?view=table$/u);
      assert.deepEqual(await violations(page), []);
      await page.keyboard.press('Tab');
      assert.equal(await page.evaluate('document.activeElement.getAttribute("aria-label")'), named);
      await page.getByRole('button', { name: asChart }).click();
      await page.locator('.canvas canvas').waitFor();
      assert.deepEqual(errors, []);
      await context.close();
    });
  }

  it('tells all of the traffic apart by where it goes', async () => {
    const { context, page } = await openWindow(browser, stage.address);
    const where = page.getByRole('region', { name: 'Where it goes' });
    await where.locator('div').filter({ hasText: /Internet.*[1-9].*B\/s.*%/u }).first().waitFor();
    await where.getByText('Local network').waitFor();
    assert.equal(await where.getByText('Not told apart').count(), 0);
    await context.close();
  });
});
