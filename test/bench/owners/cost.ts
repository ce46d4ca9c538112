import { setTimeout as delay } from 'node:timers/promises';
import { linkName, peerAddresses } from '../../scenario/harness/namespace.ts';
import { install, startLive } from '../../scenario/harness/tidewatch.ts';
import { until } from '../../scenario/harness/until.ts';
import { cpuSeconds } from '../usage.ts';
import { startHelperWithout } from './helper.ts';
import { makePlace, movedBy } from './place.ts';
import { printTable } from './words.ts';

/** Datagrams of the flood: enough for a second or two. */
const datagrams = 1_000_000;
const datagramBytes = 40;

/** A desktop on a busy day. */
const crowd = { processes: 400, socketsEach: 5 } as const;
const idleSeconds = 20;
/** What finding the crowd costs is not what idling costs. */
const settlingSeconds = 5;

interface Cost {
  /** Seconds of CPU (user and system) of the helper for each million packets it captured. */
  readonly perMillion: number;
  readonly packets: number;
  /** Share of one core of the helper while the crowd idles. */
  readonly idle: number;
}

async function measure(leftOut: readonly string[]): Promise<Cost> {
  using place = await makePlace();
  const installation = install(place.network);
  await using helper = await startHelperWithout(installation, leftOut);
  await using run = await startLive(installation, ['--interface', linkName]);
  await run.settled();
  const begun = run.lines.length;
  const before = cpuSeconds(helper.pid);
  const flood = ['udp-flood', peerAddresses.com, String(datagrams * datagramBytes)];
  movedBy(await place.network.client.run(place.generator, flood));
  await run.settled();
  const packets = run.lines.slice(begun).reduce((sum, { coverage }) => sum + coverage.capturedPackets, 0);
  const spent = cpuSeconds(helper.pid) - before;
  const idlers = place.network.client.start(place.generator.replace(/generate$/u, 'crowd'), [String(crowd.processes), String(crowd.socketsEach)]);
  await until('the crowd', 10_000, () => idlers.stdout.includes('ready'));
  await delay(settlingSeconds * 1000);
  const idleBefore = cpuSeconds(helper.pid);
  await delay(idleSeconds * 1000);
  const idle = (cpuSeconds(helper.pid) - idleBefore) / idleSeconds;
  await idlers.stop('SIGKILL');
  return { perMillion: (spent / packets) * 1e6, packets, idle };
}

/** What the helper costs with each set of owner sources: under a flood of small datagrams, and while a crowd idles. */
export async function measureCost(): Promise<void> {
  console.error('bench: cost …');
  const sets = [
    ['all owner sources', []],
    ['without the owner map', ['owner-map']],
    ['without process events too', ['owner-map', 'process-events']],
  ] as const;
  const rows: (readonly string[])[] = [];
  for (const [name, leftOut] of sets) {
    const { perMillion, packets, idle } = await measure(leftOut);
    rows.push([name, `${perMillion.toFixed(2)} s`, String(packets), `${(idle * 100).toFixed(2)} %`]);
  }
  const { processes, socketsEach } = crowd;
  printTable(['helper', 'CPU per million packets', 'packets', `CPU while ${processes} processes with ${processes * socketsEach} sockets idle`], rows);
}
