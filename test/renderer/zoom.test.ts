import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Browser } from 'playwright-core';
import { violations } from './accessible.ts';
import { launchBrowser, openWindow, skip, WindowStage } from './stage.ts';

const firefox = encodeURIComponent('/usr/lib/firefox/firefox');

/** A window of 1280 × 900 at 200 % lays its page out in half of that (WCAG 2.2, 1.4.4 and 1.4.10). */
const zoomed = { width: 640, height: 450 } as const;

/** Where each page is, and what is there once all of it is. */
const pages = [
  ['#/now', 'main tbody tr'],
  ['#/now?view=table', 'main tbody tr'],
  ['#/usage?range=week', 'main tfoot'],
  [`#/usage?range=week&compare=yes&by=domain&app=${firefox}&view=table`, 'main tfoot'],
  ['#/connections', '[role=cell]'],
  ['#/alerts', 'main h2'],
  ['#/settings', 'main input'],
  [`#/app?app=${firefox}`, 'main dl'],
  ['#/domain?domain=wikipedia.org', 'main dl'],
  ['#/mini', 'main canvas'],
] as const;

describe('at a zoom of 200 %', { skip }, () => {
  let browser: Browser;
  let stage: WindowStage;
  before(async () => {
    browser = await launchBrowser();
    stage = await WindowStage.open({ days: 3 });
    for (let second = 20; second > 0; second -= 1) stage.second(Date.now() - second * 1000);
    stage.play();
  });
  after(async () => {
    await stage[Symbol.asyncDispose]();
    await browser.close();
  });

  for (const language of ['en', 'de'] as const) {
    it(`every page fits its width and has nothing for axe to find: ${language}`, async () => {
      const { context, page, errors } = await openWindow(browser, stage.address, { ...zoomed, language });
      await page.getByRole('status').getByText(/Measuring|Misst/u).waitFor();
      const found: string[] = [];
      for (const [place, there] of pages) {
        await page.evaluate(`location.hash = ${JSON.stringify(place)}`);
        await page.locator(there).first().waitFor();
        const wide: number = await page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth');
        if (wide > 0) found.push(`${place} is ${wide} px wider than the window`);
        found.push(...(await violations(page)).map((line) => `${place}: ${line}`));
      }
      assert.deepEqual(found, []);
      assert.deepEqual(errors, []);
      await context.close();
    });
  }
});
