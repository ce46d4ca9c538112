import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { names, startDnsmasq } from '../../scenario/harness/dnsmasq.ts';
import { createNetwork } from '../../scenario/harness/namespace.ts';
import type { Network } from '../../scenario/harness/namespace.ts';
import { projectRoot } from '../../scenario/harness/program.ts';
import type { Program } from '../../scenario/harness/program.ts';
import { until } from '../../scenario/harness/until.ts';
import { artifactsOf, DesktopApp, setUpOnce } from '../harness/desktop-app.ts';
import type { DesktopShell } from '../harness/desktop-app.ts';
import { SleepingMachine } from '../harness/message-services.ts';
import { desktopOptions } from '../harness/requirements.ts';
import { differing, panelArea, Screen } from '../harness/screen.ts';
import { TrayHost } from '../harness/tray-host.ts';

/** What goes wrong around a desktop program, and that it goes on. */

const measuring = /^No app uses the network now$/u;

/** The suites, on one of the shells. */
export function describeTrouble(shell: DesktopShell): void {
  describe(`the desktop in ${shell}, in trouble`, desktopOptions(shell, 300_000), () => trouble(shell));
  describe(`the desktop in ${shell}, without a notification service`, desktopOptions(shell, 120_000), () => withoutNotifications(shell));
}

function trouble(shell: DesktopShell): void {
  let screen: Screen;
  let network: Network;
  let tray: TrayHost;
  let machine: SleepingMachine;
  let app: DesktopApp;
  let program: Program;
  let service: Program;

  before(async () => {
    setUpOnce();
    network = createNetwork();
    screen = await Screen.open();
    await screen.startPanel();
    machine = await SleepingMachine.open(screen.busAddress);
    tray = new TrayHost(screen.busAddress);
    app = new DesktopApp(screen, network, { shell, settings: { tray: { style: 'bars', panel: 'light', size: '22' }, display: { rates: 'bits' } } });
    service = network.client.start(process.execPath, [`${projectRoot}bin/tidewatch`, 'serve'], { environment: app.environment });
    (await app.client()).close();
    // One bus for both: the machine is played on it.
    program = app.start(['--hidden'], { DBUS_SYSTEM_BUS_ADDRESS: screen.busAddress });
  });

  after(async () => {
    await program?.stop();
    await service?.stop();
    await machine?.[Symbol.asyncDispose]();
    await tray?.[Symbol.asyncDispose]();
    await screen?.[Symbol.asyncDispose]();
    network?.[Symbol.dispose]();
  });

  async function iconIsThere(): Promise<void> {
    const first = { x: 2, y: 2, width: 28, height: 26 };
    await until('an icon in the panel', 20_000, () => differing(screen.pixels(first), screen.pixels({ ...first, x: 600 })) > 8);
  }

  it('is attached to the service that runs already', async () => {
    await tray.row(measuring, 30_000);
    await iconIsThere();
    screen.picture(`${artifactsOf(shell)}/trouble-1-bars-panel.png`, { ...panelArea, width: 120 });
    assert.equal(program.stderr.match(/not measuring/u), null);
    assert.equal(app.processes().filter((command) => /helper\/main\.ts/u.test(command)).length, 1, 'there is one helper, of that service');
  });

  it('has its icon again when the panel restarts', async () => {
    await screen.killPanel();
    await screen.startPanel();
    await tray.row(measuring);
    await iconIsThere();
  });

  it('measures by itself once that service has ended', async () => {
    await service.stop();
    await until('the loss to be told', 20_000, () => /not measuring: the service has ended/u.test(program.stderr));
    await until('a helper of its own', 30_000, () => app.processes().some((command) => /helper\/main\.ts/u.test(command)));
    await tray.row(measuring, 30_000);
  });

  it('goes on when the machine has slept', async () => {
    machine.sleepAndWake();
    await tray.row(measuring, 3000);
  });

  it('opens its window anew when the browser was killed, and counts meanwhile', async () => {
    await tray.click(/^Open Tidewatch$/u);
    await until('the window', 30_000, () => screen.visibleWindows('Tidewatch').length > 0);
    const browsers = app.processes().filter((command) => /--type=|--app=|chromium/u.test(command)).map((command) => Number.parseInt(command, 10));
    assert.ok(browsers.length > 0, 'there is a browser');
    for (const pid of browsers) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // It has gone with its parent.
      }
    }
    await until('the window to go', 10_000, () => screen.visibleWindows('Tidewatch').length === 0);
    await tray.row(measuring);
    await tray.click(/^Open Tidewatch$/u);
    await until('the window again', 30_000, () => screen.visibleWindows('Tidewatch').length > 0);
    await until('the window in front', 10_000, () => /Tidewatch/u.test(screen.activeTitle()));
    screen.closeActive();
    await until('the window to go', 10_000, () => screen.visibleWindows('Tidewatch').length === 0);
    assert.ok(program.running, 'a closed window is hidden, and the program goes on');
  });

  it('starts with the session once the settings say so, and no longer once they do not', async () => {
    const file = `${screen.folder}/config/autostart/tidewatch.desktop`;
    app.write({ desktop: { autostart: true }, tray: { size: '22' } });
    await until('the file of the session', 10_000, () => existsSync(file));
    assert.match(readFileSync(file, 'utf8'), /^Exec=".*node" ".*\/build\/start\.mjs" "--hidden"$/mu);
    app.write({});
    await until('the file to go', 10_000, () => !existsSync(file));
  });

  it('shows a click on the icon the window, and ends in order when it is told to', async () => {
    await tray.activate();
    await until('the window', 30_000, () => screen.visibleWindows('Tidewatch').length > 0);
    const outcome = await program.stop('SIGTERM');
    assert.equal(outcome.code, 0, outcome.stderr);
    await until('its processes to end', 8000, () => app.processes().length === 0).catch(() => undefined);
    assert.deepEqual(app.processes(), []);
  });

  it('says why nothing is measured where its socket is taken, and measures once it is free', async () => {
    const taken = new DesktopApp(screen, network, { shell });
    const stranger = createServer((socket) => socket.on('error', () => socket.destroy()).resume().end('hello\n'));
    stranger.listen(taken.socketPath);
    await once(stranger, 'listening');
    await using second = taken.start(['--hidden']);
    const row = await tray.row(/^Not measuring: /u, 30_000);
    assert.match(row.label, /is no Tidewatch service/u);
    await iconIsThere();
    screen.picture(`${artifactsOf(shell)}/trouble-2-taken-panel.png`, { ...panelArea, width: 120 });
    await tray.click(/^Measure again$/u);
    await tray.row(/^Not measuring: /u);
    stranger.close();
    await once(stranger, 'close');
    await tray.row(measuring, 30_000);
    assert.equal((await second.stop()).code, 0);
  });

  it('opens its window where there is no bus and so no tray, says so once, and ends with the window', async () => {
    const lonely = new DesktopApp(screen, network, { shell });
    const noBus = { DBUS_SESSION_BUS_ADDRESS: `unix:path=${screen.folder}/no-bus`, XDG_RUNTIME_DIR: `${screen.folder}/run` };
    for (const said of [1, 0]) {
      await using alone = lonely.start(['--hidden'], noBus);
      await until('the window', 40_000, () => screen.visibleWindows('Tidewatch').length > 0);
      await until('the window in front', 10_000, () => /Tidewatch/u.test(screen.activeTitle()));
      await screen.settled();
      screen.closeActive();
      const outcome = await alone.ended;
      assert.equal(outcome.code, 0, outcome.stderr);
      assert.equal(outcome.stderr.match(/shows no tray icons: the window opens instead/gu)?.length ?? 0, said);
    }
  });
}

function withoutNotifications(shell: DesktopShell): void {
  it('shows a spike in the tray, and says once that there are no notifications', async () => {
    setUpOnce();
    using network = createNetwork();
    await startDnsmasq(network);
    network.peer.start('iperf3', ['--server']);
    await using screen = await Screen.open({ notifications: 'absent' });
    await screen.startPanel();
    await using tray = new TrayHost(screen.busAddress);
    const app = new DesktopApp(screen, network, {
      shell,
      settings: { alerts: { spikeBytesPerSecond: 2_000_000, spikeSeconds: 2, unusual: 'off', firstSeen: false, learningHours: 0 } },
    });
    await using program = app.start(['--hidden']);
    await tray.row(measuring, 30_000);
    await using download = network.client.start('iperf3', ['--client', names.com, '-4', '--reverse', '--bitrate', '64M', '--time', '60']);
    const row = await tray.row(/^iperf3 is downloading/u, 30_000);
    assert.ok(row.label.length > 0 && download.running);
    await until('the word about notifications', 10_000, () => /^tidewatch: alerts are shown in the tray/mu.test(program.stderr));
    assert.equal(program.stderr.match(/^tidewatch: alerts are shown in the tray and in the window only/gmu)?.length, 1, program.stderr);
  });
}
