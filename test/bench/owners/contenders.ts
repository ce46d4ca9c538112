import { setTimeout as delay } from 'node:timers/promises';
import { linkName } from '../../scenario/harness/namespace.ts';
import type { Namespace, Network } from '../../scenario/harness/namespace.ts';
import type { Program } from '../../scenario/harness/program.ts';
import { install, startLive } from '../../scenario/harness/tidewatch.ts';
import type { LiveLine, LiveRun } from '../../scenario/harness/tidewatch.ts';
import { until } from '../../scenario/harness/until.ts';

/** What a program told of one trial: IP bytes by the app it named, `null` for those it named nobody for. */
export type Told = ReadonlyMap<string | null, number>;

/** A program that names owners. */
export interface Contender extends AsyncDisposable {
  readonly name: string;
  /** What is told from now on counts. */
  begin(): Promise<void>;
  /** What has been told since {@link begin}, when all of it has arrived. */
  end(): Promise<Told>;
}

function add(sums: Map<string | null, number>, app: string | null, bytes: number): void {
  sums.set(app, (sums.get(app) ?? 0) + bytes);
}

/** Sums the app rows of lines, what stays inside the machine among them. Reasons that mean "the kernel itself" are a name, not an unknown. */
export function toldByLines(lines: readonly LiveLine[]): Map<string | null, number> {
  const sums = new Map<string | null, number>();
  for (const { apps, inside } of lines) {
    for (const row of [...apps, ...inside.apps]) add(sums, row.exe ?? (row.reason === 'kernel' ? 'kernel' : null), row.rxBytes + row.txBytes);
  }
  return sums;
}

/** The share of the named bytes that is exact, over lines. */
export function exactBytes(lines: readonly LiveLine[]): number {
  return lines.flatMap(({ apps }) => apps).reduce((sum, { exact }) => sum + exact.rxBytes + exact.txBytes, 0);
}

/** `tidewatch live --json` as a person would run it, with loopback. */
export async function startTidewatchContender(network: Network): Promise<Contender & { readonly run: LiveRun; lines(): readonly LiveLine[] }> {
  const run = await startLive(install(network), ['--interface', linkName, '--loopback']);
  let begun = 0;
  const lines = (): readonly LiveLine[] => run.lines.slice(begun);
  return {
    name: 'Tidewatch',
    run,
    lines,
    begin: async () => {
      await run.settled();
      begun = run.lines.length;
    },
    end: async () => {
      await run.settled();
      return toldByLines(lines());
    },
    [Symbol.asyncDispose]: () => run[Symbol.asyncDispose](),
  };
}

/** Peers refresh once a second: two refreshes after the traffic, all of it has been told. */
const refreshedMs = 2500;

/** Rows of nethogs' trace: `program/pid/uid<tab>sent<tab>received`, total bytes since the row appeared. */
function rowsOf(trace: string): ReadonlyMap<string, number> {
  const largest = new Map<string, number>();
  for (const line of trace.split('\n')) {
    const [name = '', sent = '', received = ''] = line.split('\t');
    const bytes = Number(sent) + Number(received);
    if (received !== '' && Number.isFinite(bytes)) largest.set(name, Math.max(bytes, largest.get(name) ?? 0));
  }
  return largest;
}

/** Program of a row's name, without pid and uid; null for what nethogs calls unknown. */
function programOf(name: string): string | null {
  const program = /^(?<path>.*)\/\d+\/\d+$/u.exec(name)?.groups?.['path'] ?? name;
  return program.startsWith('unknown') ? null : (program.split(' ')[0] ?? program);
}

/** nethogs counting UDP too; its bytes are frames, 14 more for each packet. */
export async function startNethogs(client: Namespace): Promise<Contender> {
  const output: string[] = [];
  const program = client.start('nethogs', ['-C', '-t', '-v', '2', '-d', '1', linkName], { onLine: (line) => output.push(line) });
  await until('nethogs to refresh', 10_000, () => output.some((line) => line.startsWith('Refreshing')));
  let before: ReadonlyMap<string, number> = new Map();
  return {
    name: 'nethogs',
    begin: async () => {
      before = rowsOf(output.splice(0).join('\n'));
    },
    end: async () => {
      await delay(refreshedMs);
      const sums = new Map<string | null, number>();
      for (const [name, bytes] of rowsOf(output.join('\n'))) add(sums, programOf(name), bytes - (before.get(name) ?? 0));
      return sums;
    },
    [Symbol.asyncDispose]: async () => void (await program.stop('SIGTERM')),
  };
}

/** bandwhich's raw lines: `process: <time> "name" up/down Bps: 1/2 connections: 3`, once a second. */
export async function startBandwhich(client: Namespace): Promise<Contender> {
  let sums = new Map<string | null, number>();
  const take = (line: string): void => {
    const row = /^process: <\d+> "(?<name>[^"]*)" up\/down Bps: (?<up>\d+)\/(?<down>\d+)/u.exec(line)?.groups;
    if (row !== undefined) add(sums, row['name'] === '<UNKNOWN>' ? null : (row['name'] ?? null), Number(row['up']) + Number(row['down']));
  };
  const program: Program = client.start('bandwhich', ['--raw', '--interface', linkName], { onLine: take });
  await delay(refreshedMs);
  return {
    name: 'bandwhich',
    begin: async () => {
      sums = new Map();
    },
    end: async () => {
      await delay(refreshedMs);
      return sums;
    },
    [Symbol.asyncDispose]: async () => void (await program.stop('SIGTERM')),
  };
}
