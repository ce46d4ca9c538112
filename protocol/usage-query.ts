import { z } from 'zod';
import { HttpHostSum } from './http.ts';
import { Gap } from './report.ts';
import { Coverage } from './snapshot.ts';
import { SideFilter, UsageFilter } from './usage-filter.ts';
import { Count, EpochMs } from './units.ts';

export { SideFilter, UsageFilter };

/** What may be asked of the history beyond a report: the largest rows, charts, drill-downs, comparisons. */

/** Most rows of one answer: more than a person reads. */
export const maximumRows = 1000;

/** Most parts of one step of a chart: more than colours that can be told apart. */
export const maximumParts = 24;

/** By what usage may be summed. */
export const QueryKey = z.enum(['app', 'domain', 'host', 'network', 'scope', 'certainty', 'country', 'service']);
export type QueryKey = z.infer<typeof QueryKey>;

const range = {
  /** Absent: from the first that is kept. */
  from: EpochMs.optional(),
  /** Exclusive; absent: until now. */
  to: EpochMs.optional(),
  filter: UsageFilter.optional(),
};

export const UsageQuery = z.object(range).readonly();
export type UsageQuery = z.infer<typeof UsageQuery>;

/** `limit` is how many rows stand for themselves; what comes after them is summed as `other`. */
export const TopQuery = z.object({ ...range, by: QueryKey, limit: z.number().int().min(1).max(maximumRows) }).readonly();
export type TopQuery = z.infer<typeof TopQuery>;

const counts = { rxBytes: Count, txBytes: Count, rxPackets: Count, txPackets: Count, connections: Count };
const Counts = z.object(counts).readonly();

/** What a row stands for: one thing, the unknown, or several things that were folded when they were stored. */
export const RowKind = z.enum(['known', 'unknown', 'folded']);
export type RowKind = z.infer<typeof RowKind>;

const name = {
  kind: RowKind,
  /** Text of the key: an app's id, a domain, a host's name or address, …; null where unknown. */
  key: z.string().max(4200).nullable(),
  /** What a person reads: for an app its display name, else the key. */
  label: z.string().max(4200),
};

/** What a row is called. */
export const UsageName = z.object(name).readonly();
export type UsageName = z.infer<typeof UsageName>;

export const UsageRow = z.object({ ...name, ...counts }).readonly();
export type UsageRow = z.infer<typeof UsageRow>;

/** The range that was answered: edges may have moved to where a kept bucket begins. */
const answered = { from: EpochMs, to: EpochMs };

export const TopResult = z
  .object({
    ...answered,
    rows: z.array(UsageRow).readonly(),
    /** Rows beyond the limit, together; null where there were none. */
    other: z.object({ ...counts, keys: Count }).readonly().nullable(),
    total: Counts,
    gaps: z.array(Gap).readonly(),
  })
  .readonly();
export type TopResult = z.infer<typeof TopResult>;

/** Steps of a chart. An hour is one of UTC's: four quarter-hours. */
export const stepNames = ['recent', 'minute', 'quarter', 'hour', 'day', 'month'] as const;
export const StepName = z.enum(stepNames);
export type StepName = z.infer<typeof StepName>;

/** `split`: each step divided by a key, into its largest rows over the whole range. Without it one sum a step. */
export const StepsQuery = z
  .object({
    ...range,
    step: StepName,
    split: z.object({ by: QueryKey, limit: z.number().int().min(1).max(maximumParts) }).readonly().optional(),
  })
  .readonly();
export type StepsQuery = z.infer<typeof StepsQuery>;

/** One step of one row of the split. What lies beyond the split's limit is not here: it is in the step's own sum. */
export const StepPart = z.object({ ...counts, row: Count }).readonly();
export type StepPart = z.infer<typeof StepPart>;

export const Step = z
  .object({
    ...counts,
    /** When the step begins. */
    start: EpochMs,
    /** For days `YYYY-MM-DD`, for months `YYYY-MM` of the local calendar; else null. */
    date: z.string().max(10).nullable(),
    /** Parts by number of their row in `rows`. Empty without a split. */
    parts: z.array(StepPart).readonly(),
  })
  .readonly();
export type Step = z.infer<typeof Step>;

export const StepsResult = z
  .object({
    ...answered,
    /** The rows of the split, the largest first, without counts. */
    rows: z.array(UsageName).readonly(),
    /** Steps in which something was counted, in order. A step that is absent had no traffic, or lies in a gap. */
    steps: z.array(Step).readonly(),
    gaps: z.array(Gap).readonly(),
  })
  .readonly();
export type StepsResult = z.infer<typeof StepsResult>;

/** Usage by the hour of the local clock, 0 to 23, from what is kept by the quarter-hour or finer. */
export const HoursResult = z.object({ ...answered, hours: z.array(Counts).readonly() }).readonly();
export type HoursResult = z.infer<typeof HoursResult>;

export const SeenQuery = z.object({ what: z.enum(['app', 'domain', 'host']), key: z.string().min(1).max(4200) }).readonly();
export type SeenQuery = z.infer<typeof SeenQuery>;

/** When something was first and last used, to the quarter-hour. */
export const Seen = z.object({ first: EpochMs, last: EpochMs }).readonly();
export type Seen = z.infer<typeof Seen>;

/** A row beside what it was in the period before, which is as long. */
export const ComparedRow = z.object({ ...name, ...counts, previous: Counts }).readonly();
export type ComparedRow = z.infer<typeof ComparedRow>;

export const ComparedResult = z
  .object({
    ...answered,
    previousFrom: EpochMs,
    rows: z.array(ComparedRow).readonly(),
    total: Counts,
    previousTotal: Counts,
  })
  .readonly();
export type ComparedResult = z.infer<typeof ComparedResult>;

/**
 * Usage by weekday and hour of the local clock: seven rows of 24, Monday first. Like {@link HoursResult}, from what is kept by the
 * quarter-hour or finer, and by the calendar as it is now.
 */
export const RhythmResult = z.object({ ...answered, cells: z.array(z.array(Counts).length(24).readonly()).length(7).readonly() }).readonly();
export type RhythmResult = z.infer<typeof RhythmResult>;

/** How well connections went, by whose or with whom. The largest number of samples first. */
export const QualityQuery = z.object({ ...range, filter: SideFilter.optional(), by: z.enum(['app', 'host']), limit: z.number().int().min(1).max(maximumRows) }).readonly();
export type QualityQuery = z.infer<typeof QualityQuery>;

/** Round-trip times of TCP connections, in microseconds: of each connection one sample a second at most. */
export const RoundTrips = z.object({ least: Count, mean: z.number().min(0), most: Count }).readonly();
export type RoundTrips = z.infer<typeof RoundTrips>;

export const QualityRow = z
  .object({
    ...name,
    /** What a person calls an app; absent for hosts, and where it is unknown. */
    displayName: z.string().max(128).optional(),
    /** How many times a round-trip time was known. */
    samples: Count,
    /** Null where there is no sample. */
    roundTripMicroseconds: RoundTrips.nullable(),
    /** TCP segments whose data had been sent before. */
    retransmits: Count,
    /** Packets of the TCP connections, in both directions. */
    packets: Count,
    /** `retransmits` of `packets`, 0 to 1; null where there were none. */
    retransmitShare: z.number().min(0).max(1).nullable(),
  })
  .readonly();
export type QualityRow = z.infer<typeof QualityRow>;

/** Kept by the quarter-hour and the day: the edges of the answer are such. */
export const QualityResult = z.object({ ...answered, rows: z.array(QualityRow).readonly() }).readonly();
export type QualityResult = z.infer<typeof QualityResult>;

/** Plain HTTP by host. A filter by domain or host narrows it; what is asked is not known by app. */
export const HttpQuery = z
  .object({ ...range, filter: SideFilter.unwrap().omit({ app: true }).readonly().optional(), limit: z.number().int().min(1).max(maximumRows) })
  .readonly();
export type HttpQuery = z.infer<typeof HttpQuery>;

/** The most asked hosts first; what had no row of its own is one row whose host is null. Edges as in {@link QualityResult}. */
export const HttpResult = z.object({ ...answered, hosts: z.array(HttpHostSum).readonly() }).readonly();
export type HttpResult = z.infer<typeof HttpResult>;

/** The time whose receipt is asked for. */
export const ReceiptQuery = z.object({ from: EpochMs.optional(), to: EpochMs.optional() }).readonly();
export type ReceiptQuery = z.infer<typeof ReceiptQuery>;

/** How much of what crossed the interfaces in a time was measured, and how surely: the coverage of all of its intervals together. */
export const Receipt = z.object({ ...answered, measuredSeconds: z.number().min(0), coverage: Coverage }).readonly();
export type Receipt = z.infer<typeof Receipt>;

/** The apps that the history knows, those used last first. */
export const AppsQuery = z.object({ limit: z.number().int().min(1).max(maximumRows) }).readonly();
export type AppsQuery = z.infer<typeof AppsQuery>;

export const KnownApp = z
  .object({
    app: z.string().max(4200),
    displayName: z.string().max(128),
    exe: z.string().max(4096).nullable(),
    /** When it was first and last used, to the quarter-hour. */
    first: EpochMs,
    last: EpochMs,
  })
  .readonly();
export type KnownApp = z.infer<typeof KnownApp>;

/** `count` is how many apps there are in all. */
export const AppsResult = z.object({ apps: z.array(KnownApp).readonly(), count: Count }).readonly();
export type AppsResult = z.infer<typeof AppsResult>;

/** The history's file: where it lies, how large it is, since when it is kept. */
export const HistoryFacts = z
  .object({
    path: z.string().max(4096),
    /** The file and its log. */
    bytes: Count,
    /** The beginning of the first day that is kept; null where there is none. */
    first: EpochMs.nullable(),
    /** Rows of usage in all tiers. */
    rows: Count,
    /** The version of the file's format. */
    schema: Count,
  })
  .readonly();
export type HistoryFacts = z.infer<typeof HistoryFacts>;
