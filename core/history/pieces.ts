import { indexOfSpan } from './day-span.ts';
import type { DaySpan } from './day-span.ts';
import { bucketFrom, bucketOf, fineTiers, quarterMs, startOf, tierNames, tiers } from './tiers.ts';
import type { FineTierName, TierName } from './tiers.ts';

/**
 * Since when each tier is complete, in ms since the epoch; the day tier always is. Floors are multiples of the next
 * coarser bucket (`recent` of a minute, `minute` of a quarter-hour, `quarter` the beginning of a day), so that a coarser
 * bucket is either wholly above a floor or wholly below it. A coarser tier's floor is never above a finer one's.
 */
export type Floors = Readonly<Record<FineTierName, number>>;

/** Buckets [from, to) of one tier. */
export interface Piece {
  readonly tier: TierName;
  readonly from: number;
  readonly to: number;
}

/** How a range is answered: the instants it was moved to, and the pieces it is the sum of. */
export interface RangePlan {
  readonly from: number;
  readonly to: number;
  readonly pieces: readonly Piece[];
}

export interface Range {
  /** In ms since the epoch. */
  readonly from: number;
  /** Exclusive. */
  readonly to: number;
}

/** Longest stretch of days that one month bucket can hold, in ms: a plan needs the spans this far beyond its range. */
export const monthReachMs = 40 * 24 * 60 * 60_000;

/** What the plan needs to know of the file: its floors, and the day spans in and around the range, in order. */
export interface KeptHistory {
  readonly floors: Floors;
  readonly spans: readonly DaySpan[];
  /** Nothing was counted from here on (ms since the epoch): a bucket that goes on beyond it is whole before it ends. */
  readonly countedUntil: number;
}

/** A month bucket: the days that it sums. Between them nothing was counted. */
interface MonthSpan {
  /** Quarter-hours. */
  readonly start: number;
  readonly finish: number;
}

function monthSpans(spans: readonly DaySpan[]): ReadonlyMap<number, MonthSpan> {
  const months = new Map<number, MonthSpan>();
  for (const { month, start, finish } of spans) months.set(month, { start: months.get(month)?.start ?? start, finish });
  return months;
}

/** A bucket on the way of a plan: its number, and where it ends in ms since the epoch. */
interface Step {
  readonly tier: TierName;
  readonly bucket: number;
  readonly end: number;
}

function spanAt(spans: readonly DaySpan[], quarter: number): DaySpan | null {
  return spans[indexOfSpan(spans, quarter)] ?? null;
}

/**
 * The next instant, from `time` on, at which a bucket of the finest tier kept there begins: a bucket belongs to the range in
 * which it begins. So two ranges that touch never share a byte and never lose one, whichever tier answers.
 */
export function edgeOf(time: number, kept: KeptHistory): number {
  for (const tier of fineTiers) {
    if (startOf(tier, bucketOf(tier, time)) >= kept.floors[tier]) return startOf(tier, bucketFrom(tier, time));
  }
  const span = spanAt(kept.spans, Math.floor(time / quarterMs));
  if (span === null || span.start * quarterMs >= time) return time;
  return span.finish * quarterMs;
}

interface PlanContext extends KeptHistory {
  readonly months: ReadonlyMap<number, MonthSpan>;
  /** Tiers in the order in which they are tried. */
  readonly order: readonly TierName[];
}

/** The bucket of one tier that begins at `time`, ends by `to` and is kept; else null. */
function bucketOfTier(tier: TierName, range: Range, context: PlanContext): Step | null {
  const { from: time, to } = range;
  if (tier === 'day' || tier === 'month') {
    const span = spanAt(context.spans, Math.floor(time / quarterMs));
    if (span === null || span.start * quarterMs !== time) return null;
    const whole = tier === 'day' ? span : context.months.get(span.month);
    if (whole?.start !== span.start || Math.min(whole.finish * quarterMs, context.countedUntil) > to) return null;
    return { tier, bucket: tier === 'day' ? span.start : span.month, end: whole.finish * quarterMs };
  }
  const { unitMs } = tiers[tier];
  const kept = time % unitMs === 0 && time + unitMs <= to && time >= context.floors[tier];
  return kept ? { tier, bucket: time / unitMs, end: time + unitMs } : null;
}

/** The best bucket that begins at the range's beginning. There is one, because floors are aligned. */
function bucketAt(range: Range, context: PlanContext): Step {
  for (const tier of context.order) {
    const step = bucketOfTier(tier, range, context);
    if (step !== null) return step;
  }
  throw new Error(`history: no bucket from ${range.from} up to ${range.to}; floors ${JSON.stringify(context.floors)}`);
}

/** Where the next span begins after `time`: between spans nothing was counted. */
function nextSpanStart(time: number, to: number, spans: readonly DaySpan[]): number {
  const span = spanAt(spans, Math.floor(time / quarterMs));
  const start = span === null ? to : span.start * quarterMs;
  return start > time ? Math.min(start, to) : to;
}

function append(pieces: Piece[], { tier, bucket }: Step): void {
  const last = pieces.at(-1);
  // Numbers of days and months grow with time; between two that follow one another there is none.
  if (last !== undefined && last.tier === tier && (tier === 'day' || tier === 'month' || last.to === bucket)) {
    pieces[pieces.length - 1] = { tier, from: last.from, to: bucket + 1 };
  } else {
    pieces.push({ tier, from: bucket, to: bucket + 1 });
  }
}

/**
 * Splits a range into pieces, each of one tier: whole local months and days in the middle, finer and finer buckets towards
 * the edges, so that few rows are read and the edges are as sharp as what is kept. Where no day has rows nothing is read.
 * A chart names the `coarsest` tier that still has its steps; coarser ones are then read only where nothing else is kept.
 */
export function planRange(range: Range, kept: KeptHistory, coarsest: TierName = 'month'): RangePlan {
  const from = edgeOf(range.from, kept);
  const to = Math.max(from, edgeOf(range.to, kept));
  const pieces: Piece[] = [];
  const wanted = tierNames.indexOf(coarsest) + 1;
  const order = [...tierNames.slice(0, wanted).toReversed(), ...tierNames.slice(wanted)];
  const context = { ...kept, months: monthSpans(kept.spans), order };
  let time = from;
  while (time < to) {
    if (!insideSpan(time, kept.spans)) {
      time = nextSpanStart(time, to, kept.spans);
      continue;
    }
    const step = bucketAt({ from: time, to }, context);
    append(pieces, step);
    time = step.end;
  }
  return { from, to, pieces };
}

function insideSpan(time: number, spans: readonly DaySpan[]): boolean {
  const span = spanAt(spans, Math.floor(time / quarterMs));
  return span !== null && span.start * quarterMs <= time;
}
