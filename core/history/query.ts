import type { Gap, Scope } from '../../protocol/app.ts';
import type { EpochMs } from '../../protocol/units.ts';
import type { Counts } from './counts.ts';

/** By what usage may be summed. */
export type QueryKey = 'app' | 'domain' | 'host' | 'network' | 'scope' | 'certainty';

/** What a query is narrowed to. A `null` app is the unknown owners, a `null` domain the hosts without a name. */
export interface UsageFilter {
  readonly app?: string | null;
  readonly domain?: string | null;
  readonly host?: string;
  readonly network?: string;
  /** Absent: all but loopback, which is not part of the totals. */
  readonly scope?: Scope;
}

export interface UsageQuery {
  /** Absent: from the first that is kept. */
  readonly from?: EpochMs | undefined;
  /** Exclusive; absent: until now. */
  readonly to?: EpochMs | undefined;
  readonly filter?: UsageFilter;
}

export interface TopQuery extends UsageQuery {
  readonly by: QueryKey;
  /** Rows of their own; what comes after them is summed as `other`. */
  readonly limit: number;
}

/** What a row stands for: one thing, the unknown, or several things that were folded when they were stored. */
export type RowKind = 'known' | 'unknown' | 'folded';

/** What a row is called. */
export interface UsageName {
  readonly kind: RowKind;
  /** Text of the key: an app's id, a domain, a host's name or address, …; null where unknown. */
  readonly key: string | null;
  /** What a person reads: for an app its display name, else the key. */
  readonly label: string;
}

export interface UsageRow extends UsageName, Counts {}

/** The range that was answered: edges may have moved to where a kept bucket begins. */
export interface AnsweredRange {
  readonly from: EpochMs;
  readonly to: EpochMs;
}

export interface TopResult extends AnsweredRange {
  readonly rows: readonly UsageRow[];
  /** Rows beyond the limit, together; null where there were none. */
  readonly other: (Counts & { readonly keys: number }) | null;
  readonly total: Counts;
  readonly gaps: readonly Gap[];
}

/** Steps of a chart. An hour is one of UTC's: four quarter-hours. */
export const stepNames = ['recent', 'minute', 'quarter', 'hour', 'day', 'month'] as const;
export type StepName = (typeof stepNames)[number];

export interface StepsQuery extends UsageQuery {
  readonly step: StepName;
  /** Each step split by a key: its largest rows over the whole range. Absent: one row a step. */
  readonly split?: { readonly by: QueryKey; readonly limit: number };
}

/** One step of one row of the split. What lies beyond the split's limit is not here: it is in the step's own sum. */
export interface StepPart extends Counts {
  readonly row: number;
}

export interface Step extends Counts {
  /** When the step begins. */
  readonly start: EpochMs;
  /** For days `YYYY-MM-DD`, for months `YYYY-MM` of the local calendar; else null. */
  readonly date: string | null;
  /** Parts by number of their row in `rows`. Empty without a split. */
  readonly parts: readonly StepPart[];
}

export interface StepsResult extends AnsweredRange {
  /** The rows of the split, the largest first, without counts. */
  readonly rows: readonly UsageName[];
  /** Steps in which something was counted, in order. A step that is absent had no traffic, or lies in a gap. */
  readonly steps: readonly Step[];
  readonly gaps: readonly Gap[];
}

/** Usage by the hour of the local clock, 0 to 23, from what is kept by the quarter-hour or finer. */
export interface HoursResult extends AnsweredRange {
  readonly hours: readonly Counts[];
}

/** When something was first and last used, to the quarter-hour; null where the history does not know it. */
export interface Seen {
  readonly first: EpochMs;
  readonly last: EpochMs;
}

/** A row beside what it was in the period before, which is as long. */
export interface ComparedRow extends UsageRow {
  readonly previous: Counts;
}

export interface ComparedResult extends AnsweredRange {
  readonly previousFrom: EpochMs;
  readonly rows: readonly ComparedRow[];
  readonly total: Counts;
  readonly previousTotal: Counts;
}
