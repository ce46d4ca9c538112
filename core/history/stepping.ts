import { dateText, monthText } from './calendar.ts';
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

/** The span among `spans` (in order) that holds an instant, or null. */
export function spanOf(spans: readonly DaySpan[], time: number): DaySpan | null {
  return spans.findLast((span) => span.start * quarterMs <= time && time < span.finish * quarterMs) ?? null;
}

/**
 * Where a bucket of a tier belongs in a chart. Days go by local date: a date with two spans (the time zone changed) is one
 * step, which begins where its first span does.
 */
export function stepPlace(step: StepName, bucket: { readonly tier: TierName; readonly number: number }, spans: readonly DaySpan[]): StepPlace | null {
  const time = startOf(bucket.tier, bucket.number);
  switch (step) {
    case 'recent':
    case 'minute':
    case 'quarter':
      return { start: Math.floor(time / tiers[step].unitMs) * tiers[step].unitMs, date: null };
    case 'hour':
      return { start: Math.floor(time / hourMs) * hourMs, date: null };
    case 'day':
    case 'month':
      return localPlace(step, spanOf(spans, time), spans);
  }
}

function localPlace(step: 'day' | 'month', span: DaySpan | null, spans: readonly DaySpan[]): StepPlace | null {
  if (span === null) return null;
  const text = step === 'day' ? dateText : monthText;
  const date = text(span.date);
  const first = spans.find((other) => text(other.date) === date) ?? span;
  return { start: first.start * quarterMs, date };
}
