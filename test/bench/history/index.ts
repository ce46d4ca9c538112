import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import Database from 'better-sqlite3';
import { sumParameters, sumUsage, viewShapes } from '../../../core/history/read-statements.ts';
import { HistoryReader } from '../../../service/history/index.ts';
import type { History } from '../../../service/history/index.ts';
import { openForReading } from '../../../service/history/open.ts';
import { epochMs } from '../../../protocol/units.ts';
import { atMost, megabytes } from '../table.ts';
import type { Row } from '../table.ts';
import { fillYear, yearEnd } from './fill.ts';
import { makeHousehold } from './generate.ts';
import type { Household } from './generate.ts';
import { views } from './views.ts';

const part = 'history';
const seed = 1;
const runs = 20;
const queryBudgetMs = 50;
const writeBudgetMs = 20;
const fileBudgetBytes = 150e6;

/** The value that 95 of 100 do not exceed. NaN for none. */
function percentile95(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.ceil(values.length * 0.95) - 1] ?? Number.NaN;
}

function timed(act: () => unknown): number {
  const begin = performance.now();
  act();
  return performance.now() - begin;
}

function milliseconds(value: number): string {
  return `${value.toFixed(1)} ms`;
}

/** Ten seconds' writes of a busy hour, with a clean-up step after each, as the service does. */
function measureWrites(history: History, household: Household): readonly Row[] {
  const writes: number[] = [];
  const cleanUps: number[] = [];
  for (let step = 1; step <= 500; step += 1) {
    const time = epochMs(yearEnd + step * 10_000);
    for (const usage of household.usage(time, 10)) history.add(usage);
    history.addHttp(time, household.http(time));
    writes.push(timed(() => history.flush(time)));
    cleanUps.push(timed(() => history.cleanUp(time)));
  }
  const write = percentile95(writes);
  const longest = Math.max(...cleanUps, ...cleanUpOfADay(history));
  return [
    { part, what: 'one write, p95', measured: milliseconds(write), budget: `${writeBudgetMs} ms`, verdict: atMost(write, writeBudgetMs) },
    { part, what: 'one write, longest', measured: milliseconds(Math.max(...writes)) },
    { part, what: 'clean-up, longest block', measured: milliseconds(longest), budget: '50 ms', verdict: atMost(longest, 50) },
  ];
}

/** At midnight a whole day of quarter-hours leaves its tier at once: the most that clean-up ever has to do. */
function cleanUpOfADay(history: History): readonly number[] {
  const blocks: number[] = [];
  const tomorrow = epochMs(yearEnd + 86_400_000);
  let step = { more: true };
  while (step.more) {
    const begin = performance.now();
    step = history.cleanUp(tomorrow);
    blocks.push(performance.now() - begin);
  }
  return blocks;
}

function measureViews(reader: HistoryReader): readonly Row[] {
  return views.map((view) => {
    const p95 = percentile95(Array.from({ length: runs }, () => timed(() => view.read(reader))));
    return { part, what: view.name, measured: milliseconds(p95), budget: `${queryBudgetMs} ms`, verdict: atMost(p95, queryBudgetMs) };
  });
}

/** Every shape of sum, and whether SQLite finds its buckets through a key: `SEARCH`, not `SCAN`, of the fact table. */
function explainShapes(database: Database.Database): Row {
  const scanning = viewShapes.filter((shape) => {
    const values = shape.conditions.map(() => 1);
    const parameters = sumParameters(shape, { from: 0, to: 1 }, values);
    const plan = database.prepare<number[], { detail: string }>(`EXPLAIN QUERY PLAN ${sumUsage(shape)}`).all(...parameters);
    return !plan.some(({ detail }) => detail.startsWith('SEARCH fact USING PRIMARY KEY (bucket'));
  });
  const measured = `${viewShapes.length - scanning.length} of ${viewShapes.length}`;
  return { part, what: 'kinds of sum that use the key', measured, budget: 'all', verdict: atMost(scanning.length, 0) };
}

/** Makes a year of heavy use and measures what it takes on disk, to read, to write and to clean up. */
export function benchHistory(): Promise<readonly Row[]> {
  const folder = mkdtempSync(path.join(tmpdir(), 'tidewatch-bench-history-'));
  try {
    return Promise.resolve(measureYear(path.join(folder, 'history.sqlite')));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function measureYear(file: string): readonly Row[] {
  const household = makeHousehold(seed);
  const history = fillYear(file, household);
  const database = openForReading(file);
  const read = [...measureViews(new HistoryReader(database)), explainShapes(database)];
  const open = timed(() => new Database(file, { readonly: true }).pragma('quick_check(1)'));
  database.close();
  const written = measureWrites(history, household);
  history.close(yearEnd);
  const { size } = statSync(file);
  return [
    { part, what: 'one year: file', measured: megabytes(size), budget: '150 MB', verdict: atMost(size, fileBudgetBytes) },
    { part, what: 'check at opening', measured: milliseconds(open) },
    ...written,
    ...read,
  ];
}
