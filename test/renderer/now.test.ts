import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Browser, Locator } from 'playwright-core';
import { violations } from './accessible.ts';
import type { Icons } from '../../service/icons/index.ts';
import { launchBrowser, openWindow, skip, WindowStage } from './stage.ts';

const square = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 8"><path fill="#e60" d="M0 0h8v8H0z"/></svg>').toString('base64');

/** Pictures of some apps, one of them broken; counts what it is asked for. */
class SomeIcons implements Icons {
  readonly asked: string[] = [];

  of(app: string): ReturnType<Icons['of']> {
    this.asked.push(app);
    if (app === '/usr/bin/vlc') return { mediaType: 'image/png', base64: 'AAAA' };
    return app.includes('firefox') || app === '/usr/bin/nextcloud' ? { mediaType: 'image/svg+xml', base64: square } : null;
  }
}

describe('the page of now', { skip }, () => {
  let browser: Browser;
  let stage: WindowStage;
  const icons = new SomeIcons();
  before(async () => {
    browser = await launchBrowser();
    stage = await WindowStage.open({ days: 2, icons });
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

  it("shows apps' pictures where there are any, asked for once, here, in usage and at connections", async () => {
    const { context, page, errors } = await openWindow(browser, stage.address);
    icons.asked.length = 0;
    const isDrawn = async (image: Locator): Promise<void> => {
      await image.waitFor();
      assert.equal((await image.boundingBox())?.width, 18);
      await page.waitForFunction(`[...document.querySelectorAll('main img')].every((image) => image.complete && image.naturalWidth > 0)`);
    };
    await page.evaluate(`location.hash = '#/usage?range=week&by=app&limit=50'`);
    await page.locator('main tfoot').waitFor();
    await isDrawn(page.getByRole('row', { name: /Nextcloud/u }).locator('img'));
    const heights: readonly number[] = await page.evaluate(`Array.from(document.querySelectorAll('main tbody tr'), (row) => Math.round(row.getBoundingClientRect().height))`);
    assert.equal(new Set(heights).size, 1, `rows with and without a picture are equally high: ${heights.join()}`);
    await page.evaluate(`location.hash = '#/connections?q=app:firefox'`);
    await isDrawn(page.locator('.app[role=cell] img').first());
    await page.evaluate(`location.hash = '#/now'`);
    await page.getByRole('region', { name: 'Apps' }).locator('img').first().waitFor();
    assert.equal(new Set(icons.asked).size, icons.asked.length, icons.asked.join());
    assert.deepEqual(errors, []);
    await context.close();
  });

  it('leads from a row to all about the app or the domain, and back', async () => {
    const { context, page } = await openWindow(browser, stage.address);
    await page.getByRole('region', { name: 'Domains' }).getByRole('link', { name: /^All about / }).first().click();
    await page.getByRole('heading', { name: 'When it is used' }).waitFor();
    assert.match(page.url(), /#\/domain\?domain=/u);
    await page.goBack();
    await page.getByRole('region', { name: 'Apps' }).getByRole('link', { name: /^All about / }).first().waitFor();
    await page.evaluate(`location.hash = '#/usage?range=week&by=app'`);
    await page.getByRole('link', { name: 'All about Firefox' }).click();
    await page.getByRole('heading', { level: 1, name: 'Firefox' }).waitFor();
    await page.goBack();
    await page.getByRole('link', { name: 'Firefox', exact: true }).click();
    await page.getByRole('navigation', { name: 'Where you are' }).getByText('Firefox').waitFor();
    await page.getByRole('link', { name: /^All about / }).first().click();
    await page.waitForURL(/#\/domain\?domain=/u);
    await page.goBack();
    await page.getByRole('navigation', { name: 'Where you are' }).getByText('Firefox').waitFor();
    assert.match(page.url(), /app=.*firefox/u);
    await context.close();
  });
});
