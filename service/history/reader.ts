import type { Database, Statement } from 'better-sqlite3';
import type { Calendar } from '../../core/history/calendar.ts';
import { noCounts } from '../../core/history/counts.ts';
import type { Counts } from '../../core/history/counts.ts';
import type {
  AppsQuery,
  AppsResult,
  ComparedResult,
  HistoryFacts,
  HoursResult,
  HttpQuery,
  HttpResult,
  QualityQuery,
  QualityResult,
  QueryKey,
  Receipt,
  ReceiptQuery,
  RhythmResult,
  Seen,
  Step,
  StepsQuery,
  StepsResult,
  TopQuery,
  TopResult,
  UsageQuery,
  UsageRow,
} from '../../core/history/query.ts';
import * as sql from '../../core/history/read-statements.ts';
import type { RangePlan } from '../../core/history/pieces.ts';
import { stepTier } from '../../core/history/stepping.ts';
import { quarterMs } from '../../core/history/tiers.ts';
import type { Report, ReportRequest } from '../../protocol/app.ts';
import { epochMs } from '../../protocol/units.ts';
import type { EpochMs } from '../../protocol/units.ts';
import { KnownApps } from './known-apps.ts';
import { hoursOf, rhythmOf } from './local-clock.ts';
import { FileFacts } from './file-facts.ts';
import { Names } from './names.ts';
import { SideSums } from './side-sums.ts';
import { Ranges, edges } from './ranges.ts';
import { Receipts } from './receipts.ts';
import { reportRows, reportTier, sumOf } from './reports.ts';
import { largest, sumSteps } from './steps.ts';
import { Sums, conditionsOf } from './sums.ts';
import type { Conditions } from './sums.ts';

type SeenStatement = Statement<[number], { first: number | null; last: number | null }>;

/** Answers questions from one open history. Works beside a writer, in this process or another. */
export class HistoryReader {
  readonly #names: Names;
  readonly #sums: Sums;
  readonly #ranges: Ranges;
  readonly #apps: KnownApps;
  readonly #facts: FileFacts;
  readonly #receipts: Receipts;
  readonly #side: SideSums;
  readonly #seen: Readonly<Record<'app' | 'domain' | 'host', SeenStatement>>;
  readonly #atOnce: <Result>(read: () => Result) => Result;

  constructor(database: Database) {
    this.#names = new Names(database);
    this.#sums = new Sums(database);
    this.#ranges = new Ranges(database, this.#sums);
    this.#apps = new KnownApps(database);
    this.#side = new SideSums(database, this.#names);
    this.#receipts = new Receipts(database);
    this.#facts = new FileFacts(database);
    this.#seen = {
      app: database.prepare(sql.appSeen),
      domain: database.prepare(sql.domainSeen),
      host: database.prepare(sql.hostSeen),
    };
    // One transaction: all pieces of an answer are of the same instant, even while a write goes on.
    this.#atOnce = (read) => database.transaction(read)();
  }

  /** Usage by one key: the answer to `tidewatch report`. */
  report(request: ReportRequest, now: EpochMs): Report {
    return this.#atOnce(() => {
      const plan = this.#ranges.plan(request, now, reportTier(request.by));
      const made = reportRows({ plan, request, conditions: this.#conditions(request) }, { names: this.#names, sums: this.#sums });
      return { ...edges(plan), by: request.by, ...made, gaps: this.#ranges.gapsIn(plan) };
    });
  }

  /** The largest rows by one key, the rest of them as one row, and the total. */
  top(query: TopQuery, now: EpochMs): TopResult {
    return this.#atOnce(() => {
      const plan = this.#ranges.plan(query, now);
      const sums = this.#sums.byKey(plan, query.by, this.#conditions(query));
      const ids = largest(sums, query.limit);
      const shown = new Set(ids);
      const rest = [...sums].filter(([id]) => !shown.has(id)).map(([, counts]) => counts);
      const other = rest.length === 0 ? null : { keys: rest.length, ...sumOf(rest) };
      const total = sumOf([...sums.values()]);
      return { ...edges(plan), rows: this.#rows(ids, sums, query.by), other, total, gaps: this.#ranges.gapsIn(plan) };
    });
  }

  /** The largest rows beside what they were in the period before, which ends where this one begins and is as long. */
  compare(query: TopQuery, now: EpochMs): ComparedResult {
    return this.#atOnce(() => {
      const plan = this.#ranges.plan(query, now);
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
      const plan = this.#ranges.plan(query, now, stepTier[query.step]);
      const wanted = { plan, step: query.step, conditions: this.#conditions(query) };
      const gaps = this.#ranges.gapsIn(plan);
      const { split } = query;
      if (split === undefined) return { ...edges(plan), rows: [], steps: sumSteps(wanted, null, this.#sums), gaps };
      const ids = largest(this.#sums.byKey(this.#ranges.plan(query, now), split.by, wanted.conditions), split.limit);
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
    const { plan, steps } = this.#quarters(query, now);
    return { ...edges(plan), hours: hoursOf(steps, calendar) };
  }

  /** The same by weekday and hour. */
  rhythm(query: UsageQuery, now: EpochMs, calendar: Calendar): RhythmResult {
    const { plan, steps } = this.#quarters(query, now);
    return { ...edges(plan), cells: rhythmOf(steps, calendar) };
  }

  /** Round-trip times and retransmits by app or host; the edges are those of quarter-hours, or of days. */
  quality(query: QualityQuery, now: EpochMs): QualityResult {
    return this.#atOnce(() => {
      const plan = this.#ranges.planSide(query, now);
      return { ...edges(plan), rows: this.#side.quality(query, plan) };
    });
  }

  /** Plain HTTP by host; edges as those of {@link quality}. */
  http(query: HttpQuery, now: EpochMs): HttpResult {
    return this.#atOnce(() => {
      const plan = this.#ranges.planSide(query, now);
      return { ...edges(plan), hosts: this.#side.http(query.limit, query.filter ?? {}, plan) };
    });
  }

  /** How much of a time was measured, and how surely. */
  receipt(query: ReceiptQuery, now: EpochMs): Receipt {
    return this.#atOnce(() => {
      const plan = this.#ranges.plan(query, now);
      return { ...edges(plan), ...this.#receipts.of(plan) };
    });
  }

  /** The apps that are known, those used last first. */
  apps(query: AppsQuery): AppsResult {
    return this.#atOnce(() => this.#apps.list(query.limit));
  }

  /** What there is to say of the file at `path`, which is this one. Throws the system's error where it is gone. */
  facts(path: string): HistoryFacts {
    return this.#atOnce(() => ({ ...this.#facts.of(path), first: this.#ranges.first() }));
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

  #quarters(query: UsageQuery, now: EpochMs): { readonly plan: RangePlan; readonly steps: readonly Step[] } {
    return this.#atOnce(() => {
      const plan = this.#ranges.planQuarters(query, now);
      return { plan, steps: sumSteps({ plan, step: 'quarter', conditions: this.#conditions(query) }, null, this.#sums) };
    });
  }

  #rows(ids: readonly number[], sums: ReadonlyMap<number, Counts>, by: QueryKey): readonly UsageRow[] {
    return ids.map((id) => ({ ...this.#names.of(by, id), ...(sums.get(id) ?? noCounts) }));
  }
}
