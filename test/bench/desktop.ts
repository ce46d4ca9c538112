import { setTimeout as delay } from 'node:timers/promises';
import { DesktopApp } from '../e2e/harness/desktop-app.ts';
import { whyNoDesktop } from '../e2e/harness/requirements.ts';
import { Screen } from '../e2e/harness/screen.ts';
import { TrayHost } from '../e2e/harness/tray-host.ts';
import { createNetwork, peerAddresses } from '../scenario/harness/namespace.ts';
import { until } from '../scenario/harness/until.ts';
import { atMost, megabytes, pendingRow } from './table.ts';
import type { Row } from './table.ts';
import { cpuSeconds, memoryOf } from './usage.ts';

const part = 'desktop';

/** Share of one core for the program with its service, without the helper, while the tray changes every second. */
const shareBudget = 0.01;
const seconds = 60;
/** What starting costs is not what running costs. */
const warmUpSeconds = 5;

/** What the program in the tray costs on portable/ while its window is hidden and its icon changes with traffic. */
export async function benchDesktop(): Promise<readonly Row[]> {
  const missing = whyNoDesktop();
  if (missing !== null) return [pendingRow(part, 'program in the tray', missing)];
  using network = createNetwork();
  network.peer.start('iperf3', ['--server']);
  await using screen = await Screen.open();
  await screen.startPanel();
  await using tray = new TrayHost(screen.busAddress);
  const app = new DesktopApp(screen, network, { shell: 'portable', settings: { alerts: { spikeBytesPerSecond: 0, learningHours: 24 } }, coverage: 'off' });
  await using program = app.start(['--hidden']);
  await tray.row(/^No app/u, 60_000);
  // About 300 kB/s: the third digit is another one nearly every second.
  await using traffic = network.client.start('iperf3', ['--client', peerAddresses.com, '--reverse', '--bitrate', '2400K', '--time', '120']);
  await tray.row(/^iperf3/u, 20_000);
  await delay(warmUpSeconds * 1000);
  const pid = await until('the program', 5000, () => {
    const command = app.processes().find((each) => each.includes('electron/main.ts'));
    return command === undefined ? null : Number.parseInt(command, 10);
  });
  const [cpuBefore, iconsBefore] = [cpuSeconds(pid), await tray.newIcons()];
  await delay(seconds * 1000);
  const share = (cpuSeconds(pid) - cpuBefore) / seconds;
  const icons = (await tray.newIcons()) - iconsBefore;
  if (!program.running || !traffic.running) throw new Error(`the program or the traffic ended: ${program.stderr}`);
  const { resident, proportional } = memoryOf(pid);
  return [
    {
      part,
      what: `CPU over ${seconds} s in the tray with traffic, window hidden, of one core (with the service, without the helper)`,
      measured: `${(share * 100).toFixed(2)} % for ${icons} pictures`,
      budget: `≤ ${(shareBudget * 100).toFixed(0)} %`,
      verdict: atMost(share, shareBudget),
    },
    { part, what: 'memory of the program on portable/', measured: `${megabytes(resident)} resident, ${megabytes(proportional)} proportional` },
  ];
}
