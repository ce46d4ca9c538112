import { createNetwork } from '../../scenario/harness/namespace.ts';
import type { Network } from '../../scenario/harness/namespace.ts';
import { missingPrograms } from '../../scenario/harness/requirements.ts';
import { maximumFlows, prepareFlood, receivedPackets } from '../flood.ts';
import type { Flood } from '../flood.ts';
import { atMost, megabytes, median, pendingRow } from '../table.ts';
import type { Row } from '../table.ts';
import { cpuSeconds } from '../usage.ts';
import { prepareCap } from './cap.ts';
import type { Contender } from './contender.ts';
import { nethogs, tcpdump } from './peers.ts';
import { startMeasured, tidewatch } from './tidewatch.ts';

const part = 'capture';

/** Helper CPU seconds for a million packets, and its largest share of nethogs' (DESIGN, budgets). */
const budget = { secondsPerMillion: 0.3, shareOfNethogs: 0.2, helperBytes: 80e6, serviceBytes: 130e6 } as const;

/** The rate at which nothing may be dropped. */
const rate = 400_000;
const runs = 3;
const seconds = 4;

/** One contender under one flood, the median of its runs. */
interface Figure {
  readonly contender: Contender;
  readonly secondsPerMillion: number;
  readonly packetsPerSecond: number;
  /** Over all runs; null where the contender does not tell. */
  readonly dropped: number | null;
  readonly seen: number | null;
  readonly sent: number;
}

async function measureOnce(network: Network, flood: Flood, contender: Contender, flows: number): Promise<Omit<Figure, 'contender'>> {
  const running = await contender.start(network);
  const before = receivedPackets(network);
  const cpuBefore = cpuSeconds(running.pid);
  const { packetsPerSecond } = await flood.run({ rate, flows, seconds });
  await running.settle();
  const cpu = cpuSeconds(running.pid) - cpuBefore;
  const sent = receivedPackets(network) - before;
  const { packets, dropped } = await running.finish();
  return { secondsPerMillion: cpu / ((packets ?? sent) / 1e6), packetsPerSecond, dropped, seen: packets, sent };
}

async function measure(network: Network, flood: Flood, contender: Contender, flows: number): Promise<Figure> {
  const figures: Omit<Figure, 'contender'>[] = [];
  for (let run = 0; run < runs; run += 1) figures.push(await measureOnce(network, flood, contender, flows));
  const total = (counts: readonly (number | null)[]): number | null =>
    counts.reduce((sum, count) => (sum === null || count === null ? null : sum + count), 0);
  return {
    contender,
    secondsPerMillion: median(figures.map((figure) => figure.secondsPerMillion)),
    packetsPerSecond: median(figures.map((figure) => figure.packetsPerSecond)),
    dropped: total(figures.map((figure) => figure.dropped)),
    seen: total(figures.map((figure) => figure.seen)),
    sent: figures.reduce((sum, figure) => sum + figure.sent, 0),
  };
}

function seenText({ seen, dropped, sent }: Figure): string {
  if (seen === null) return 'drops not told';
  return dropped === null ? `${((1 - seen / sent) * 100).toFixed(1)} % not seen` : `${dropped} dropped`;
}

function rowsOf(flows: number, figures: readonly Figure[]): Row[] {
  const own = figures.find((figure) => figure.contender === tidewatch);
  if (own === undefined) return [];
  const label = `${flows} ${flows === 1 ? 'flow' : 'flows'} at ${(own.packetsPerSecond / 1000).toFixed(0)} k packets/s`;
  const cost = (figure: Figure): string => `${figure.secondsPerMillion.toFixed(3)} s per million, ${seenText(figure)}`;
  const beside = figures.filter((figure) => figure !== own).map((figure): Row => {
    const ratio = own.secondsPerMillion / figure.secondsPerMillion;
    const row = { part, what: label, measured: cost(own), beside: `${figure.contender.name}: ${cost(figure)}`, ratio };
    return figure.contender === nethogs ? { ...row, budget: `≤ ${budget.shareOfNethogs}`, verdict: atMost(ratio, budget.shareOfNethogs) } : row;
  });
  return [
    { part, what: `${label}: helper CPU`, measured: cost(own), budget: `≤ ${budget.secondsPerMillion} s`, verdict: atMost(own.secondsPerMillion, budget.secondsPerMillion) },
    { part, what: `${label}: drops`, measured: `${own.dropped} of ${own.sent}`, budget: '0', verdict: atMost(own.dropped ?? 1, 0) },
    ...beside,
  ];
}

/** Drops and memory of Tidewatch alone while `traffic` runs. */
async function underTraffic(network: Network, what: string, traffic: () => Promise<void>): Promise<Row[]> {
  const running = await startMeasured(network);
  const helperBefore = cpuSeconds(running.pid);
  const serviceBefore = cpuSeconds(running.servicePid);
  await traffic();
  await running.settle();
  const cpu = `helper ${(cpuSeconds(running.pid) - helperBefore).toFixed(2)} s, service ${(cpuSeconds(running.servicePid) - serviceBefore).toFixed(2)} s of CPU`;
  const { helper, service } = running.memory();
  const { packets, dropped } = await running.finish();
  const memoryRow = (name: string, bytes: { resident: number; proportional: number }, limit: number): Row => ({
    part,
    what: `memory of the ${name} after ${what}`,
    measured: `${megabytes(bytes.resident)} resident, ${megabytes(bytes.proportional)} proportional`,
    budget: `≤ ${megabytes(limit)}`,
    verdict: atMost(bytes.resident, limit),
  });
  return [
    { part, what: `${what}: drops`, measured: `${dropped} of ${(packets ?? 0) + (dropped ?? 0)} (${cpu})`, budget: '0', verdict: atMost(dropped ?? 1, 0) },
    memoryRow('helper', helper, budget.helperBytes),
    memoryRow('service', service, budget.serviceBytes),
  ];
}

async function iperfRows(network: Network): Promise<Row[]> {
  const missing = missingPrograms(['iperf3']);
  if (missing !== null) return [pendingRow(part, 'iperf3 at its highest rate', missing)];
  const { startIperfServer, runIperf } = await import('./iperf.ts');
  await startIperfServer(network);
  const rows: Row[] = [];
  for (const kind of ['small UDP', 'TCP'] as const) {
    rows.push(...(await underTraffic(network, `iperf3 ${kind} at its highest rate`, () => runIperf(network, kind, seconds))));
  }
  return rows;
}

/** What capturing costs and loses, beside nethogs, tcpdump and npm's cap under the same flood. */
export async function benchCapture(): Promise<readonly Row[]> {
  const missing = missingPrograms(['ip', 'cc', 'make']);
  if (missing !== null || process.getuid?.() !== 0) return [pendingRow(part, 'capture', missing ?? 'network namespaces need root')];
  using network = createNetwork();
  const flood = await prepareFlood(network);
  const contenders = [tidewatch, nethogs, tcpdump, prepareCap(`${network.folder}/cap`)];
  const rows: Row[] = contenders.flatMap(({ name, pending }) => (pending === null ? [] : [pendingRow(part, name, pending)]));
  for (const flows of [1, maximumFlows]) {
    const figures: Figure[] = [];
    for (const contender of contenders.filter(({ pending }) => pending === null)) figures.push(await measure(network, flood, contender, flows));
    rows.push(...rowsOf(flows, figures));
  }
  rows.push(...(await underTraffic(network, 'a flood of 10 000 flows', async () => void (await flood.run({ rate, flows: maximumFlows, seconds: 5 })))));
  rows.push(...(await underTraffic(network, 'a flood as fast as the generator goes', async () => void (await flood.run({ rate: 0, flows: 1, seconds: 4 })))));
  rows.push(...(await iperfRows(network)));
  return rows;
}
