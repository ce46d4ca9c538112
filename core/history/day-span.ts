import { monthText } from './calendar.ts';
import type { Calendar, DayNumber } from './calendar.ts';
import { quarterMs } from './tiers.ts';
import { epochMs } from '../../protocol/units.ts';

/**
 * A bucket of the day tier: a stretch of quarter-hours that counts as one local date. Spans never overlap, so that every
 * instant is in at most one. A date has two spans where the time zone changed during it.
 */
export interface DaySpan {
  /** The quarter-hour it begins in (since the epoch): the bucket's number. */
  readonly start: number;
  /** Exclusive. */
  readonly finish: number;
  readonly date: DayNumber;
  /** The time zone that was in force. */
  readonly zone: string;
  /**
   * Its bucket in the month tier: the `start` that the first of its days had. Days that follow one another and lie in one
   * calendar month share it.
   */
  readonly month: number;
}

/** Index of the first span (of spans in order) that ends after a quarter-hour: it holds it, or is the next one. */
export function indexOfSpan(spans: readonly DaySpan[], quarter: number): number {
  let low = 0;
  let high = spans.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((spans[middle]?.finish ?? 0) > quarter) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** The spans around a quarter-hour: the last that begins at or before it, and the first that begins after it. */
export interface SpanNeighbours {
  readonly before: DaySpan | null;
  readonly after: DaySpan | null;
}

/**
 * The span for a quarter-hour that no span holds yet: the local day, cut where neighbours (of another time zone, or of
 * a clock that was wrong) have taken part of it.
 */
export function newDaySpan(quarter: number, calendar: Calendar, neighbours: SpanNeighbours): DaySpan {
  const day = calendar.dayOf(epochMs(quarter * quarterMs));
  const start = Math.max(Math.floor(day.start / quarterMs), neighbours.before?.finish ?? 0);
  const finish = Math.min(Math.ceil(day.end / quarterMs), neighbours.after?.start ?? Infinity);
  const span = { start: Math.min(start, quarter), finish: Math.max(finish, quarter + 1), date: day.date, zone: calendar.zone() };
  return { ...span, month: monthOf(span, neighbours) };
}

function monthOf(span: { readonly start: number; readonly date: DayNumber }, { before, after }: SpanNeighbours): number {
  // A day between two of one month belongs to it even if clocks and zones made its date another.
  if (before !== null && before.month === after?.month) return before.month;
  const month = monthText(span.date);
  if (before !== null && monthText(before.date) === month) return before.month;
  return after !== null && monthText(after.date) === month ? after.month : span.start;
}

/**
 * Where a span must end once another time zone is in force at `quarter`: the quarter-hour that has begun still belongs to
 * it, and so does whatever was counted later in it. Null while the span stays as it is.
 */
export function endForZone(span: DaySpan, zone: string, counted: { quarter: number; last: number | null }): number | null {
  if (span.zone === zone) return null;
  const finish = Math.max(counted.quarter + 1, (counted.last ?? 0) + 1);
  return finish < span.finish ? finish : null;
}
