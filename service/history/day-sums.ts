import { addCounts, countsOf } from '../../core/history/counts.ts';
import type { Counts } from '../../core/history/counts.ts';
import type { DayNumber } from '../../core/history/calendar.ts';
import type { DaySpan } from '../../core/history/day-span.ts';
import type { RangePlan } from '../../core/history/pieces.ts';
import { quarterMs, startOf } from '../../core/history/tiers.ts';
import type { Conditions, Sums } from './sums.ts';

/** One local date's sums, and when its first span begins. */
export interface DaySum extends Counts {
  readonly date: DayNumber;
  /** In ms since the epoch. */
  readonly start: number;
}

/** Sums of a plan by local date: rows of finer tiers count to the date that was theirs when they were written. */
export function sumsByDay(plan: RangePlan, sums: Sums, conditions: Conditions): readonly DaySum[] {
  const spans = sums.spans(plan);
  const days = new Map<DayNumber, DaySum>();
  let index = 0;
  const add = (time: number, counts: Counts): void => {
    while (index < spans.length - 1 && (spans[index]?.finish ?? 0) * quarterMs <= time) index += 1;
    const span: DaySpan | undefined = spans[index];
    if (span === undefined) return;
    const known = days.get(span.date);
    const start = span.start * quarterMs;
    days.set(span.date, known === undefined ? { date: span.date, start, ...countsOf(counts) } : { ...known, ...addCounts(known, counts) });
  };
  for (const piece of plan.pieces) {
    for (const row of sums.ofPiece(piece, ['bucket'], conditions)) add(startOf(piece.tier, row.key), row);
  }
  return [...days.values()].toSorted((a, b) => a.date - b.date || a.start - b.start);
}
