import { median } from './robust.ts';
import type { Point } from './series.ts';

/** Where a series leads. */
export interface Trend {
  /** Steps that were known. */
  readonly points: number;
  /** Bytes that a day has more than the day before; negative where it has less. */
  readonly bytesPerDay: number;
  /** In nineteen of twenty such series the true slope lies between these. */
  readonly low: number;
  readonly high: number;
  /** `none` where the interval holds zero: nothing can be said. */
  readonly direction: 'rising' | 'falling' | 'none';
  /** The median of a step. */
  readonly typicalBytes: number;
  /** The line's value at the first and the last point. */
  readonly first: number;
  readonly last: number;
}

/** Pairs are looked at all: a thousand points have half a million. Of more, every other, third, … point is taken. */
const maximumPoints = 1000;
/** Of fewer, no interval can be told. */
const leastPoints = 4;
/** Of a standard normal distribution, for 95 %. */
const normal95 = 1.959_963_985;

const dayMs = 86_400_000;

/** Sen's variance of Kendall's S, with ties in the values (Sen 1968; Kendall 1975). */
function variance(values: readonly number[]): number {
  const n = values.length;
  const ties = [...Map.groupBy(values, (value) => value).values()].map(({ length }) => length);
  const tied = ties.reduce((sum, t) => sum + t * (t - 1) * (2 * t + 5), 0);
  return (n * (n - 1) * (2 * n + 5) - tied) / 18;
}

/** The trend by the estimator of Theil and Sen, with Sen's interval; null of too few points. */
export function trendOf(series: readonly Point[]): Trend | null {
  const every = Math.ceil(series.length / maximumPoints);
  const points = series.filter((_point, index) => index % every === 0);
  if (points.length < leastPoints) return null;
  const slopes: number[] = [];
  for (const [index, a] of points.entries()) {
    for (const b of points.slice(index + 1)) slopes.push((b.bytes - a.bytes) / ((b.start - a.start) / dayMs));
  }
  slopes.sort((a, b) => a - b);
  const bytesPerDay = median(slopes);
  const reach = normal95 * Math.sqrt(Math.max(0, variance(points.map(({ bytes }) => bytes))));
  const low = slopes[Math.max(0, Math.floor((slopes.length - reach) / 2))] ?? bytesPerDay;
  const high = slopes[Math.min(slopes.length - 1, Math.ceil((slopes.length + reach) / 2))] ?? bytesPerDay;
  const [begin, end] = [points[0], points.at(-1)];
  if (begin === undefined || end === undefined) return null;
  const offset = median(points.map(({ start, bytes }) => bytes - (bytesPerDay * (start - begin.start)) / dayMs));
  const direction = low > 0 ? 'rising' : high < 0 ? 'falling' : 'none';
  return {
    points: series.length, bytesPerDay, low, high, direction,
    typicalBytes: median(points.map(({ bytes }) => bytes)),
    first: offset,
    last: offset + (bytesPerDay * (end.start - begin.start)) / dayMs,
  };
}
