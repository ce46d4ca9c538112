import type { DaySpan } from './day-span.ts';
import { bucketFrom, bucketOf, quarterMs, startOf, tierNames, tiers } from './tiers.ts';
import type { FineTierName, TierName } from './tiers.ts';

/**
 * Since when each tier is complete, in ms since the epoch; the day tier always is. Floors are multiples of the next
 * coarser bucket (`recent` of a minute, `minute` of a quarter-hour, `quarter` the beginning of a day), so that a coarser
 * bucket is either wholly above a floor or wholly below it.
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

const fineTiers: readonly FineTierName[] = ['recent', 'minute', 'quarter'];

/** What the plan needs to know of the file: its floors, and the day spans that meet the range, in order. */
export interface KeptHistory {
  readonly floors: Floors;
  readonly spans: readonly DaySpan[];
}

function spanAt(spans: readonly DaySpan[], quarter: number): DaySpan | null {
  let low = 0;
  let high = spans.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((spans[middle]?.finish ?? 0) > quarter) high = middle;
    else low = middle + 1;
  }
  return spans[low] ?? null;
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

/** The longest bucket that begins at `time`, ends by `to` and is kept. There is one, because floors are aligned. */
function bucketAt(time: number, to: number, kept: KeptHistory): { readonly tier: TierName; readonly end: number } {
  const span = spanAt(kept.spans, Math.floor(time / quarterMs));
  if (span !== null && span.start * quarterMs === time && span.finish * quarterMs <= to) {
    return { tier: 'day', end: span.finish * quarterMs };
  }
  for (const tier of fineTiers.toReversed()) {
    const { unitMs } = tiers[tier];
    const end = time + unitMs;
    if (time % unitMs === 0 && end <= to && time >= kept.floors[tier]) return { tier, end };
  }
  throw new Error(`history: no bucket from ${time} up to ${to}; floors ${JSON.stringify(kept.floors)}`);
}

/** Where the next span begins after `time`: between spans nothing was counted. */
function nextSpanStart(time: number, to: number, spans: readonly DaySpan[]): number {
  const span = spanAt(spans, Math.floor(time / quarterMs));
  const start = span === null ? to : span.start * quarterMs;
  return start > time ? Math.min(start, to) : to;
}

function append(pieces: Piece[], next: Piece): void {
  const last = pieces.at(-1);
  if (last !== undefined && last.tier === next.tier && (last.to === next.from || next.tier === 'day')) {
    pieces[pieces.length - 1] = { tier: last.tier, from: last.from, to: next.to };
  } else {
    pieces.push(next);
  }
}

/**
 * Splits a range into pieces, each of one tier: whole local days in the middle, finer and finer buckets towards the edges, so
 * that few rows are read and the edges are as sharp as what is kept. Between days without any row nothing is read.
 */
export function planRange(range: Range, kept: KeptHistory): RangePlan {
  const from = edgeOf(range.from, kept);
  const to = Math.max(from, edgeOf(range.to, kept));
  const pieces: Piece[] = [];
  let time = from;
  while (time < to) {
    if (!insideSpan(time, kept.spans)) {
      time = nextSpanStart(time, to, kept.spans);
      continue;
    }
    const bucket = bucketAt(time, to, kept);
    append(pieces, { tier: bucket.tier, from: bucketOf(bucket.tier, time), to: bucketFrom(bucket.tier, bucket.end) });
    time = bucket.end;
  }
  return { from, to, pieces };
}

function insideSpan(time: number, spans: readonly DaySpan[]): boolean {
  const span = spanAt(spans, Math.floor(time / quarterMs));
  return span !== null && span.start * quarterMs <= time;
}

/** The tiers a plan reads, the finest first. */
export function tiersOf(plan: RangePlan): readonly TierName[] {
  return tierNames.filter((tier) => plan.pieces.some((piece) => piece.tier === tier));
}
