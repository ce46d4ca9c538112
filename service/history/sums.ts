import type { Database, Statement } from 'better-sqlite3';
import { addCounts, countsOf } from '../../core/history/counts.ts';
import type { Counts } from '../../core/history/counts.ts';
import type { DaySpan } from '../../core/history/day-span.ts';
import type { Floors, Piece, RangePlan, Range } from '../../core/history/pieces.ts';
import { monthReachMs, planRange } from '../../core/history/pieces.ts';
import { scopeCodes } from '../../core/history/codes.ts';
import type { UsageFilter } from '../../core/history/query.ts';
import { conditionNames, countedUntil, spansBetween, sumParameters, sumUsage } from '../../core/history/read-statements.ts';
import type { ConditionName, Grouping } from '../../core/history/read-statements.ts';
import { quarterMs } from '../../core/history/tiers.ts';
import type { TierName } from '../../core/history/tiers.ts';
import type { Names } from './names.ts';
import { TierFloors } from './tier-floors.ts';

/** A row of sums: its group's number (and the second group's). */
export interface SumRow extends Counts {
  readonly key: number;
  readonly key2: number;
}

/** A filter as the numbers that a statement takes; null where it names something the history has never seen. */
export type Conditions = ReadonlyMap<ConditionName, number> | null;

/** Turns the words of a filter into numbers. */
export function conditionsOf(filter: UsageFilter, names: Names): Conditions {
  const found: readonly (readonly [ConditionName, number | null | undefined])[] = [
    ['country', filter.country === undefined ? undefined : names.countryId(filter.country)],
    ['service', filter.service === undefined ? undefined : names.serviceId(filter.service)],
    ['app', filter.app === undefined ? undefined : names.appId(filter.app)],
    ['domain', filter.domain === undefined ? undefined : names.domainId(filter.domain)],
    ['host', filter.host === undefined ? undefined : names.hostId(filter.host)],
    ['network', filter.network === undefined ? undefined : names.networkId(filter.network)],
    ['scope', filter.scope === undefined ? undefined : scopeCodes[filter.scope]],
  ];
  const conditions = new Map<ConditionName, number>();
  for (const [name, id] of found) {
    if (id === null) return null;
    if (id !== undefined) conditions.set(name, id);
  }
  return conditions;
}

/** Sums over pieces of the tiers. */
export class Sums {
  readonly #database: Database;
  readonly #floors: TierFloors;
  readonly #spans: Statement<[number, number], DaySpan>;
  readonly #countedUntil: Statement<[], { time: number }>;
  /** One for each shape: tiers × groupings × filters, a few hundred at most. */
  readonly #statements = new Map<string, Statement<number[], SumRow>>();

  constructor(database: Database) {
    this.#database = database;
    this.#floors = new TierFloors(database);
    this.#spans = database.prepare(spansBetween);
    this.#countedUntil = database.prepare(countedUntil);
  }

  /** Since when each fine tier is complete. */
  floors(): Floors {
    return this.#floors.read();
  }

  /** The day spans that meet a range, in order. */
  spans(range: Range): readonly DaySpan[] {
    // A row per day: a range of a hundred years is no burden.
    return this.#spans.all(Math.floor(range.from / quarterMs), Math.ceil(range.to / quarterMs) + 1);
  }

  /** The day spans of all months that a range meets. */
  spansAround(range: Range): readonly DaySpan[] {
    return this.spans({ from: Math.max(0, range.from - monthReachMs), to: range.to + monthReachMs });
  }

  /** Plans a range: see `planRange`. */
  plan(range: Range, coarsest: TierName = 'month'): RangePlan {
    const countedUntil = this.#countedUntil.get()?.time ?? Infinity;
    return planRange(range, { floors: this.#floors.read(), spans: this.spansAround(range), countedUntil }, coarsest);
  }

  /** Plans a range as if there were quarter-hours and days only. */
  planSide(range: Range): RangePlan {
    const countedUntil = this.#countedUntil.get()?.time ?? Infinity;
    const floors = { ...this.#floors.read(), recent: Infinity, minute: Infinity };
    return planRange(range, { floors, spans: this.spansAround(range), countedUntil }, 'day');
  }

  /** Rows of one piece. */
  ofPiece(piece: Piece, groupings: readonly Grouping[], conditions: Conditions): readonly SumRow[] {
    if (conditions === null) return [];
    const used = conditionNames.filter((name) => conditions.has(name));
    const shape = { tier: piece.tier, groupings, conditions: used };
    const text = sumUsage(shape);
    const statement = this.#statements.get(text) ?? this.#database.prepare<number[], SumRow>(text);
    this.#statements.set(text, statement);
    const values = used.map((name) => conditions.get(name) ?? 0);
    // Without a group SQLite answers one row of nulls where there is nothing.
    return statement.all(...sumParameters(shape, piece, values)).filter((row) => row.rxBytes !== null);
  }

  /** Sums of a whole plan by one grouping. */
  byKey(plan: RangePlan, grouping: Grouping, conditions: Conditions): ReadonlyMap<number, Counts> {
    const sums = new Map<number, Counts>();
    for (const piece of plan.pieces) {
      for (const row of this.ofPiece(piece, [grouping], conditions)) {
        const known = sums.get(row.key);
        sums.set(row.key, known === undefined ? countsOf(row) : addCounts(known, row));
      }
    }
    return sums;
  }
}
