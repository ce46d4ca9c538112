import type { Gap, Scope } from '../../protocol/app.ts';
import type { EpochMs } from '../../protocol/units.ts';
import type { Counts } from './counts.ts';

/** By what usage may be summed. `hour` is the hour of the local clock, 0 to 23. */
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

export interface UsageRow extends Counts {
  readonly kind: RowKind;
  /** Text of the key: an app's id, a domain, a host's name or address, …; null where unknown. */
  readonly key: string | null;
  /** What a person reads: for an app its display name, else the key. */
  readonly label: string;
}

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

/** Steps of a chart. The tier that is read is the coarsest that has them. */
export type StepName = 'recent' | 'minute' | 'quarter' | 'hour' | 'day' | 'month';

export interface StepsQuery extends UsageQuery {
  readonly step: StepName;
}

export interface StepRow extends Counts {
  /** When the step begins. */
  readonly start: EpochMs;
  /** For days `YYYY-MM-DD`, for months `YYYY-MM` of the local calendar; else null. */
  readonly date: string | null;
}

export interface StepsResult extends AnsweredRange {
  readonly steps: readonly StepRow[];
  readonly gaps: readonly Gap[];
}
