import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Browser } from 'playwright-core';
import { FlowId, ProcessKey } from '../../protocol/flow.ts';
import { epochMs } from '../../protocol/units.ts';
import type { History } from '../../service/history/index.ts';
import { AppId } from '../../protocol/app.ts';
import { deltaOf, exactly, processOf, tickOf } from '../service/measurements.ts';
import { violations } from './accessible.ts';
import { launchBrowser, openWindow, skip, WindowStage } from './stage.ts';

/** Names as the worst of the network and of other programs' authors would choose them. */
const hostile = {
  markup: '<img src=x onerror="document.title=1">&lt;b&gt;',
  script: '"><script>alert(1)</script>',
  direction: 'safe\u202Etxt.exe\u2066x',
  unseen: 'a\u0000b\u0007c\u200bd\nnew line',
  emoji: '👩‍👩‍👧‍👦'.repeat(15),
  template: '{@html x}${1}{{2}}',
  long: 'W'.repeat(4000),
  combining: `Z${'\u0300'.repeat(100)}`,
} as const;

/** A history in which apps and hosts have such names. */
function fillHostile(history: History, now: number): void {
  Object.values(hostile).forEach((name, index) => {
    history.add({
      at: epochMs(now - 60_000),
      owner: { certainty: 'exact', app: { id: AppId.parse(`/opt/${name}`), executable: null, displayName: name.slice(0, 128) } },
      host: { kind: 'name', name: name.slice(0, 250), domain: name.slice(0, 250), source: 'dns' },
      scope: 'internet',
      network: name.slice(0, 256),
      service: null,
      rxBytes: 1_000_000 * (index + 1),
      txBytes: 1000,
      rxPackets: 100,
      txPackets: 10,
      connections: 1,
      quality: null,
    });
  });
  history.flush(epochMs(now));
}

describe('names from outside', { skip }, () => {
  let browser: Browser;
  before(async () => {
    browser = await launchBrowser();
  });
  after(async () => browser.close());

  it('are shown as text, break no layout and run nothing', async () => {
    await using stage = await WindowStage.open({ fill: fillHostile });
    const { context, page, errors } = await openWindow(browser, stage.address, { width: 320, height: 700 });
    let dialogs = 0;
    page.on('dialog', (dialog) => {
      dialogs += 1;
      void dialog.dismiss();
    });
    const names = Object.values(hostile);
    const keys = names.map((_, index) => ProcessKey.parse(`${100 + index}@1`));
    const flows = keys.map((key, index) => deltaOf({ flow: index + 1, rx: 1_000_000, tx: 1000, at: Date.now(), owner: exactly(key) }));
    stage.helper.say(
      { kind: 'processes', processes: keys.map((key, index) => processOf(key, `/opt/${names[index] ?? ''}`)) },
      { kind: 'names', names: names.map((name, index) => ({ kind: 'flow', flow: FlowId.parse(index + 1), source: 'tls-sni', name: name.slice(0, 250), time: epochMs(Date.now()), encryptedClientHello: false })) },
      { kind: 'flows', flows },
      tickOf(Date.now(), flows),
    );
    await page.getByRole('region', { name: 'Domains' }).getByText('"><script>').waitFor();
    const sound = async (place: string): Promise<void> => {
      const wide: number = await page.evaluate('document.documentElement.scrollWidth');
      assert.ok(wide <= 320, `${place} is ${wide} px wide`);
      assert.equal(await page.locator('main img, main script, main b:not(.when b)').count(), 0, place);
      const tall: number = await page.evaluate(`Math.max(0, ...[...document.querySelectorAll('main tbody tr')].map((row) => row.getBoundingClientRect().height))`);
      assert.ok(tall < 60, `${place}: a row is ${tall} px tall`);
    };
    await sound('now');
    for (const by of ['app', 'domain', 'network', 'host']) {
      await page.evaluate(`location.hash = '/usage?range=hour&by=${by}&limit=100'`);
      await page.getByRole('columnheader', { name: by, exact: false }).waitFor();
      await page.getByRole('row', { name: '{@html x}' }).waitFor();
      await sound(by);
    }
    await page.evaluate(`location.hash = '/usage?range=hour&by=domain&app=${encodeURIComponent(`/opt/${hostile.long}`)}'`);
    await page.getByRole('navigation', { name: 'Where you are' }).waitFor();
    await sound('path');
    assert.equal(dialogs, 0);
    assert.match(await page.title(), /Tidewatch$/u);
    assert.deepEqual(errors, []);
    await context.close();
  });
});

describe('the states of the window', { skip }, () => {
  let browser: Browser;
  before(async () => {
    browser = await launchBrowser();
  });
  after(async () => browser.close());

  it('empty: a new history says when there will be something, and a quiet link that nothing flows', async () => {
    await using stage = await WindowStage.open();
    const { context, page } = await openWindow(browser, stage.address);
    const now = Date.now();
    stage.helper.say(tickOf(now, []));
    await page.getByText('Nothing flows right now.').waitFor();
    await page.getByText('No traffic to account for yet').waitFor();
    await page.evaluate(`location.hash = '/usage'`);
    await page.getByText('The history is still empty').waitFor();
    assert.deepEqual(await violations(page), []);
    await context.close();
  });

  it('paused and private: said on every page, with the way out of it', async () => {
    await using stage = await WindowStage.open();
    const { context, page } = await openWindow(browser, stage.address);
    await page.getByRole('status').getByText('Connected').waitFor();
    await stage.service.client.command('pause', {});
    await page.getByText('Measuring is paused').waitFor();
    await page.getByRole('status').getByText('Paused: nothing is measured').waitFor();
    await page.getByRole('button', { name: 'Resume measuring' }).click();
    await page.getByText('Measuring is paused').waitFor({ state: 'detached' });
    await stage.service.client.command('beginPrivate', {});
    await page.getByText('Private mode is on').waitFor();
    assert.deepEqual(await violations(page), []);
    await context.close();
  });

  it('limited: what is wrong, and what to do about it', async () => {
    await using stage = await WindowStage.open();
    const { context, page } = await openWindow(browser, stage.address);
    await page.getByRole('status').getByText('Connected').waitFor();
    stage.helper.say({ kind: 'trouble', trouble: { code: 'owner-source-limited', subject: 'sock_diag', message: 'owners of some sockets are not seen', remedy: 'grant CAP_SYS_PTRACE', over: false } }, tickOf(Date.now(), []));
    const health = page.getByRole('region', { name: 'Needs attention' });
    await health.getByText('Some apps cannot be told').waitFor();
    await health.getByText('grant CAP_SYS_PTRACE').waitFor();
    assert.equal(await page.getByRole('button', { name: 'Grant access…' }).count(), 0);
    stage.helper.say({ kind: 'trouble', trouble: { code: 'limited-mode', subject: 'capture', message: 'only totals are counted', remedy: 'grant access', over: false } }, tickOf(Date.now(), []));
    await page.getByRole('button', { name: 'Grant access…' }).click();
    await page.getByRole('button', { name: 'Grant access…', disabled: false }).waitFor();
    assert.deepEqual(await violations(page), []);
    await context.close();
  });

  it('reading only: nothing is offered that would be refused', async () => {
    await using stage = await WindowStage.open({ rights: 'read', days: 2 });
    const { context, page } = await openWindow(browser, stage.address);
    await page.getByRole('status').getByText('Connected').waitFor();
    await page.getByRole('button', { name: 'Pause or private mode' }).click();
    await page.getByText('This connection may only read.').waitFor();
    assert.ok(await page.getByRole('button', { name: 'For an hour' }).first().isDisabled());
    await page.evaluate(`location.hash = '/usage?range=week&by=domain&app=%2Fusr%2Flib%2Ffirefox%2Ffirefox'`);
    await page.locator('main tfoot').waitFor();
    assert.equal(await page.getByRole('button', { name: 'Forget…' }).count(), 0);
    await context.close();
  });

  it('without a service: said, and mended by itself when there is one again', async () => {
    const first = await WindowStage.open();
    const { context, page } = await openWindow(browser, first.address);
    await page.getByRole('status').getByText('Connected').waitFor();
    const { port } = new URL(first.address);
    await first[Symbol.asyncDispose]();
    await page.getByRole('status').getByText('The service has ended').waitFor();
    assert.deepEqual(await violations(page), []);
    await using second = await WindowStage.open({ port: Number(port) });
    await page.getByRole('status').getByText('Not let in').or(page.getByRole('status').getByText('The service has ended')).waitFor();
    // A new service has a new key: the address that it prints lets the window in again.
    await page.goto('about:blank');
    await page.goto(second.address);
    await page.getByRole('status').getByText('Connected').waitFor();
    await context.close();
  });

  it('hidden: subscribes to nothing and runs nothing; seen again, it knows what it missed', async () => {
    await using stage = await WindowStage.open();
    const { context, page } = await openWindow(browser, stage.address);
    await page.getByRole('status').getByText('Connected').waitFor();
    const session = await context.newCDPSession(page);
    await page.evaluate(`Object.defineProperty(document, 'hidden', { configurable: true, get: () => true }); document.dispatchEvent(new Event('visibilitychange'))`);
    await page.waitForTimeout(200);
    await session.send('Performance.enable');
    const scripting = async (): Promise<number> => (await session.send('Performance.getMetrics')).metrics.find(({ name }) => name === 'ScriptDuration')?.value ?? Number.NaN;
    const before = await scripting();
    for (let second = 0; second < 5; second += 1) {
      stage.second();
      await page.waitForTimeout(200);
    }
    assert.equal(await scripting(), before, 'seconds of script');
    await page.evaluate(`delete document.hidden; document.dispatchEvent(new Event('visibilitychange'))`);
    await page.getByRole('row', { name: /VLC|Zoom/u }).first().waitFor();
    await context.close();
  });
});
