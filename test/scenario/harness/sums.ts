import assert from 'node:assert/strict';
import type { LiveLine } from './tidewatch.ts';

/** Bytes of one thing over several intervals. */
export interface Bytes {
  readonly rxBytes: number;
  readonly txBytes: number;
}

const nothing: Bytes = { rxBytes: 0, txBytes: 0 };

function plus(left: Bytes, right: Bytes): Bytes {
  return { rxBytes: left.rxBytes + right.rxBytes, txBytes: left.txBytes + right.txBytes };
}

export function sumOf(rows: readonly Bytes[]): Bytes {
  return rows.reduce(plus, nothing);
}

/** Sums by key. */
export function sumBy<Row extends Bytes, Key>(rows: readonly Row[], keyOf: (row: Row) => Key): ReadonlyMap<Key, Bytes> {
  const sums = new Map<Key, Bytes>();
  for (const row of rows) sums.set(keyOf(row), plus(sums.get(keyOf(row)) ?? nothing, row));
  return sums;
}

/** What some seconds of `live` say together. */
export interface LiveSums {
  readonly total: Bytes;
  readonly apps: ReadonlyMap<string | null, Bytes>;
  /** The parts of the apps' rows whose owner is exact. */
  readonly exact: ReadonlyMap<string | null, Bytes>;
  readonly domains: ReadonlyMap<string | null, Bytes>;
  readonly hosts: ReadonlyMap<string | null, Bytes>;
  readonly droppedPackets: number;
}

export function sumLines(lines: readonly LiveLine[]): LiveSums {
  const apps = lines.flatMap((line) => line.apps);
  return {
    total: sumOf(lines.map((line) => line.totals)),
    apps: sumBy(apps, (row) => row.app),
    exact: sumBy(apps.map(({ app, exact }) => ({ app, ...exact })), (row) => row.app),
    domains: sumBy(lines.flatMap((line) => line.domains), (row) => row.domain),
    hosts: sumBy(lines.flatMap((line) => line.connections), (row) => row.host),
    droppedPackets: lines.reduce((sum, line) => sum + line.coverage.droppedPackets, 0),
  };
}

/** In every second: sum by app = sum by domain = sum by connection = total, and the certainties add up to it. */
export function assertConserved(lines: readonly LiveLine[]): void {
  for (const line of lines) {
    const at = `in the second up to ${new Date(line.time).toISOString()}`;
    assert.deepEqual(sumOf(line.apps), line.totals, `apps add up to the total ${at}`);
    assert.deepEqual(sumOf(line.domains), line.totals, `domains add up to the total ${at}`);
    assert.deepEqual(sumOf([...line.connections, line.otherConnections]), line.totals, `connections add up to the total ${at}`);
    const { exactBytes, inferredBytes, unknownBytes, capturedBytes } = line.coverage;
    assert.equal(exactBytes + inferredBytes + unknownBytes, capturedBytes, `certainties add up to what was captured ${at}`);
  }
}

/** The largest share by which a measured sum may differ from the independent counters. */
const tolerance = 0.005;

/** How far two sums are apart, as a share of the true one. */
function deviation(measured: number, truth: number): number {
  return truth === 0 ? measured : Math.abs(measured - truth) / truth;
}

/** Asserts that `measured` is within half a percent of what the peer counted, in each direction; returns the larger deviation. */
export function assertClose(what: string, measured: Bytes | undefined, truth: Bytes): number {
  const found = measured ?? nothing;
  const worst = Math.max(deviation(found.rxBytes, truth.rxBytes), deviation(found.txBytes, truth.txBytes));
  assert.ok(
    worst <= tolerance,
    `${what}: measured ${found.rxBytes} down and ${found.txBytes} up, the peer counted ${truth.rxBytes} and ${truth.txBytes} (${(worst * 100).toFixed(3)} % apart)`,
  );
  return worst;
}
