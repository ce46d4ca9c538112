import type { Database, Statement } from 'better-sqlite3';
import * as sql from '../../core/history/keep-statements.ts';
import type { Piece, Range, RangePlan } from '../../core/history/pieces.ts';
import { tierCodes } from '../../core/history/read-statements.ts';
import { subtractRows } from '../../core/history/subtract.ts';
import type { BucketRow, HostFact } from '../../core/history/subtract.ts';
import { quarterMs, startOf, tierNames, tiers } from '../../core/history/tiers.ts';
import type { TierName } from '../../core/history/tiers.ts';
import { Sums } from './sums.ts';

/** A bucket, and the part of it that is to go, in ms since the epoch. */
interface Cut {
  readonly bucket: number;
  readonly whole: boolean;
  readonly part: Range;
}

/** Reads and rewrites the rows of single buckets. */
class Buckets {
  readonly #database: Database;
  readonly #host: Statement<[number], HostFact>;

  constructor(database: Database) {
    this.#database = database;
    this.#host = database.prepare(sql.hostFact);
  }

  rowsOf(piece: Piece): readonly BucketRow[] {
    return this.#database.prepare<[number, number], BucketRow>(sql.usageBetween(piece.tier)).all(piece.from, piece.to);
  }

  delete(tier: TierName, bucket: number): number {
    return this.#database.prepare<[number, number]>(sql.deleteUsageBetween(tier)).run(bucket, bucket + 1).changes;
  }

  /** Takes rows out of a bucket. Returns how many rows have left it. */
  subtract(tier: TierName, bucket: number, gone: readonly BucketRow[]): number {
    const rows = this.rowsOf({ tier, from: bucket, to: bucket + 1 });
    const left = subtractRows(rows, gone, (host) => this.#host.get(host) ?? null).filter(hasCounts);
    this.delete(tier, bucket);
    const insert = this.#database.prepare<number[]>(sql.insertUsage(tier));
    for (const row of left) {
      const { rxBytes, txBytes, rxPackets, txPackets, connections } = row;
      insert.run(bucket, row.party, row.host, rxBytes, txBytes, rxPackets, txPackets, connections);
    }
    return rows.length - left.length;
  }
}

function hasCounts(row: BucketRow): boolean {
  return row.rxBytes + row.txBytes + row.rxPackets + row.txPackets + row.connections > 0;
}

function clip(range: Range, bounds: Range): Range {
  return { from: Math.max(range.from, bounds.from), to: Math.min(range.to, bounds.to) };
}

/** The day or month buckets that a range meets: those of its spans, each as far as it goes. */
function calendarCuts(tier: 'day' | 'month', range: Range, sums: Sums): readonly Cut[] {
  const bounds = new Map<number, Range>();
  for (const span of sums.spansAround(range)) {
    const bucket = tier === 'day' ? span.start : span.month;
    bounds.set(bucket, { from: bounds.get(bucket)?.from ?? span.start * quarterMs, to: span.finish * quarterMs });
  }
  return [...bounds]
    .map(([bucket, bound]) => ({ bucket, whole: bound.from >= range.from && bound.to <= range.to, part: clip(range, bound) }))
    .filter(({ part }) => part.to > part.from);
}

/** The edge buckets of a fine tier that a range cuts through. */
function fineCuts(tier: TierName, range: Range): readonly Cut[] {
  const { unitMs } = tiers[tier];
  const edges = new Set([range.from, range.to].filter((edge) => edge % unitMs !== 0).map((edge) => Math.floor(edge / unitMs)));
  return [...edges].map((bucket) => ({
    bucket,
    whole: false,
    part: clip(range, { from: startOf(tier, bucket), to: startOf(tier, bucket + 1) }),
  }));
}

/**
 * Deletes a range from every tier. Its edges are moved as those of any range are (see `planRange`): as sharp as what is kept.
 * A coarser bucket that reaches beyond the range loses exactly what the finer tiers say was inside. Returns how many rows went.
 * The sums are not right before they are made anew. Inside a transaction.
 */
export function forgetBetween(database: Database, asked: Range): number {
  const sums = new Sums(database);
  const buckets = new Buckets(database);
  const plan: RangePlan = sums.plan({ from: Math.max(0, Math.floor(asked.from)), to: Math.floor(asked.to) });
  let rows = 0;
  // The coarsest first: what a bucket loses is read from itself or from finer tiers, which must still have it.
  for (const tier of tierNames.toReversed()) {
    const calendar = tier === 'day' || tier === 'month';
    const cuts = calendar ? calendarCuts(tier, plan, sums) : fineCuts(tier, plan);
    for (const { bucket, whole, part } of cuts) {
      if (whole) rows += buckets.delete(tier, bucket);
      else rows += buckets.subtract(tier, bucket, sums.plan(part, tier).pieces.flatMap((piece) => buckets.rowsOf(piece)));
    }
    if (!calendar) rows += deleteWhole(database, tier, plan);
  }
  database.prepare<[number, number]>(sql.deleteGapsBetween).run(plan.from, plan.to);
  return rows;
}

function deleteWhole(database: Database, tier: TierName, range: Range): number {
  const from = Math.ceil(range.from / tiers[tier].unitMs);
  const to = Math.floor(range.to / tiers[tier].unitMs);
  if (to <= from) return 0;
  database.prepare<[number, number, number]>(sql.deleteCoverageBetween).run(tierCodes[tier], from, to);
  return database.prepare<[number, number]>(sql.deleteUsageBetween(tier)).run(from, to).changes;
}
