import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import type { Alert, AlertQuiet } from '../../../protocol/app.ts';
import { names, startDnsmasq } from '../../scenario/harness/dnsmasq.ts';
import { createNetwork } from '../../scenario/harness/namespace.ts';
import type { Network } from '../../scenario/harness/namespace.ts';
import type { Program } from '../../scenario/harness/program.ts';
import { until } from '../../scenario/harness/until.ts';
import { artifactsOf, DesktopApp, setUpOnce } from '../harness/desktop-app.ts';
import type { DesktopShell } from '../harness/desktop-app.ts';
import { NotificationWatch } from '../harness/notification-watch.ts';
import { desktopOptions } from '../harness/requirements.ts';
import { differing, panelArea, Screen } from '../harness/screen.ts';
import type { Pixels } from '../harness/screen.ts';
import { TrayHost } from '../harness/tray-host.ts';

/** One person's afternoon: the icon, its menu, a spike, the window, and the end; each test goes on where the one before ended. */

/** A spike after a few seconds of a rate that iperf3 reaches at once, and nothing else that would be told of. */
const settings = {
  alerts: { spikeBytesPerSecond: 2_000_000, spikeSeconds: 3, unusual: 'off', firstSeen: false, learningHours: 0, uploadTimes: 0, coolDownMinutes: 0 },
};

/** The suite, on one of the shells. */
export function describeAfternoon(shell: DesktopShell): void {
  describe(`the desktop in ${shell}, as a person meets it`, desktopOptions(shell, 240_000), () => afternoon(shell));
}

function afternoon(shell: DesktopShell): void {
  let screen: Screen;
  let network: Network;
  let app: DesktopApp;
  let tray: TrayHost;
  let notifications: NotificationWatch;
  let program: Program;
  let empty: Pixels;
  let idle: Pixels;

  /** iperf3 down from a server with a name, at so many bits a second; it is stopped by the test. */
  function download(bitrate: '8M' | '64M'): Program {
    return network.client.start('iperf3', ['--client', names.com, '-4', '--reverse', '--bitrate', bitrate, '--time', '120']);
  }

  function picture(name: string): void {
    screen.picture(`${artifactsOf(shell)}/${name}.png`);
    screen.picture(`${artifactsOf(shell)}/${name}-panel.png`, { ...panelArea, width: 120 });
  }

  /** What a failed test has left is ended by its own name for it, not npm's. */
  async function stopAll(): Promise<void> {
    if (!program?.running) return;
    for (const command of app.processes()) process.kill(Number.parseInt(command, 10), 'SIGKILL');
    await program.ended;
  }

  /** Waits until the panel's pixels are as said. */
  async function panel(what: string, isSo: (pixels: Pixels) => boolean, within = 20_000): Promise<Pixels> {
    return await until(what, within, () => {
      const pixels = screen.pixels(panelArea);
      return isSo(pixels) ? pixels : null;
    });
  }

  /** The newest alert, and what holds alerts back. */
  async function alerts(): Promise<{ readonly newest: Alert | undefined; readonly quiet: AlertQuiet }> {
    using client = await app.client();
    const { alerts: [newest], quiet } = await client.query('alerts', { limit: 1 });
    return { newest, quiet };
  }

  before(async () => {
    setUpOnce();
    network = createNetwork();
    await startDnsmasq(network);
    network.peer.start('iperf3', ['--server']);
    screen = await Screen.open();
    await screen.startPanel();
    tray = new TrayHost(screen.busAddress);
    notifications = await NotificationWatch.open(screen.busAddress);
    app = new DesktopApp(screen, network, { shell, settings });
    await screen.settled();
    empty = screen.pixels(panelArea);
    program = app.startWithNpm(['--hidden']);
  });

  after(async () => {
    await stopAll();
    await notifications?.[Symbol.asyncDispose]();
    await tray?.[Symbol.asyncDispose]();
    await screen?.[Symbol.asyncDispose]();
    network?.[Symbol.dispose]();
  });

  it('shows an icon in the panel', async () => {
    await panel('an icon', (pixels) => differing(pixels, empty) > 100);
    await tray.row(/^No app uses the network now$/u);
    // The rates of the first second are there: from now on nothing moves without traffic.
    idle = await panel('an icon at rest', (pixels) => differing(pixels, empty) > 100);
    picture('1-icon');
    assert.match(program.stderr, new RegExp(`Tidewatch runs in the tray, .* \\(--shell ${shell}: `, 'u'));
    assert.deepEqual(screen.visibleWindows('Tidewatch'), [], '--hidden opens no window');
  });

  it('changes the icon with traffic, names the app with its rate, and comes to rest again', async () => {
    await using client = download('8M');
    await panel('another icon', (pixels) => differing(pixels, idle) > 20);
    const row = await tray.row(/^iperf3 {3}↓ (?:9\d\d kB|1\.\d+ MB)\/s/u);
    picture('2-traffic');
    assert.match(await tray.toolTip(), /B\/s[\s\S]*iperf3/u);
    assert.match(row.label, /↑ [\d.]+ k?B\/s$/u);
    await client.stop();
    await panel('the icon at rest', (pixels) => differing(pixels, idle) === 0);
  });

  it('tells of a spike once, with app and domain, and closes that when it is over', async () => {
    await using client = download('64M');
    const first = await notifications.next('a notification', (shown) => /iperf3/u.test(`${shown.title} ${shown.body}`));
    picture('3-spike');
    assert.match(`${first.title} ${first.body}`, /example\.com/u);
    assert.deepEqual(first.actions, ['Show', 'Snooze 1 h', 'Mute this app']);
    await panel('an alert in the panel', (pixels) => differing(pixels, idle) > 200);
    await client.stop();
    assert.ok(first.id !== null);
    await notifications.next('the line that it is over', (shown) => shown.replaces === first.id && /^Over after \d+ s/u.test(shown.body));
    picture('4-over');
    await notifications.untilClosed(first.id);
    assert.deepEqual(new Set(notifications.shown.map(({ id }) => id)), new Set([first.id]), 'all of it was one notification');
    await panel('the icon at rest', (pixels) => differing(pixels, idle) === 0);
  });

  it('snoozes for an hour by the button of a notification', async () => {
    await using client = download('64M');
    await notifications.next('a second notification', () => true);
    const [bubble] = await until('the bubble', 10_000, () => {
      const found = screen.bubbles();
      return found.length > 0 ? found : null;
    });
    assert.ok(bubble !== undefined);
    screen.click({ x: bubble.x + bubble.width / 2, y: bubble.y + bubble.height - 30 });
    const { snoozedUntil } = await until('the snooze', 10_000, async () => {
      const { quiet } = await alerts();
      return quiet.snoozedUntil === null ? null : quiet;
    });
    assert.ok(snoozedUntil !== null && Math.abs(snoozedUntil - Date.now() - 3_600_000) < 60_000);
    await client.stop();
  });

  it('opens the window from the menu, and shows what the tray shows', async () => {
    await tray.click(/^Open Tidewatch$/u);
    await until('the window', 20_000, () => screen.visibleWindows('Tidewatch').length > 0);
    await until('the window in front', 10_000, () => /Tidewatch/u.test(screen.activeTitle()));
    await screen.settled();
    picture('5-window');
  });

  it('tells nothing by a notification while its window is in front', async () => {
    {
      using client = await app.client();
      await client.command('snoozeAlerts', { forSeconds: 0 });
    }
    await until('the last spike to be over', 20_000, async () => (await alerts()).newest?.state === 'over');
    const before = notifications.shown.length;
    await using client = download('64M');
    const spike = await until('another spike', 20_000, async () => {
      const { newest } = await alerts();
      return newest?.state === 'open' ? newest : null;
    });
    assert.deepEqual([spike.quiet, notifications.shown.length], ['in-front', before]);
    await client.stop();
  });

  it('opens the mini window and the settings from the menu', async () => {
    await tray.click(/^Mini window$/u);
    await until('two windows', 20_000, () => screen.visibleWindows('Tidewatch').length > 1);
    await until('the mini window at its size', 10_000, () => screen.sizes('Mini window').includes('300x200'));
    await screen.settled();
    picture('6-mini');
    await tray.click(/^Settings/u);
    await until('the settings', 10_000, () => /Tidewatch/u.test(screen.activeTitle()));
    await screen.settled();
    picture('7-settings');
    await tray.click(/^Mini window$/u);
    await until('one window', 10_000, () => screen.visibleWindows('Tidewatch').length === 1);
  });

  it('is in front again after a second start, which ends by itself', async () => {
    screen.closeActive();
    await until('no window', 10_000, () => screen.visibleWindows('Tidewatch').length === 0);
    const second = await app.startWithNpm([]).ended;
    assert.equal(second.code, 0, second.stderr);
    assert.match(second.stderr, /runs already/u);
    await until('the window in front', 20_000, () => /Tidewatch/u.test(screen.activeTitle()));
  });

  it('pauses and resumes from the menu', async () => {
    await tray.click(/^Pause for 1 hour$/u);
    await tray.row(/^Paused until \d\d:\d\d$/u);
    await panel('the pause in the panel', (pixels) => differing(pixels, idle) > 20);
    picture('8-paused');
    await tray.click(/^Resume$/u);
    await tray.click(/^Private mode for 1 hour$/u);
    await tray.row(/^Private until \d\d:\d\d: totals only$/u);
    await tray.click(/^End private mode$/u);
    await tray.row(/^Private mode for 1 hour$/u);
  });

  it('leaves no process, no socket and no icon when it is quit', async () => {
    const own = app.processes();
    await tray.click(/^Quit Tidewatch$/u);
    const outcome = await program.ended;
    assert.equal(outcome.code, 0, outcome.stderr);
    picture('9-quit');
    await panel('an empty panel', (pixels) => differing(pixels, empty) === 0);
    assert.deepEqual(await tray.items(), []);
    assert.ok(own.length > 1, 'there were processes to end');
    await until('its processes to end', 5000, () => app.processes().length === 0).catch(() => undefined);
    assert.deepEqual(app.processes(), []);
    for (const socket of ['service.sock', 'helper.sock']) assert.ok(!existsSync(`${app.folder}/${socket}`), `${socket} is gone`);
  });
}
