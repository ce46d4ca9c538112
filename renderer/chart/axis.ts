import { dayOf, monthOf, secondOfDay, timeOfDay, weekdayOf } from '../format/moment.ts';
import type { StepName } from '../../protocol/usage-query.ts';

/** Which steps of a time axis have a mark, and what stands there. */

export interface Mark {
  readonly index: number;
  readonly label: string;
}

/** A step's own name, as a table or a hovering pointer says it. */
export function stepLabel(start: number, step: StepName, language: string): string {
  switch (step) {
    case 'recent':
      return secondOfDay(start, language);
    case 'minute':
    case 'quarter':
    case 'hour':
      return `${weekdayOf(start, language)}, ${timeOfDay(start, language)}`;
    case 'day':
      return weekdayOf(start, language);
    case 'month':
      return monthOf(start, language);
    default:
      return step satisfies never;
  }
}

const dayMs = 86_400_000;

/** Marks are thinned to those that begin a rounder unit of time: the roundest that are few enough. */
const rounds: readonly ((time: Date) => boolean)[] = [
  () => true,
  (time) => time.getSeconds() === 0,
  (time) => time.getSeconds() === 0 && time.getMinutes() % 5 === 0,
  (time) => time.getSeconds() === 0 && time.getMinutes() % 10 === 0,
  (time) => time.getSeconds() === 0 && time.getMinutes() % 30 === 0,
  (time) => time.getMinutes() === 0,
  (time) => time.getMinutes() === 0 && time.getHours() % 2 === 0,
  (time) => time.getMinutes() === 0 && time.getHours() % 3 === 0,
  (time) => time.getMinutes() === 0 && time.getHours() % 6 === 0,
  (time) => time.getMinutes() === 0 && time.getHours() % 12 === 0,
  (time) => time.getMinutes() === 0 && time.getHours() === 0,
  (time) => time.getHours() === 0 && time.getDate() % 2 === 1 && time.getDate() < 31,
  (time) => time.getHours() === 0 && time.getDay() === 1,
  (time) => time.getDate() === 1,
  (time) => time.getDate() === 1 && time.getMonth() % 2 === 0,
  (time) => time.getDate() === 1 && time.getMonth() % 3 === 0,
  (time) => time.getDate() === 1 && time.getMonth() % 6 === 0,
  (time) => time.getDate() === 1 && time.getMonth() === 0,
];

/** The marks of an axis with room for `most` of them. */
export function marksOf(starts: readonly number[], most: number, language: string): readonly Mark[] {
  const times = starts.map((start) => new Date(start));
  const kept = rounds.map((isRound) => times.flatMap((time, index) => (isRound(time) ? [index] : []))).find((indexes) => indexes.length > 0 && indexes.length <= most);
  const indexes = kept ?? [0];
  const second = indexes[1];
  const apart = second === undefined ? 0 : (starts[second] ?? 0) - (starts[indexes[0] ?? 0] ?? 0);
  return indexes.map((index) => ({ index, label: markLabel(starts[index] ?? 0, apart, language) }));
}

function markLabel(start: number, apart: number, language: string): string {
  const time = new Date(start);
  const atMidnight = time.getHours() === 0 && time.getMinutes() === 0 && time.getSeconds() === 0;
  if (apart >= 27 * dayMs) return monthOf(start, language);
  if (apart >= 0.9 * dayMs) return apart < 2 * dayMs && apart > 0 ? weekdayOf(start, language) : dayOf(start, language);
  return atMidnight ? dayOf(start, language) : timeOfDay(start, language);
}
