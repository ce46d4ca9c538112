import { dateText, monthText } from './calendar.ts';
import type { DayNumber } from './calendar.ts';
import { indexOfSpan } from './day-span.ts';
import type { DaySpan } from './day-span.ts';
import type { StepName } from './query.ts';
import { quarterMs, startOf, tiers } from './tiers.ts';
import type { TierName } from './tiers.ts';

/** The coarsest tier that has the steps of a chart in it, and how a bucket of any finer one finds its step. */
export const stepTier: Readonly<Record<StepName, TierName>> = {
  recent: 'recent',
  minute: 'minute',
  quarter: 'quarter',
  hour: 'quarter',
  day: 'day',
  month: 'month',
};

const hourMs = 4 * quarterMs;

/** A step: when it begins (ms since the epoch), and its local date where it is a day or month. */
export interface StepPlace {
  readonly start: number;
  readonly date: string | null;
}

/** Finds the step that a bucket of a tier belongs to; null where no day has it. */
export type StepFinder = (tier: TierName, bucket: number) => StepPlace | null;

/**
 * The steps of a chart. Days and months go by local date: a date with two spans (the time zone changed) is one step, which
 * begins where its first span does. `spans` are the day spans of the range, in order.
 */
export function stepFinder(step: StepName, spans: readonly DaySpan[]): StepFinder {
  if (step === 'day' || step === 'month') return localFinder(step === 'day' ? dateText : monthText, spans);
  const unitMs = step === 'hour' ? hourMs : tiers[step].unitMs;
  return (tier, bucket) => ({ start: Math.floor(startOf(tier, bucket) / unitMs) * unitMs, date: null });
}

function localFinder(textOf: (date: DayNumber) => string, spans: readonly DaySpan[]): StepFinder {
  const places = new Map<string, StepPlace>();
  const placed = spans.map((span) => {
    const date = textOf(span.date);
    const place = places.get(date) ?? { start: span.start * quarterMs, date };
    places.set(date, place);
    return { span, place };
  });
  return (tier, bucket) => {
    const quarter = Math.floor(startOf(tier, bucket) / quarterMs);
    const found = placed[indexOfSpan(spans, quarter)];
    return found !== undefined && found.span.start <= quarter ? found.place : null;
  };
}
