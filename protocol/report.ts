import { z } from 'zod';
import { UsageFilter } from './usage-filter.ts';
import { Count, EpochMs } from './units.ts';

/** Reports of what was used, and the times in which nothing was measured. */

/**
 * By what a report is grouped. Keys of months are `YYYY-MM`, of days `YYYY-MM-DD` of the local calendar; of hours `YYYY-MM-DDTHH:00Z`,
 * which are UTC's, and a day's where no hours are kept any more.
 */
export const ReportKey = z.enum(['app', 'domain', 'host', 'country', 'network', 'scope', 'service', 'hour', 'day', 'month']);
export type ReportKey = z.infer<typeof ReportKey>;

export const ReportRequest = z.object({
  /** Beginning, inclusive; absent for all that is kept. */
  from: EpochMs.optional(),
  /** End, exclusive; absent for now. */
  to: EpochMs.optional(),
  by: ReportKey,
  filter: UsageFilter.optional(),
  /** How many rows stand for themselves, the largest; what comes after them is `other`. Absent: all. Hours, days and months are always all. */
  limit: z.number().int().min(1).max(100_000).optional(),
});
export type ReportRequest = z.infer<typeof ReportRequest>;

/** Usage of one key. `key` is null for what is unknown. `notMeasuredSeconds` says how much of the range is a gap. */
export const ReportRow = z.object({
  key: z.string().max(4200).nullable(),
  /** What a person calls an app; absent for all other keys, and where it is unknown. */
  displayName: z.string().max(128).optional(),
  rxBytes: Count,
  txBytes: Count,
  rxPackets: Count,
  txPackets: Count,
  connections: Count,
});
export type ReportRow = z.infer<typeof ReportRow>;

/** A stretch in which nothing was measured, and why: so that zero and unknown differ. */
export const Gap = z.object({
  from: EpochMs,
  to: EpochMs,
  reason: z.enum(['helper-down', 'service-down', 'asleep', 'paused', 'clock-set']),
});
export type Gap = z.infer<typeof Gap>;

export const Report = z.object({
  from: EpochMs,
  to: EpochMs,
  by: ReportKey,
  rows: z.array(ReportRow),
  /** Rows beyond the limit, together, and how many they were; null where there were none. */
  other: ReportRow.omit({ key: true, displayName: true }).extend({ keys: Count }).nullable().default(null),
  total: ReportRow.omit({ key: true, displayName: true }),
  gaps: z.array(Gap),
});
export type Report = z.infer<typeof Report>;
