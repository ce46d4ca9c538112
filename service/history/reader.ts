import type { Database, Statement } from 'better-sqlite3';
import { dateText } from '../../core/history/calendar.ts';
import { addCounts, bytesOf, countsOf, noCounts } from '../../core/history/counts.ts';
import type { Counts } from '../../core/history/counts.ts';
import { clippedGap } from '../../core/history/gaps.ts';
import type { Range, RangePlan } from '../../core/history/pieces.ts';
import type { TopQuery, TopResult, UsageQuery, UsageRow } from '../../core/history/query.ts';
import { firstBucket, gapsBetween } from '../../core/history/read-statements.ts';
import { startOf } from '../../core/history/tiers.ts';
import { Gap } from '../../protocol/app.ts';
import type { Report, ReportRequest, ReportRow } from '../../protocol/app.ts';
import { epochMs } from '../../protocol/units.ts';
import type { EpochMs } from '../../protocol/units.ts';
import { sumsByDay } from './day-sums.ts';
import type { GapRow } from './gap-rows.ts';
import { Names } from './names.ts';
import { Sums, conditionsOf } from './sums.ts';

/** Answers questions from one open history. Works beside a writer, in this process or another. */
export class HistoryReader {
  readonly #names: Names;
  readonly #sums: Sums;
  readonly #first: Statement<[], { bucket: number | null }>;
  readonly #gaps: Statement<[number, number], GapRow>;
  readonly #atOnce: <Result>(read: () => Result) => Result;

  constructor(database: Database) {
    this.#names = new Names(database);
    this.#sums = new Sums(database);
    this.#first = database.prepare(firstBucket);
    this.#gaps = database.prepare(gapsBetween);
    // One transaction: all pieces of an answer are of the same instant, even while a write goes on.
    this.#atOnce = (read) => database.transaction(read)();
  }

  /** Usage by one key, all rows of it: the answer to `tidewatch report`. */
  report(request: ReportRequest, now: EpochMs): Report {
    return this.#atOnce(() => {
      const plan = this.#plan(request, now);
      const rows = request.by === 'day' ? this.#dayRows(plan) : this.#reportRows(plan, request.by);
      const total = rows.reduce<Counts>((sum, row) => addCounts(sum, row), noCounts);
      return { from: epochMs(plan.from), to: epochMs(plan.to), by: request.by, rows, total, gaps: this.#gapsIn(plan) };
    });
  }

  /** The largest rows by one key, the rest of them as one row, and the total. */
  top(query: TopQuery, now: EpochMs): TopResult {
    return this.#atOnce(() => {
      const plan = this.#plan(query, now);
      const rows = this.#rows(plan, query);
      const rest = rows.slice(query.limit);
      const sum = (some: readonly Counts[]): Counts => some.reduce<Counts>((total, row) => addCounts(total, row), noCounts);
      return {
        from: epochMs(plan.from),
        to: epochMs(plan.to),
        rows: rows.slice(0, query.limit),
        other: rest.length === 0 ? null : { keys: rest.length, ...sum(rest) },
        total: sum(rows),
        gaps: this.#gapsIn(plan),
      };
    });
  }

  #plan(query: UsageQuery, now: EpochMs): RangePlan {
    const first = this.#first.get()?.bucket;
    const from = query.from ?? (first === null || first === undefined ? now : startOf('day', first));
    return this.#sums.plan({ from: Math.floor(from), to: Math.floor(Math.max(from, query.to ?? now)) });
  }

  #rows(plan: RangePlan, query: TopQuery): readonly UsageRow[] {
    const sums = this.#sums.byKey(plan, query.by, conditionsOf(query.filter ?? {}, this.#names));
    return [...sums]
      .toSorted(([, a], [, b]) => bytesOf(b) - bytesOf(a))
      .map(([id, counts]) => ({ ...this.#names.of(query.by, id), ...counts }));
  }

  #reportRows(plan: RangePlan, by: Exclude<ReportRequest['by'], 'day'>): ReportRow[] {
    return this.#rows(plan, { by, limit: Infinity }).map((row) => ({ key: row.key, ...countsOf(row) }));
  }

  #dayRows(plan: RangePlan): ReportRow[] {
    return sumsByDay(plan, this.#sums, new Map()).map((day) => ({ key: dateText(day.date), ...countsOf(day) }));
  }

  #gapsIn(range: Range): Gap[] {
    return this.#gaps
      .all(range.from, range.to)
      .map((row) => clippedGap(Gap.parse({ from: row.start, to: row.finish, reason: row.reason }), range.from, range.to))
      .filter((gap) => gap !== null);
  }
}
