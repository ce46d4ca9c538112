import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import type { Browser, Download, Page } from 'playwright-core';
import { AppId } from '../../protocol/app.ts';
import { epochMs } from '../../protocol/units.ts';
import { midnight } from '../../renderer/usage/range.ts';
import type { History } from '../../service/history/index.ts';
import { violations } from './accessible.ts';
import { launchBrowser, openWindow, skip, WindowStage } from './stage.ts';
import type { Look, OpenedWindow } from './stage.ts';

/** Goes to a place of the window without loading it anew. */
async function goTo(page: Page, place: string): Promise<void> {
  await page.evaluate(`location.hash = ${JSON.stringify(place)}`);
}

/** An app that is played no more: what is forgotten of it does not come back. */
function addGame(history: History, now: number): void {
  history.add({
    at: epochMs(now - 3 * 86_400_000),
    owner: { certainty: 'exact', app: { id: AppId.parse('/opt/old-game'), executable: '/opt/old-game', displayName: 'Old Game' } },
    host: { kind: 'name', name: 'eu.game.example', domain: 'game.example', source: 'tls-sni' },
    scope: 'internet',
    network: 'Home Wi-Fi',
    service: 'https',
    rxBytes: 60e9,
    txBytes: 1e6,
    rxPackets: 1000,
    txPackets: 1000,
    connections: 3,
    quality: null,
  });
  history.flush(epochMs(now));
}

async function contentOf(download: Download): Promise<string> {
  return readFileSync(await download.path(), 'utf8');
}

describe('the window', { skip }, () => {
  let browser: Browser;
  let stage: WindowStage;

  before(async () => {
    browser = await launchBrowser();
    stage = await WindowStage.open({ days: 12, fill: (history, now) => addGame(history, now) });
    stage.second(Date.now() - 1000);
    stage.play();
  });
  after(async () => {
    await stage[Symbol.asyncDispose]();
    await browser.close();
  });

  async function opened(place: string, look: Look = {}): Promise<OpenedWindow> {
    const window = await openWindow(browser, stage.address, look);
    await window.page.getByRole('status').getByText(/Measuring|Misst/u).waitFor();
    if (place !== '/now') {
      await goTo(window.page, place);
      await window.page.getByRole('heading', { level: 1, name: /Usage|Verbrauch/u }).waitFor();
      await window.page.locator('main tfoot').waitFor();
    }
    return window;
  }

  describe('now', () => {
    it('shows who moves how much, where it goes and how surely that is known', async () => {
      const { context, page, errors } = await opened('/now');
      await page.getByRole('row', { name: /Zoom|VLC/u }).first().waitFor();
      await page.getByRole('row', { name: /\.ard\.de|zoom\.us/u }).first().waitFor();
      await page.getByText(/% of bytes attributed exactly/u).waitFor();
      await page.getByText('0 packets dropped').waitFor();
      await page.getByText('wlan0 · network card · measured').waitFor();
      assert.deepEqual(errors, []);
      await context.close();
    });

    it('leads from an app to its domains', async () => {
      const { context, page } = await opened('/now');
      await page.getByRole('region', { name: 'Apps' }).getByRole('link').nth(1).click();
      await page.getByRole('heading', { level: 1, name: 'Usage' }).waitFor();
      assert.match(page.url(), /#\/usage\?range=today&app=.*&by=domain$/u);
      await context.close();
    });

    it('says what is measured and where it stays when it is first opened, once', async () => {
      const { context, page } = await opened('/now', { welcome: 'open' });
      await page.getByText('all of it stays on this machine').waitFor();
      await page.getByRole('button', { name: 'Got it' }).click();
      await page.getByText('all of it stays on this machine').waitFor({ state: 'detached' });
      await page.reload();
      await page.getByRole('status').getByText('Measuring').waitFor();
      assert.equal(await page.getByText('all of it stays').count(), 0);
      await context.close();
    });

    it('is paused and goes on, and the private mode hides names', async () => {
      const { context, page } = await opened('/now');
      await page.getByRole('button', { name: 'Pause or private mode' }).click();
      await page.getByRole('button', { name: 'For 15 minutes' }).last().click();
      await page.getByText('Private mode is on').waitFor();
      await page.getByRole('button', { name: 'End private mode' }).click();
      await page.getByText('Private mode is on').waitFor({ state: 'detached' });
      await context.close();
    });
  });

  describe('usage', () => {
    it('shows the very figures that the service answers', async () => {
      const { context, page } = await opened('/usage?range=yesterday');
      const from = epochMs(midnight(Date.now(), -1));
      const { rows, total } = await stage.service.client.query('top', { from, to: epochMs(midnight(Date.now())), by: 'app', limit: 10 });
      const gigabytes = (bytes: number): string => (bytes / 1e9).toPrecision(3);
      const first = rows[0];
      assert.ok(first !== undefined && total.rxBytes + total.txBytes > 1e9);
      const sum = page.locator('tfoot');
      assert.ok((await sum.innerText()).includes(gigabytes(total.rxBytes + total.txBytes)), await sum.innerText());
      await page.getByRole('row', { name: first.label }).waitFor();
      await context.close();
    });

    it('goes from an app through its domains and hosts to times, and back', async () => {
      const { context, page, errors } = await opened('/usage?range=week');
      const path = page.getByRole('navigation', { name: 'Where you are' });
      await page.getByRole('link', { name: 'Firefox', exact: true }).click();
      await page.getByRole('columnheader', { name: 'Domain' }).waitFor();
      await page.getByRole('link', { name: 'googlevideo.com', exact: true }).click();
      await page.getByRole('columnheader', { name: 'Host' }).waitFor();
      await page.getByRole('link', { name: 'rr3.googlevideo.com' }).click();
      await path.getByText('rr3.googlevideo.com').waitFor();
      assert.deepEqual(await path.getByRole('listitem').allInnerTexts(), ['Everything', 'Firefox', 'googlevideo.com', 'rr3.googlevideo.com']);
      await page.goBack();
      await page.goBack();
      await page.getByRole('columnheader', { name: 'Domain' }).waitFor();
      await path.getByRole('link', { name: 'Everything' }).click();
      await page.getByRole('columnheader', { name: 'App' }).waitFor();
      assert.equal(await page.getByRole('navigation', { name: 'Where you are' }).count(), 0);
      assert.deepEqual(errors, []);
      await context.close();
    });

    it('keeps its place in the address', async () => {
      const { context, page } = await opened('/usage?range=month&by=network&compare=yes&view=table');
      await page.reload();
      await page.getByRole('columnheader', { name: 'Change' }).waitFor();
      await page.getByRole('region', { name: 'Usage over time' }).last().getByRole('columnheader', { name: 'Time' }).waitFor();
      assert.ok(await page.getByRole('radio', { name: 'Network' }).isChecked());
      await context.close();
    });

    it('takes a range from a drag over all that is kept, and a closer one from a drag over the chart', async () => {
      const { context, page } = await opened('/usage?range=today');
      const overview = await page.locator('.overview').boundingBox();
      assert.ok(overview !== null);
      await page.mouse.move(overview.x + overview.width * 0.3, overview.y + 10);
      await page.mouse.down();
      await page.mouse.move(overview.x + overview.width * 0.5, overview.y + 10, { steps: 6 });
      await page.mouse.up();
      await page.waitForURL(/from=\d+&to=\d+|to=\d+.*from=/u);
      await page.getByText('Usage over time, per hour').waitFor();
      const range = (): { from: number; to: number } => Object.fromEntries([...new URLSearchParams(new URL(page.url()).hash.split('?')[1])].map(([name, value]) => [name, Number(value)])) as { from: number; to: number };
      const before = range();
      const chart = await page.getByRole('group', { name: /steps\.$/u }).boundingBox();
      assert.ok(chart !== null);
      await page.mouse.move(chart.x + chart.width * 0.3, chart.y + 50);
      await page.mouse.down();
      await page.mouse.move(chart.x + chart.width * 0.45, chart.y + 60, { steps: 4 });
      await page.mouse.up();
      await page.waitForFunction(`!location.hash.includes('from=${before.from}')`);
      const closer = range();
      assert.ok(closer.from > before.from && closer.to < before.to, JSON.stringify({ before, closer }));
      await context.close();
    });

    it('leaves rows out of chart and table alike, filters them, and opens what is folded', async () => {
      const { context, page } = await opened('/usage?range=week');
      const others = page.getByRole('row', { name: /others/u });
      await others.waitFor();
      await others.getByRole('button', { name: /others/u }).click();
      await others.waitFor({ state: 'detached' });
      await page.getByRole('row', { name: /systemd-timesyncd/u }).waitFor();
      await page.getByRole('button', { name: 'Leave Firefox out' }).click();
      await page.getByRole('button', { name: 'Take Firefox back in' }).waitFor();
      await page.getByRole('button', { name: 'Take all back in' }).click();
      await page.getByRole('searchbox', { name: 'Filter the rows' }).fill('thund');
      await page.getByRole('row', { name: /Firefox/u }).waitFor({ state: 'detached' });
      assert.equal(await page.locator('main tbody tr').count(), 1);
      await context.close();
    });

    it('is exported as what is seen: CSV, JSON and a picture', async () => {
      const { context, page } = await opened('/usage?range=yesterday');
      const files: Download[] = [];
      for (const name of ['Table as CSV', 'Table as JSON', 'Chart as PNG']) {
        await page.getByRole('button', { name: 'Export…' }).click();
        const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name }).click()]);
        files.push(file);
      }
      assert.ok(files.every((file) => /^tidewatch-app-\d{4}-\d\d-\d\d-\d{4}-\d\d-\d\d\.(?:csv|json|png)$/u.test(file.suggestedFilename())), files.map((file) => file.suggestedFilename()).join(' '));
      const [table, json, picture] = files;
      assert.ok(table !== undefined && json !== undefined && picture !== undefined);
      const lines = (await contentOf(table)).trim().split('\r\n');
      const total = await stage.service.client.query('top', { from: epochMs(midnight(Date.now(), -1)), to: epochMs(midnight(Date.now())), by: 'app', limit: 10 });
      assert.equal(lines.at(-1), ['', 'Total', ...Object.values(total.total)].join(','));
      const exported: { rows?: unknown } = JSON.parse(await contentOf(json));
      assert.deepEqual(exported.rows, total.rows);
      assert.equal(readFileSync(await picture.path()).subarray(1, 4).toString(), 'PNG');
      await context.close();
    });

    it('forgets what was gone into: it is gone, in the window and in the service', async () => {
      const { context, page } = await opened('/usage?range=week');
      await page.getByRole('link', { name: 'Old Game', exact: true }).click();
      await page.getByRole('button', { name: 'Forget…' }).click();
      const dialog = page.getByRole('dialog', { name: 'Forget Old Game?' });
      await dialog.getByText(/[\d,]+ rows of the history/u).waitFor();
      await dialog.getByRole('button', { name: 'Forget', exact: true }).click();
      await page.getByText(/^Forgotten\./u).waitFor();
      await page.getByRole('row', { name: /Firefox/u }).waitFor();
      assert.equal(await page.getByRole('row', { name: /Old Game/u }).count(), 0);
      const { rows } = await stage.service.client.query('top', { by: 'app', limit: 1000 });
      assert.deepEqual(rows.filter(({ label }) => label === 'Old Game'), []);
      await context.close();
    });

    it('says so where there is nothing in a time', async () => {
      const { context, page } = await opened('/usage?range=today');
      await goTo(page, '/usage?from=1000000000000&to=1000100000000');
      await page.getByText('Nothing in this time').waitFor();
      await context.close();
    });
  });

  describe('its look', () => {
    it('changes at once, and is kept: theme, units, language', async () => {
      const { context, page } = await opened('/usage?range=yesterday');
      const ground = (): Promise<string> => page.evaluate('getComputedStyle(document.body).backgroundColor');
      const light = await ground();
      await page.getByRole('button', { name: 'Look and units' }).click();
      await page.getByRole('radio', { name: 'Dark' }).check({ force: true });
      assert.notEqual(await ground(), light);
      await page.getByRole('radio', { name: /1024/u }).check({ force: true });
      await page.locator('tfoot td.number').getByText('GiB').waitFor();
      await page.getByRole('radio', { name: 'Deutsch' }).check({ force: true });
      await page.getByRole('heading', { level: 1, name: 'Verbrauch' }).waitFor();
      assert.match(await page.locator('tfoot').innerText(), /\d,\d/u);
      await page.reload();
      await page.getByRole('heading', { level: 1, name: 'Verbrauch' }).waitFor();
      assert.equal(await page.evaluate('document.documentElement.lang'), 'de');
      await context.close();
    });

    it('fits any width from 320 px to 4K without scrolling sideways', async () => {
      const { context, page } = await opened('/usage?range=month&compare=yes', { language: 'de' });
      for (const place of ['/usage?range=month&compare=yes', '/now', '/mini']) {
        await goTo(page, place);
        for (const width of [320, 480, 768, 1100, 1600, 3840]) {
          await page.setViewportSize({ width, height: 900 });
          const wide: number = await page.evaluate('document.documentElement.scrollWidth');
          assert.ok(wide <= width, `${place} is ${wide} px wide in ${width}`);
        }
      }
      await context.close();
    });
  });

  describe('without a mouse', () => {
    it('is used from one end to the other: pages, ranges, rows, chart and menus', async () => {
      const { context, page } = await opened('/now');
      const press = (...keys: string[]): Promise<void> => keys.reduce((done, key) => done.then(() => page.keyboard.press(key)), Promise.resolve());
      await press('Tab', 'Enter');
      assert.equal(await page.evaluate('document.activeElement.id'), 'content');
      await press('2');
      await page.getByRole('heading', { level: 1, name: 'Usage' }).waitFor();
      await page.locator('main tfoot').waitFor();
      await page.getByRole('radio', { name: 'Today' }).focus();
      await press('ArrowRight');
      await page.waitForURL(/range=yesterday/u);
      await page.getByRole('slider', { name: 'Beginning of the range' }).focus();
      await press('ArrowLeft', 'ArrowLeft');
      await page.waitForURL(/from=/u);
      await page.getByRole('group', { name: /steps\.$/u }).focus();
      await press('ArrowRight', 'ArrowRight', 'Shift+ArrowRight', 'Shift+ArrowRight');
      const told = page.locator('[aria-live=polite]');
      assert.match(await told.innerText(), /: [\d.]+\s[kMG]?B/u);
      const before = page.url();
      await press('Enter');
      await page.waitForFunction(`location.href !== ${JSON.stringify(before)}`);
      await press('t');
      await page.getByRole('region', { name: 'Usage over time', exact: true }).getByRole('columnheader', { name: 'Time', exact: true }).waitFor();
      await press('t', 'c');
      await page.getByRole('columnheader', { name: 'Change' }).waitFor();
      await press('/');
      assert.equal(await page.evaluate('document.activeElement.type'), 'search');
      await page.getByRole('button', { name: 'Export…' }).focus();
      await press('Enter', 'Tab');
      assert.equal(await page.evaluate('document.activeElement.innerText.trim()'), 'Table as CSV');
      await press('Escape');
      assert.equal(await page.evaluate('document.activeElement.innerText.trim()'), 'Export…');
      await press('?');
      await page.getByRole('dialog', { name: 'Keys' }).waitFor();
      await press('Escape');
      await page.getByRole('dialog').waitFor({ state: 'detached' });
      await context.close();
    });
  });

  describe('for everybody', () => {
    for (const theme of ['light', 'dark'] as const) {
      it(`has nothing for axe to find, in the ${theme} theme`, async () => {
        const { context, page } = await opened('/now', { theme, welcome: 'open' });
        const found: string[] = [];
        const check = async (what: string): Promise<void> => void found.push(...(await violations(page)).map((line) => `${what}: ${line}`));
        await page.getByRole('row', { name: /\.ard\.de|zoom\.us/u }).first().waitFor();
        await check('now');
        await page.getByRole('button', { name: 'Look and units' }).click();
        await check('look');
        await page.keyboard.press('Escape');
        await goTo(page, '/usage?range=week&compare=yes');
        await page.locator('main tfoot').waitFor();
        await check('usage');
        await goTo(page, '/usage?range=week&view=table&by=domain&app=%2Fusr%2Flib%2Ffirefox%2Ffirefox');
        await page.getByRole('navigation', { name: 'Where you are' }).getByText('Firefox').waitFor();
        await check('table');
        await page.getByRole('button', { name: 'Forget…' }).click();
        await page.getByRole('dialog').getByText('rows of the history').waitFor();
        await check('forget');
        await page.keyboard.press('Escape');
        await goTo(page, '/usage?from=1000000000000&to=1000100000000');
        await page.getByText('Nothing in this time').waitFor();
        await check('empty');
        await goTo(page, '/mini');
        await page.getByRole('button', { name: 'Open Tidewatch' }).waitFor();
        await check('mini');
        assert.deepEqual(found, []);
        await context.close();
      });
    }
  });
});
