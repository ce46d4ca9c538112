import type { RateTrack } from './rates.ts';

/** How long one row of the live graph's table is, in seconds: as long as the finest step that the history keeps. */
export const liveStepSeconds = 10;

/** A part of the last minutes, in bytes a second on average; null where nothing is known of it. */
export interface LiveStep {
  /** Its beginning, in seconds since 1970: a multiple of {@link liveStepSeconds}. */
  readonly start: number;
  readonly down: number | null;
  readonly up: number | null;
}

function average(values: Float64Array): number | null {
  const known = values.filter((value) => !Number.isNaN(value));
  return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0) / known.length;
}

/** What the live graph draws, in steps, the newest first. The newest and the oldest may be shorter; seconds that are not known count for nothing. */
export function liveSteps({ end, seconds, down, up }: RateTrack): readonly LiveStep[] {
  if (end === 0) return [];
  const begin = end - seconds;
  const steps: LiveStep[] = [];
  for (let start = Math.floor((end - 1) / liveStepSeconds) * liveStepSeconds; start + liveStepSeconds > begin; start -= liveStepSeconds) {
    const from = Math.max(0, start - begin);
    const to = Math.min(seconds, start + liveStepSeconds - begin);
    steps.push({ start, down: average(down.subarray(from, to)), up: average(up.subarray(from, to)) });
  }
  return steps;
}
