import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { projectRoot, startProgram } from '../../scenario/harness/program.ts';
import { missingPrograms } from '../../scenario/harness/requirements.ts';
import type { RequiredProgram } from '../../scenario/harness/requirements.ts';
import { atMost, megabytes, median, pendingRow } from '../table.ts';
import type { Row } from '../table.ts';
import { watchCost } from '../usage.ts';
import { repeatRealCapture, synthesizeCapture } from './capture-file.ts';
import type { LargeCapture } from './capture-file.ts';
import { growingCapture } from './growing-capture.ts';

const part = 'reading';

/** Enough that starting a process weighs little. */
const wantedPackets = 2_000_000;
const runs = 3;
/** Different flows of the files that show what memory does. */
const newFlows = [100_000, 400_000] as const;

/** A program that reads a whole capture file and adds up its conversations, or less. */
interface Reader {
  readonly name: string;
  readonly needs: readonly RequiredProgram[];
  readonly runs: number;
  command(file: string): readonly [string, ...string[]];
}

const tidewatch: Reader = {
  name: 'tidewatch read',
  needs: [],
  runs,
  command: (file) => [process.execPath, `${projectRoot}bin/tidewatch`, 'read', file, '--json'],
};

const peers: readonly Reader[] = [
  { name: 'ndpiReader', needs: ['ndpiReader'], runs, command: (file) => ['ndpiReader', '-i', file, '-q'] },
  { name: 'tcpdump -r', needs: ['tcpdump'], runs, command: (file) => ['tcpdump', '-n', '-r', file, '-w', '/dev/null'] },
  // Slower by far, so once is enough.
  { name: 'tshark -q -z conv,ip', needs: ['tshark'], runs: 1, command: (file) => ['tshark', '-n', '-r', file, '-q', '-z', 'conv,ip'] },
];

/** Medians of several runs. */
interface Figure {
  readonly seconds: number;
  readonly cpu: number;
  readonly peakBytes: number;
}

async function measureOnce(reader: Reader, file: string): Promise<Figure> {
  const [command, ...words] = reader.command(file);
  const begin = performance.now();
  const program = startProgram(command, words, { onLine: () => undefined });
  const ended = program.ended.then((outcome) => ({ outcome, seconds: (performance.now() - begin) / 1000 }));
  const { cpu, peakBytes } = await watchCost(program.pid, ended);
  const { outcome, seconds } = await ended;
  if (outcome.code !== 0) throw new Error(`${reader.name} failed: ${outcome.stderr.slice(-500)}`);
  return { seconds, cpu, peakBytes };
}

async function measure(reader: Reader, file: string): Promise<Figure> {
  const figures: Figure[] = [];
  for (let run = 0; run < reader.runs; run += 1) figures.push(await measureOnce(reader, file));
  return {
    seconds: median(figures.map(({ seconds }) => seconds)),
    cpu: median(figures.map(({ cpu }) => cpu)),
    peakBytes: Math.max(...figures.map(({ peakBytes }) => peakBytes)),
  };
}

function describe(capture: LargeCapture, { seconds, cpu, peakBytes }: Figure): string {
  const perSecond = `${(capture.packets / seconds / 1e6).toFixed(2)} M packets/s, ${(capture.bytes / seconds / 1e6).toFixed(0)} MB/s`;
  return `${perSecond}, ${cpu.toFixed(1)} s CPU, peak ${megabytes(peakBytes)}`;
}

async function rowsFor(capture: LargeCapture): Promise<Row[]> {
  readFileSync(capture.path, { flag: 'r' }); // into the page cache, so that nobody pays for the disk
  const own = await measure(tidewatch, capture.path);
  const rows: Row[] = [];
  for (const peer of peers) {
    const missing = missingPrograms(peer.needs);
    if (missing !== null) {
      rows.push(pendingRow(part, `${capture.origin} beside ${peer.name}`, missing));
      continue;
    }
    const figure = await measure(peer, capture.path);
    const ratio = own.seconds / figure.seconds;
    const row: Row = { part, what: capture.origin, measured: describe(capture, own), beside: `${peer.name}: ${describe(capture, figure)}`, ratio };
    rows.push(peer.name === 'ndpiReader' ? { ...row, budget: '≤ 1 (time)', verdict: atMost(ratio, 1) } : row);
  }
  return rows;
}

/** Memory on files in which every flow and name is new: it may grow with those, up to the reader's bounds. */
async function rowsForGrowth(folder: string): Promise<Row[]> {
  const rows: Row[] = [];
  for (const flows of newFlows) {
    const capture = growingCapture(`${folder}/growing.pcap`, flows);
    const figure = await measureOnce(tidewatch, capture.path);
    rows.push({ part, what: capture.origin, measured: describe(capture, figure) });
  }
  return rows;
}

/** How fast capture files are read, beside programs that do as much or less. The files are made now and removed. */
export async function benchReading(): Promise<readonly Row[]> {
  const folder = mkdtempSync(path.join(tmpdir(), 'tidewatch-bench-'));
  try {
    const real = repeatRealCapture(folder, wantedPackets);
    const rows = real === null ? [pendingRow(part, 'a real capture', 'no captures beside the checkout')] : await rowsFor(real);
    return [...rows, ...(await rowsFor(synthesizeCapture(folder, wantedPackets))), ...(await rowsForGrowth(folder))];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
