import type { Database, Statement } from 'better-sqlite3';
import { clippedGap } from '../../core/history/gaps.ts';
import type { Range, RangePlan } from '../../core/history/pieces.ts';
import type { UsageQuery } from '../../core/history/query.ts';
import * as sql from '../../core/history/read-statements.ts';
import { startOf } from '../../core/history/tiers.ts';
import type { TierName } from '../../core/history/tiers.ts';
import { Gap } from '../../protocol/app.ts';
import { epochMs } from '../../protocol/units.ts';
import type { EpochMs } from '../../protocol/units.ts';
import type { GapRow } from './gap-rows.ts';
import type { Sums } from './sums.ts';

/** What a query says of time. */
export type AskedRange = Pick<UsageQuery, 'from' | 'to'>;

/** Turns the range that was asked for into buckets. */
export class Ranges {
  readonly #sums: Sums;
  readonly #first: Statement<[], { bucket: number | null }>;
  readonly #gaps: Statement<[number, number], GapRow>;

  constructor(database: Database, sums: Sums) {
    this.#sums = sums;
    this.#first = database.prepare(sql.firstBucket);
    this.#gaps = database.prepare(sql.gapsBetween);
  }

  /** The beginning of the first day that is kept; null where there is none. */
  first(): EpochMs | null {
    const bucket = this.#first.get()?.bucket ?? null;
    return bucket === null ? null : epochMs(startOf('day', bucket));
  }

  /** Where a range begins. */
  from(asked: AskedRange, now: EpochMs): EpochMs {
    return asked.from ?? this.first() ?? now;
  }

  plan(asked: AskedRange, now: EpochMs, coarsest: TierName = 'month'): RangePlan {
    const from = Math.floor(this.from(asked, now));
    return this.#sums.plan({ from, to: Math.max(from, Math.floor(asked.to ?? now)) }, coarsest);
  }

  /** A plan of quarter-hours: it may begin later than was asked, because only so much is kept by them. */
  planQuarters(asked: AskedRange, now: EpochMs): RangePlan {
    const from = epochMs(Math.max(this.from(asked, now), this.#sums.floors().quarter));
    return this.plan({ ...asked, from }, now, 'quarter');
  }

  /** A plan of quarter-hours and days: what is kept beside the usage has no other tiers. */
  planSide(asked: AskedRange, now: EpochMs): RangePlan {
    const from = Math.floor(this.from(asked, now));
    return this.#sums.planSide({ from, to: Math.max(from, Math.floor(asked.to ?? now)) });
  }

  gapsIn(range: Range): Gap[] {
    return this.#gaps
      .all(range.from, range.to)
      .map((row) => clippedGap(Gap.parse({ from: row.start, to: row.finish, reason: row.reason }), range.from, range.to))
      .filter((gap) => gap !== null);
  }
}

/** The edges of an answer. */
export function edges(range: Range): { readonly from: EpochMs; readonly to: EpochMs } {
  return { from: epochMs(range.from), to: epochMs(range.to) };
}
