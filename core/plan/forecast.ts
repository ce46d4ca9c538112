import type { PlanState } from '../../protocol/plan.ts';

/** Fewer days say too little to tell where a cycle leads. */
export const leastDays = 3;

/** Days that are looked back on: four weeks have each weekday as often. */
export const forecastDays = 28;

/** A tenth of a normal distribution lies above so many deviations, and a tenth below: four of five cycles end between. */
const deviationsOfRange = 1.2816;

export interface ForecastFacts {
  readonly usedBytes: number;
  /** What whole days held, the newest last. */
  readonly days: readonly number[];
  /** Days until the cycle ends; a part of one where it ends within it. */
  readonly daysLeft: number;
}

/** The mean and the standard deviation of what a day holds; null where too few days are known. */
export function paceOf(days: readonly number[]): { readonly mean: number; readonly deviation: number } | null {
  if (days.length < leastDays) return null;
  const mean = days.reduce((sum, each) => sum + each, 0) / days.length;
  const variance = days.reduce((sum, each) => sum + (each - mean) ** 2, 0) / (days.length - 1);
  return { mean, deviation: Math.sqrt(variance) };
}

/**
 * What the cycle will have used at its end: what it has, and for each day that is left what a day held of late. Its range has two
 * parts: days differ, and their mean is known only as well as there are days.
 */
export function forecastOf({ usedBytes, days, daysLeft }: ForecastFacts): PlanState['forecast'] {
  const pace = paceOf(days);
  if (pace === null) return null;
  const left = Math.max(0, daysLeft);
  const expected = usedBytes + pace.mean * left;
  const deviation = pace.deviation * Math.sqrt(left + (left * left) / days.length);
  return {
    bytes: expected,
    low: Math.max(usedBytes, expected - deviationsOfRange * deviation),
    high: expected + deviationsOfRange * deviation,
  };
}
