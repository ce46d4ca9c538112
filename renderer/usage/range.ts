import type { PlanState } from '../../protocol/plan.ts';
import type { StepName } from '../../protocol/usage-query.ts';

/** Times to look at: presets, what comes before them, and how finely they are drawn. All by the local calendar. */

export const presetNames = ['hour', 'today', 'yesterday', 'week', 'cycle', 'month', 'year', 'all'] as const;
export type PresetName = (typeof presetNames)[number];

/** `from` is inclusive, `to` is not; milliseconds since 1970. */
export interface Range {
  readonly from: number;
  readonly to: number;
}

export interface RangeFacts {
  readonly now: number;
  /** When the history begins; null where it is empty or not known yet. */
  readonly first: number | null;
  /** The plan whose cycle is meant; null where there is none: then a cycle is the calendar month. */
  readonly plan: PlanState | null;
}

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;

/** Local midnight, `days` after the day of `time`. */
export function midnight(time: number, days = 0): number {
  const local = new Date(time);
  return new Date(local.getFullYear(), local.getMonth(), local.getDate() + days).getTime();
}

function firstOfMonth(time: number, months = 0): number {
  const local = new Date(time);
  return new Date(local.getFullYear(), local.getMonth() + months, 1).getTime();
}

/** The times of a preset. Those that go on end now: what is to come is not drawn. */
export function rangeOf(preset: PresetName, { now, first, plan }: RangeFacts): Range {
  switch (preset) {
    case 'hour':
      return { from: now - hourMs, to: now };
    case 'today':
      return { from: midnight(now), to: now };
    case 'yesterday':
      return { from: midnight(now, -1), to: midnight(now) };
    case 'week':
      return { from: midnight(now, -6), to: now };
    case 'cycle':
      return { from: plan?.from ?? firstOfMonth(now), to: now };
    case 'month':
      return { from: firstOfMonth(now), to: now };
    case 'year':
      return { from: firstOfMonth(now, -11), to: now };
    case 'all':
      return { from: Math.min(first ?? midnight(now), midnight(now)), to: now };
    default:
      return preset satisfies never;
  }
}

/** Moves a time by whole days and months of the local calendar; a day that the month does not have becomes its last one. */
function moved(time: number, by: { readonly days: number; readonly months: number }): number {
  const local = new Date(time);
  const days = new Date(local.getFullYear(), local.getMonth() + by.months + 1, 0).getDate();
  const day = Math.min(local.getDate(), by.months === 0 ? local.getDate() : days);
  return new Date(local.getFullYear(), local.getMonth() + by.months, day + by.days, local.getHours(), local.getMinutes(), local.getSeconds(), local.getMilliseconds()).getTime();
}

/** By how much of the calendar a preset's predecessor lies before it; null for those that go by length. */
const strides: Partial<Record<PresetName, { readonly days: number; readonly months: number }>> = {
  today: { days: -1, months: 0 },
  yesterday: { days: -1, months: 0 },
  week: { days: -7, months: 0 },
  cycle: { days: 0, months: -1 },
  month: { days: 0, months: -1 },
  year: { days: 0, months: -12 },
};

/** What a range is compared with: the same stretch of the day, week or month before, so that "so far" meets "so far". */
export function previousOf({ from, to }: Range, preset: PresetName | null): Range {
  const stride = preset === null ? undefined : strides[preset];
  if (stride === undefined) return { from: from - (to - from), to: from };
  return { from: moved(from, stride), to: moved(to, stride) };
}

/** The range as long, before or after it. It does not go beyond now. */
export function neighbour({ from, to }: Range, direction: -1 | 1, now: number): Range {
  const wholeDays = midnight(from) === from && (midnight(to) === to || to === now);
  const days = Math.max(1, Math.round((to - from) / dayMs));
  const next = wholeDays ? { from: midnight(from, direction * days), to: midnight(from, (direction + 1) * days) } : { from: from + direction * (to - from), to: to + direction * (to - from) };
  return { from: next.from, to: Math.min(next.to, Math.max(now, next.from + minuteMs)) };
}

/** How long each step is kept by default, in milliseconds before now: what is older is answered more coarsely. */
const minutesKeptMs = 7 * dayMs;
const quartersKeptMs = 90 * dayMs;

/** The step a range is drawn in: fine enough to see, and still kept. */
export function stepOf({ from, to }: Range, now: number): StepName {
  const length = to - from;
  const age = now - from;
  if (length <= 20 * minuteMs && age <= 6 * hourMs) return 'recent';
  if (length <= 3 * hourMs && age <= minutesKeptMs) return 'minute';
  if (length <= 26 * hourMs && age <= quartersKeptMs) return 'quarter';
  if (length <= 9 * dayMs && age <= quartersKeptMs) return 'hour';
  return length <= 420 * dayMs ? 'day' : 'month';
}

const fixedSteps = { recent: 10_000, minute: minuteMs, quarter: 15 * minuteMs, hour: hourMs } as const;

/** Most steps of one picture: more are not told apart. */
const maximumSteps = 2000;

function twoDigits(value: number): string {
  return String(value).padStart(2, '0');
}

/** One step's place on the axis: when it begins, and what the service calls it, if it has a name. */
export interface StepPlace {
  readonly start: number;
  readonly date: string | null;
}

/** Every step of a range, with those in which nothing was counted, which the service leaves out. */
export function placesOf({ from, to }: Range, step: StepName): readonly StepPlace[] {
  const places: StepPlace[] = [];
  if (step === 'day' || step === 'month') {
    for (let start = step === 'day' ? midnight(from) : firstOfMonth(from); start < to && places.length < maximumSteps; ) {
      const local = new Date(start);
      const month = `${local.getFullYear()}-${twoDigits(local.getMonth() + 1)}`;
      places.push({ start, date: step === 'day' ? `${month}-${twoDigits(local.getDate())}` : month });
      start = step === 'day' ? midnight(start, 1) : firstOfMonth(start, 1);
    }
    return places;
  }
  const length = fixedSteps[step];
  for (let start = Math.floor(from / length) * length; start < to && places.length < maximumSteps; start += length) places.push({ start, date: null });
  return places;
}

/** When the step that begins at `start` ends. */
export function stepEnd(start: number, step: StepName): number {
  if (step === 'day') return midnight(start, 1);
  return step === 'month' ? firstOfMonth(start, 1) : start + fixedSteps[step];
}
