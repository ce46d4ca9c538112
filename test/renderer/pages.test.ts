import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { violations } from './accessible.ts';
import { launchBrowser, openWindow, skip, WindowStage } from './stage.ts';
import type { Look, OpenedWindow } from './stage.ts';

const firefox = encodeURIComponent('/usr/lib/firefox/firefox');

/** Where each page is, and a word that it shows once all of it is there. */
const pages = [
  ['#/connections', /in the last minute|in der letzten Minute/u],
  ['#/alerts', /No data plan|Kein Datenplan/u],
  ['#/settings', /Size of the file|Größe der Datei/u],
  ['#/settings?group=alerts', /Spike|Spitze/u],
  [`#/app?app=${firefox}`, /When it is used|Wann sie benutzt wird/u],
  ['#/domain?domain=wikipedia.org', /When it is used|Wann sie benutzt wird/u],
] as const;

describe('the pages beside usage', { skip }, () => {
  let browser: Browser;
  let stage: WindowStage;
  before(async () => {
    browser = await launchBrowser();
    stage = await WindowStage.open({ days: 5 });
    for (let second = 20; second > 0; second -= 1) stage.second(Date.now() - second * 1000);
    stage.play();
  });
  after(async () => {
    await stage[Symbol.asyncDispose]();
    await browser.close();
  });

  async function goTo(page: Page, place: string): Promise<void> {
    await page.evaluate(`location.hash = ${JSON.stringify(place)}`);
  }
  async function opened(place: string, look: Look = {}): Promise<OpenedWindow> {
    const window = await openWindow(browser, stage.address, look);
    await window.page.getByRole('status').getByText(/Measuring|Misst/u).waitFor();
    await goTo(window.page, place);
    return window;
  }

  for (const look of [{ theme: 'light', language: 'en' }, { theme: 'dark', language: 'de' }, { theme: 'light', language: 'de', width: 360 }] as const) {
    it(`are accessible, fit, and log no error: ${JSON.stringify(look)}`, async () => {
      const { context, page, errors } = await opened('#/now', look);
      for (const [place, word] of pages) {
        await goTo(page, place);
        await page.locator('main').getByText(word).first().waitFor();
        assert.deepEqual(await violations(page), [], place);
        const wide: number = await page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth');
        assert.equal(wide, 0, `${place} is no wider than the window`);
      }
      assert.deepEqual(errors, []);
      await context.close();
    });
  }

  describe('connections', () => {
    it('are searched as one types, and say what cannot be understood', async () => {
      const { context, page } = await opened('#/connections');
      const search = page.getByRole('searchbox', { name: 'Search the connections' });
      await page.getByRole('table').getByRole('row').nth(5).waitFor();
      await search.fill('app:firefox !host:ytimg');
      await page.getByText(/[1-9]\d* of \d+ connections/u).waitFor();
      await page.locator('.app[role=cell]').first().waitFor();
      const apps = await page.locator('.app[role=cell]').allInnerTexts();
      assert.ok(apps.length > 0 && apps.every((app) => app === 'Firefox'), apps.join());
      assert.match(page.url(), /q=app%3Afirefox/u);
      await search.fill('colour:red');
      await page.getByText('There is no field of that name').waitFor();
      await context.close();
    });

    it('are sorted by any column, and stay so in the address', async () => {
      const { context, page } = await opened('#/connections');
      await page.getByRole('button', { name: 'Host' }).click();
      await page.getByRole('columnheader', { name: 'Host' }).and(page.locator('[aria-sort=ascending]')).waitFor();
      await page.locator('.host[role=cell]').first().waitFor();
      const hosts = await page.locator('.host[role=cell]').allInnerTexts();
      assert.deepEqual(hosts, hosts.toSorted(new Intl.Collator('en', { numeric: true }).compare));
      assert.match(page.url(), /sort=host/u);
      await context.close();
    });

    it('hold still while a person reads', async () => {
      const { context, page } = await opened('#/connections?sort=total');
      await page.getByRole('table').getByRole('row').nth(3).waitFor();
      await page.getByRole('button', { name: 'Hold still' }).click();
      const totals = (): Promise<string[]> => page.locator('.total[role=cell]').allInnerTexts();
      const held = await totals();
      const time = stage.service.client.live()[Symbol.asyncIterator]();
      for (let events = 0; events < 3; events += 1) await time.next();
      await time.return?.();
      assert.deepEqual(await totals(), held);
      await page.getByRole('button', { name: 'Go on' }).click();
      await page.waitForFunction((before) => [...document.querySelectorAll('.total[role=cell]')].map((cell) => cell.textContent).join() !== before, held.join());
      await context.close();
    });
  });

  it('a data plan is written, shown, changed and removed', async () => {
    const { context, page } = await opened('#/alerts');
    await page.getByRole('button', { name: 'Add a plan' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Name').fill('Mobile');
    await dialog.getByLabel('How much there is').fill('nothing');
    await dialog.getByRole('button', { name: 'Save' }).click();
    await dialog.getByText('Something in this form cannot be').waitFor();
    await dialog.getByLabel('How much there is').fill('50');
    await dialog.getByLabel('Day of the month').fill('15');
    await dialog.getByRole('button', { name: 'Save' }).click();
    await dialog.waitFor({ state: 'detached' });
    await page.getByRole('meter', { name: /of 50.0\sGB/u }).waitFor();
    assert.deepEqual(await violations(page), []);
    const { plans } = await stage.service.client.query('plans', {});
    assert.deepEqual(plans.map(({ plan }) => [plan.name, plan.capBytes, plan.cycle]), [['Mobile', 50e9, { kind: 'monthly', day: 15 }]]);
    await page.getByRole('button', { name: 'Change Mobile' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click();
    await page.getByText('No data plan').waitFor();
    await context.close();
  });

  it('settings are judged as typed, kept in the file, and reset', async () => {
    const { context, page } = await opened('#/settings?group=retention');
    const field = page.getByLabel('Recent hours');
    await field.fill('a day');
    await field.blur();
    await page.getByText('This is not a whole number from 1 to 168').waitFor();
    await field.fill('1000');
    await field.blur();
    await page.getByRole('alert').getByText('1000 is not a whole number from 1 to 168').waitFor();
    await field.fill('12');
    await field.blur();
    await page.getByText('Saved').first().waitFor();
    assert.match(readFileSync(path.join(stage.folder, 'settings.json'), 'utf8'), /"recentHours": 12/u);
    await page.getByRole('button', { name: 'Default' }).click();
    await page.getByRole('button', { name: 'Default' }).waitFor({ state: 'detached' });
    await context.close();
  });

  it('an app is looked at, muted, and forgotten', async () => {
    const { context, page } = await opened(`#/app?app=${firefox}`);
    await page.getByRole('heading', { level: 1, name: 'Firefox' }).waitFor();
    await page.getByRole('button', { name: 'Mute alerts' }).click();
    await page.getByText('Muted. Its alerts are kept').waitFor();
    const { quiet } = await stage.service.client.query('alerts', { limit: 1 });
    assert.deepEqual(quiet.mutes, [{ app: '/usr/lib/firefox/firefox' }]);
    await page.getByRole('link', { name: 'googlevideo.com' }).click();
    await page.getByRole('heading', { level: 1, name: 'googlevideo.com' }).waitFor();
    await page.getByRole('button', { name: 'Forget…' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Forget' }).click();
    await page.getByRole('heading', { level: 1, name: 'Usage' }).waitFor();
    await context.close();
  });
});
