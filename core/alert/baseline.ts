import type { EpochMs } from '../../protocol/units.ts';

/** What one quarter of an hour held. */
export interface QuarterSample {
  readonly start: EpochMs;
  readonly bytes: number;
}

/** What is usual at one hour of the week, in bytes of a quarter of an hour. */
export interface Usual {
  readonly median: number;
  /** More than this is unusual. */
  readonly bound: number;
  /** How many quarters of an hour it was learnt from. */
  readonly samples: number;
}

export const quarterMs = 900_000;

/** Weeks that are looked back on: as far as quarter-hours are kept by default. */
export const baselineMs = 90 * 86_400_000;

/** A history that is younger says too little: three days. */
const leastSamples = 3 * 96;

/** Of an hour of the week, with the hour before and after: three weeks of it. */
const leastOfHour = 36;

/** Of an hour of any day: three days of it. */
const leastOfDay = 36;

/** Scales the median absolute deviation to the standard deviation of a normal distribution. */
const deviationScale = 1.4826;

/** How many deviations above the median, and how many times what days come to at this hour, are unusual; and what never is, in bytes. */
export const sensitivities = {
  rare: { deviations: 12, times: 2.5, floor: 750_000_000 },
  normal: { deviations: 8, times: 1.5, floor: 300_000_000 },
  often: { deviations: 5, times: 1.2, floor: 100_000_000 },
} as const;

export type Sensitivity = keyof typeof sensitivities;

/** What happened on so few of the days that are looked back on does not make it usual: none of a young history's. */
function outlierDays(days: number): number {
  if (days < 14) return 0;
  return days < 45 ? 1 : 2;
}

const dayMs = 86_400_000;

/** Of sorted numbers. */
function quantile(sorted: readonly number[], share: number): number {
  const place = (sorted.length - 1) * share;
  const low = sorted[Math.floor(place)] ?? 0;
  const high = sorted[Math.ceil(place)] ?? low;
  return low + (high - low) * (place - Math.floor(place));
}

/** The median and the median absolute deviation of numbers. */
export function medianOf(numbers: readonly number[]): { readonly median: number; readonly deviation: number } {
  const median = quantile(numbers.toSorted((a, b) => a - b), 0.5);
  const deviations = numbers.map((each) => Math.abs(each - median)).toSorted((a, b) => a - b);
  return { median, deviation: quantile(deviations, 0.5) * deviationScale };
}

/** The hour of the week of an instant: 0 is Monday 00:00 to 01:00 of the local clock. */
export type HourOfWeek = (time: EpochMs) => number;

const hoursOfWeek = 168;

/**
 * What is usual at each hour of the week, from what the quarter-hours of the last weeks held. `samples` has one for every
 * quarter-hour that was measured, those in which nothing moved too. Young histories are judged by the hour of the day, then by
 * all there is; before three days there is nothing to judge by.
 */
export class Baseline {
  readonly #byHour: readonly number[][];
  readonly #all: readonly number[];
  /** The largest quarter-hour of each day, by the hour of the day. */
  readonly #largest: readonly Map<number, number>[];
  readonly #made = new Map<string, Usual | null>();

  constructor(samples: readonly QuarterSample[], hourOfWeek: HourOfWeek) {
    const byHour: number[][] = Array.from({ length: hoursOfWeek }, () => []);
    const largest: Map<number, number>[] = Array.from({ length: 24 }, () => new Map<number, number>());
    for (const { start, bytes } of samples) {
      const hour = hourOfWeek(start);
      byHour[hour]?.push(bytes);
      const ofHour = largest[hour % 24];
      const day = Math.floor(start / dayMs);
      ofHour?.set(day, Math.max(ofHour.get(day) ?? 0, bytes));
    }
    this.#largest = largest;
    this.#byHour = byHour;
    this.#all = samples.map(({ bytes }) => bytes);
  }

  /** What is usual at an hour of the week; null where too little is known. */
  usualAt(hour: number, sensitivity: Sensitivity): Usual | null {
    const key = `${hour} ${sensitivity}`;
    const known = this.#made.get(key);
    if (known !== undefined) return known;
    const usual = this.#make(hour, sensitivity);
    this.#made.set(key, usual);
    return usual;
  }

  #make(hour: number, sensitivity: Sensitivity): Usual | null {
    if (this.#all.length < leastSamples) return null;
    const numbers = this.#samplesFor(hour);
    const { deviations, times, floor } = sensitivities[sensitivity];
    const { median, deviation } = medianOf(numbers);
    // What evenings are like at all: a film on a Tuesday is no news where there are films on other days.
    const bound = Math.max(floor, median + deviations * deviation, this.#daysCommonlyReach(hour) * times);
    return { median, bound, samples: numbers.length };
  }

  /** What all but a few days come to around this hour, at their largest. */
  #daysCommonlyReach(hour: number): number {
    const days = new Map<number, number>();
    for (const offset of [-1, 0, 1]) {
      for (const [day, bytes] of this.#largest[(hour + offset + hoursOfWeek) % 24] ?? []) days.set(day, Math.max(days.get(day) ?? 0, bytes));
    }
    const largest = [...days.values()].toSorted((a, b) => b - a);
    return largest[outlierDays(largest.length)] ?? 0;
  }

  #samplesFor(hour: number): readonly number[] {
    const around = [-1, 0, 1].flatMap((offset) => this.#byHour[(hour + offset + hoursOfWeek) % hoursOfWeek] ?? []);
    if (around.length >= leastOfHour) return around;
    const ofDay = this.#hoursOfDay(hour);
    return ofDay.length >= leastOfDay ? ofDay : this.#all;
  }

  #hoursOfDay(hour: number): readonly number[] {
    return Array.from({ length: 7 }, (_, day) => this.#byHour[day * 24 + (hour % 24)] ?? []).flat();
  }
}
