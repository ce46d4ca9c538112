import type { Database, Statement } from 'better-sqlite3';
import type { DaySpan } from '../../core/history/day-span.ts';
import type { Floors } from '../../core/history/pieces.ts';
import { deleteSideBetween, refineSideDays } from '../../core/history/side-statements.ts';
import { sideNames } from '../../core/history/side-tiers.ts';
import { bucketOf, fineTiers, quarterMs } from '../../core/history/tiers.ts';
import type { FineTierName } from '../../core/history/tiers.ts';
import { dayHasRows, dropFine, lastSpanBetween, readFloors, refineDays, writeFloor } from '../../core/history/write-statements.ts';
import type { DaySpans } from './day-spans.ts';

/** Reads and moves the floors: since when each tier is complete. */
export class TierFloors {
  readonly #database: Database;
  readonly #read: Statement<[], { readonly tier: string; readonly floor: number }>;

  constructor(database: Database) {
    this.#database = database;
    this.#read = database.prepare(readFloors);
  }

  read(): Floors {
    const floors = new Map(this.#read.all().map((row) => [row.tier, row.floor]));
    return {
      recent: floors.get('recent') ?? 0,
      minute: floors.get('minute') ?? 0,
      quarter: floors.get('quarter') ?? 0,
    };
  }

  /** Sets a floor, in ms since the epoch. Inside a transaction. */
  set(tier: FineTierName, floor: number): void {
    this.#database.prepare<[number, string]>(writeFloor).run(floor, tier);
  }

  /**
   * Brings floors back that lie in the future: the clock was far ahead, clean-up went by it, and it is right again. The fine
   * tiers are complete again from the end of today (from its beginning where it has no rows); days after it, which the wrong
   * clock made, have lost their fine rows and get them back as one bucket each. Inside a write's transaction.
   */
  recover(now: number, spans: DaySpans): void {
    const floors = this.read();
    if (fineTiers.every((tier) => floors[tier] <= now)) return;
    const today = spans.at(bucketOf('quarter', now));
    const begun = this.#database.prepare<[number]>(dayHasRows).get(today.start) !== undefined;
    const from = begun ? today.finish : today.start;
    let coarser = 0;
    for (const tier of fineTiers.toReversed()) {
      const recovered = Math.max(coarser, Math.min(floors[tier], from * quarterMs));
      if (recovered < floors[tier]) this.#refine(tier, from, bucketOf('quarter', floors[tier]));
      this.set(tier, recovered);
      coarser = recovered;
    }
  }

  /** Makes the rows of a fine tier anew from the days that begin among quarter-hours [from, to). */
  #refine(tier: FineTierName, from: number, to: number): void {
    const last = this.#database.prepare<[number, number], DaySpan>(lastSpanBetween).get(from, to);
    if (last === undefined) return;
    for (const kind of ['usage', 'party'] as const) {
      const drop = this.#database.prepare<[number, number]>(dropFine(kind, tier));
      drop.run(bucketOf(tier, from * quarterMs), bucketOf(tier, last.finish * quarterMs));
      this.#database.prepare<[number, number]>(refineDays(kind, tier)).run(from, to);
    }
    if (tier !== 'quarter') return;
    for (const name of sideNames) {
      this.#database.prepare<[number, number]>(deleteSideBetween(name, 'quarter')).run(from, last.finish);
      this.#database.prepare<[number, number]>(refineSideDays(name)).run(from, to);
    }
  }
}
