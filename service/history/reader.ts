import type { Database, Statement } from 'better-sqlite3';
import type { Calendar } from '../../core/history/calendar.ts';
import { addCounts, countsOf, noCounts } from '../../core/history/counts.ts';
import type { Counts } from '../../core/history/counts.ts';
import { clippedGap } from '../../core/history/gaps.ts';
import type { Range, RangePlan } from '../../core/history/pieces.ts';
import type {
  ComparedResult,
  HoursResult,
  QueryKey,
  Seen,
  StepsQuery,
  StepsResult,
  TopQuery,
  TopResult,
  UsageQuery,
  UsageRow,
} from '../../core/history/query.ts';
import * as sql from '../../core/history/read-statements.ts';
import { stepTier } from '../../core/history/stepping.ts';
import { quarterMs, startOf } from '../../core/history/tiers.ts';
import type { TierName } from '../../core/history/tiers.ts';
import { Gap } from '../../protocol/app.ts';
import type { Report, ReportRequest, ReportRow } from '../../protocol/app.ts';
import { epochMs } from '../../protocol/units.ts';
import type { EpochMs } from '../../protocol/units.ts';
import type { GapRow } from './gap-rows.ts';
import { Names } from './names.ts';
import { largest, sumSteps } from './steps.ts';
import { Sums, conditionsOf } from './sums.ts';
import type { Conditions } from './sums.ts';

function sumOf(rows: readonly Counts[]): Counts {
  return rows.reduce<Counts>((sum, row) => addCounts(sum, row), noCounts);
}

type SeenStatement = Statement<[number], { first: number | null; last: number | null }>;

/** Answers questions from one open history. Works beside a writer, in this process or another. */
export class HistoryReader {
  readonly #names: Names;
  readonly #sums: Sums;
  readonly #first: Statement<[], { bucket: number | null }>;
  readonly #gaps: Statement<[number, number], GapRow>;
  readonly #seen: Readonly<Record<'app' | 'domain' | 'host', SeenStatement>>;
  readonly #atOnce: <Result>(read: () => Result) => Result;

  constructor(database: Database) {
    this.#names = new Names(database);
    this.#sums = new Sums(database);
    this.#first = database.prepare(sql.firstBucket);
    this.#gaps = database.prepare(sql.gapsBetween);
    this.#seen = {
      app: database.prepare(sql.appSeen),
      domain: database.prepare(sql.domainSeen),
      host: database.prepare(sql.hostSeen),
    };
    // One transaction: all pieces of an answer are of the same instant, even while a write goes on.
    this.#atOnce = (read) => database.transaction(read)();
  }

  /** Usage by one key, all rows of it: the answer to `tidewatch report`. */
  report(request: ReportRequest, now: EpochMs): Report {
    return this.#atOnce(() => {
      const { by } = request;
      const plan = this.#plan(request, now, by === 'day' ? 'day' : 'month');
      const rows = by === 'day' ? this.#dayRows(plan) : this.#keyRows(plan, by);
      return { ...edges(plan), by, rows, total: sumOf(rows), gaps: this.#gapsIn(plan) };
    });
  }

  /** The largest rows by one key, the rest of them as one row, and the total. */
  top(query: TopQuery, now: EpochMs): TopResult {
    return this.#atOnce(() => {
      const plan = this.#plan(query, now);
      const sums = this.#sums.byKey(plan, query.by, this.#conditions(query));
      const ids = largest(sums, query.limit);
      const shown = new Set(ids);
      const rest = [...sums].filter(([id]) => !shown.has(id)).map(([, counts]) => counts);
      const other = rest.length === 0 ? null : { keys: rest.length, ...sumOf(rest) };
      const total = sumOf([...sums.values()]);
      return { ...edges(plan), rows: this.#rows(ids, sums, query.by), other, total, gaps: this.#gapsIn(plan) };
    });
  }

  /** The largest rows beside what they were in the period before, which ends where this one begins and is as long. */
  compare(query: TopQuery, now: EpochMs): ComparedResult {
    return this.#atOnce(() => {
      const plan = this.#plan(query, now);
      const before = this.#sums.plan({ from: Math.max(0, 2 * plan.from - plan.to), to: plan.from });
      const conditions = this.#conditions(query);
      const previous = this.#sums.byKey(before, query.by, conditions);
      const present = this.#sums.byKey(plan, query.by, conditions);
      const ids = largest(present, query.limit);
      const rows = this.#rows(ids, present, query.by).map((row, index) => ({
        ...row,
        previous: previous.get(ids[index] ?? -1) ?? noCounts,
      }));
      const totals = { total: sumOf([...present.values()]), previousTotal: sumOf([...previous.values()]) };
      return { ...edges(plan), previousFrom: epochMs(before.from), rows, ...totals };
    });
  }

  /** Usage over time, split by a key or not. Where only coarser buckets are kept than the steps, a step holds one of those. */
  steps(query: StepsQuery, now: EpochMs): StepsResult {
    return this.#atOnce(() => {
      const plan = this.#plan(query, now, stepTier[query.step]);
      const wanted = { plan, step: query.step, conditions: this.#conditions(query) };
      const gaps = this.#gapsIn(plan);
      const { split } = query;
      if (split === undefined) return { ...edges(plan), rows: [], steps: sumSteps(wanted, null, this.#sums), gaps };
      const ids = largest(this.#sums.byKey(this.#plan(query, now), split.by, wanted.conditions), split.limit);
      const rows = ids.map((id) => this.#names.of(split.by, id));
      const parts = { by: split.by, rows: new Map(ids.map((id, row) => [id, row])) };
      return { ...edges(plan), rows, steps: sumSteps(wanted, parts, this.#sums), gaps };
    });
  }

  /**
   * Usage by the hour of the local clock, as `calendar` has it now. Only what is kept by the quarter-hour has an hour, so the
   * answer may begin later than was asked.
   */
  hours(query: UsageQuery, now: EpochMs, calendar: Calendar): HoursResult {
    return this.#atOnce(() => {
      const from = epochMs(Math.max(this.#from(query, now), this.#sums.floors().quarter));
      const plan = this.#plan({ ...query, from }, now, 'quarter');
      const hours: Counts[] = Array.from({ length: 24 }, () => noCounts);
      for (const step of sumSteps({ plan, step: 'quarter', conditions: this.#conditions(query) }, null, this.#sums)) {
        const hour = calendar.hourOf(step.start);
        hours[hour] = addCounts(hours[hour] ?? noCounts, step);
      }
      return { ...edges(plan), hours };
    });
  }

  /** When an app, domain or host was first and last used; null where the history does not know it. */
  seen(what: 'app' | 'domain' | 'host', name: string): Seen | null {
    const id = this.#names.idOf(what, name);
    const row = id === null ? undefined : this.#seen[what].get(id);
    if (row === undefined || row.first === null || row.last === null) return null;
    return { first: epochMs(row.first * quarterMs), last: epochMs(row.last * quarterMs) };
  }

  #conditions(query: UsageQuery): Conditions {
    return conditionsOf(query.filter ?? {}, this.#names);
  }

  #from(query: UsageQuery, now: EpochMs): number {
    const first = this.#first.get()?.bucket ?? null;
    return query.from ?? (first === null ? now : startOf('day', first));
  }

  #plan(query: UsageQuery, now: EpochMs, coarsest: TierName = 'month'): RangePlan {
    const from = Math.floor(this.#from(query, now));
    return this.#sums.plan({ from, to: Math.max(from, Math.floor(query.to ?? now)) }, coarsest);
  }

  #rows(ids: readonly number[], sums: ReadonlyMap<number, Counts>, by: QueryKey): readonly UsageRow[] {
    return ids.map((id) => ({ ...this.#names.of(by, id), ...(sums.get(id) ?? noCounts) }));
  }

  #keyRows(plan: RangePlan, by: Exclude<ReportRequest['by'], 'day'>): ReportRow[] {
    const sums = this.#sums.byKey(plan, by, new Map());
    return this.#rows(largest(sums, Infinity), sums, by).map((row) => ({ key: row.key, ...displayNameOf(row, by), ...countsOf(row) }));
  }

  #dayRows(plan: RangePlan): ReportRow[] {
    const days = sumSteps({ plan, step: 'day', conditions: new Map() }, null, this.#sums);
    return days.map((day) => ({ key: day.date, ...countsOf(day) }));
  }

  #gapsIn(range: Range): Gap[] {
    return this.#gaps
      .all(range.from, range.to)
      .map((row) => clippedGap(Gap.parse({ from: row.start, to: row.finish, reason: row.reason }), range.from, range.to))
      .filter((gap) => gap !== null);
  }
}

/** Only apps are called otherwise than they are known by. */
function displayNameOf({ key, label }: UsageRow, by: QueryKey): Pick<ReportRow, 'displayName'> {
  return by === 'app' && key !== null && label !== '' ? { displayName: label.slice(0, 128) } : {};
}

function edges(plan: RangePlan): { readonly from: EpochMs; readonly to: EpochMs } {
  return { from: epochMs(plan.from), to: epochMs(plan.to) };
}
