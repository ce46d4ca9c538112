import type { RhythmResult } from '../../protocol/usage-query.ts';
import { median } from './robust.ts';
import type { Point } from './series.ts';

/** One cell of the week. */
export interface WeekHour {
  /** 0 is Monday. */
  readonly weekday: number;
  readonly hour: number;
  readonly bytes: number;
}

/** An app and a domain that meet again and again. */
export interface RecurringPair {
  readonly app: string;
  readonly domain: string;
  /** Days on which they met, of all that are known. */
  readonly days: number;
  readonly ofDays: number;
  /** The median of such a day. */
  readonly typicalBytes: number;
  /** The local hour in which most of it happens, where one holds more than half; else null. */
  readonly usualHour: number | null;
}

export interface Patterns {
  /** Share of each local hour, 0 to 1. */
  readonly hours: readonly number[];
  /** Share of each weekday, Monday first. */
  readonly weekdays: readonly number[];
  readonly busiest: WeekHour | null;
  /** The longest stretch of hours with together no more than a twentieth, from inclusive, to exclusive; null where there is none. */
  readonly quietHours: { readonly from: number; readonly to: number } | null;
  /** How alike a day is to the day before, and a week to the week before: correlation of ranks, −1 to 1; null where too little is known. */
  readonly daily: number | null;
  readonly weekly: number | null;
  readonly pairs: readonly RecurringPair[];
}

/** How a pair was met. */
export interface PairDays {
  readonly app: string;
  readonly domain: string;
  /** Bytes of each day on which it was met. */
  readonly bytes: readonly number[];
  readonly ofDays: number;
  /** Bytes by local hour. */
  readonly hours: readonly number[];
}

const dayMs = 86_400_000;
const quietShare = 0.05;
/** A pair recurs when it is met on this part of all days, and on this many. */
const recurringShare = 0.6;
const recurringDays = 4;
/** Fewer pairs of hours say nothing of how alike they are. */
const leastCompared = 24;

function sharesOf(sums: readonly number[]): readonly number[] {
  const all = sums.reduce((sum, each) => sum + each, 0);
  return sums.map((each) => (all === 0 ? 0 : each / all));
}

function ranksOf(values: readonly number[]): readonly number[] {
  const sorted = values.map((value, index) => ({ value, index })).toSorted((a, b) => a.value - b.value);
  const ranks = values.map(() => 0);
  for (let first = 0; first < sorted.length; ) {
    let last = first;
    while (last + 1 < sorted.length && sorted[last + 1]?.value === sorted[first]?.value) last += 1;
    for (const { index } of sorted.slice(first, last + 1)) ranks[index] = (first + last) / 2;
    first = last + 1;
  }
  return ranks;
}

/** Spearman's correlation of ranks; null where one side does not vary. */
function rankCorrelation(a: readonly number[], b: readonly number[]): number | null {
  const [x, y] = [ranksOf(a), ranksOf(b)];
  const mean = (x.length - 1) / 2;
  let [xy, xx, yy] = [0, 0, 0];
  for (const [index, rank] of x.entries()) {
    const [dx, dy] = [rank - mean, (y[index] ?? 0) - mean];
    xy += dx * dy;
    xx += dx * dx;
    yy += dy * dy;
  }
  return xx === 0 || yy === 0 ? null : xy / Math.sqrt(xx * yy);
}

/** How alike hours are to those `days` before. */
function alike(hours: readonly Point[], days: number): number | null {
  const bytes = new Map<number, number>(hours.map((point) => [point.start, point.bytes]));
  const pairs = hours.flatMap((point) => {
    const before = bytes.get(point.start - days * dayMs);
    return before === undefined ? [] : [[before, point.bytes] as const];
  });
  return pairs.length < leastCompared ? null : rankCorrelation(pairs.map(([before]) => before), pairs.map(([, now]) => now));
}

/** The longest stretch of the clock, past midnight too, whose hours together have next to nothing. */
function quietStretch(shares: readonly number[]): Patterns['quietHours'] {
  let best: { from: number; length: number } = { from: 0, length: 0 };
  for (let from = 0; from < 24; from += 1) {
    let [length, sum] = [0, 0];
    while (length < 24 && sum + (shares[(from + length) % 24] ?? 0) <= quietShare) {
      sum += shares[(from + length) % 24] ?? 0;
      length += 1;
    }
    if (length > best.length) best = { from, length };
  }
  return best.length === 0 || best.length === 24 ? null : { from: best.from, to: (best.from + best.length) % 24 };
}

function recurring({ app, domain, bytes, ofDays, hours }: PairDays): readonly RecurringPair[] {
  const days = bytes.length;
  if (days < recurringDays || days < recurringShare * ofDays) return [];
  const shares = sharesOf(hours);
  const most = shares.reduce((best, share, hour) => (share > (shares[best] ?? 0) ? hour : best), 0);
  return [{ app, domain, days, ofDays, typicalBytes: median(bytes), usualHour: (shares[most] ?? 0) > 0.5 ? most : null }];
}

/** The rhythm of days and weeks, and who meets whom again and again. */
export function patternsIn({ cells }: Pick<RhythmResult, 'cells'>, hours: readonly Point[], pairs: readonly PairDays[]): Patterns {
  const bytes = cells.map((day) => day.map(({ rxBytes, txBytes }) => rxBytes + txBytes));
  const flat = bytes.flatMap((day, weekday) => day.map((each, hour) => ({ weekday, hour, bytes: each })));
  const busiest = flat.reduce<WeekHour | null>((best, each) => (each.bytes > (best?.bytes ?? 0) ? each : best), null);
  const byHour = sharesOf(Array.from({ length: 24 }, (_, hour) => bytes.reduce((sum, day) => sum + (day[hour] ?? 0), 0)));
  return {
    hours: byHour,
    weekdays: sharesOf(bytes.map((day) => day.reduce((sum, each) => sum + each, 0))),
    busiest,
    quietHours: busiest === null ? null : quietStretch(byHour),
    daily: alike(hours, 1),
    weekly: alike(hours, 7),
    pairs: pairs.flatMap(recurring).toSorted((a, b) => b.days / b.ofDays - a.days / a.ofDays || b.typicalBytes - a.typicalBytes),
  };
}
