import { addCounts, bytesOf, countsOf, noCounts } from '../../core/history/counts.ts';
import type { Counts } from '../../core/history/counts.ts';
import type { RangePlan } from '../../core/history/pieces.ts';
import type { QueryKey, Step, StepName, StepPart } from '../../core/history/query.ts';
import { stepFinder } from '../../core/history/stepping.ts';
import { epochMs } from '../../protocol/units.ts';
import type { Conditions, Sums } from './sums.ts';

/** What is charted: the plan of the range, in tiers that have the steps. */
export interface StepsWanted {
  readonly plan: RangePlan;
  readonly step: StepName;
  readonly conditions: Conditions;
}

/** A split: its key, and the number of each row by the number of what it stands for. */
export interface Split {
  readonly by: QueryKey;
  readonly rows: ReadonlyMap<number, number>;
}

interface GrowingStep {
  readonly start: number;
  readonly date: string | null;
  counts: Counts;
  readonly parts: Map<number, Counts>;
}

/** Sums by step, in order of time. */
export function sumSteps(wanted: StepsWanted, split: Split | null, sums: Sums): readonly Step[] {
  const { plan, step, conditions } = wanted;
  const placeOf = stepFinder(step, step === 'day' || step === 'month' ? sums.spans(plan) : []);
  const steps = new Map<number, GrowingStep>();
  for (const piece of plan.pieces) {
    const time = step === 'hour' && piece.tier === 'quarter' ? 'hour' : 'bucket';
    const groupings = split === null ? [time] as const : ([time, split.by] as const);
    for (const row of sums.ofPiece(piece, groupings, conditions)) {
      const place = placeOf(piece.tier, row.key);
      if (place === null) continue;
      const growing = steps.get(place.start) ?? { ...place, counts: noCounts, parts: new Map<number, Counts>() };
      steps.set(place.start, growing);
      growing.counts = addCounts(growing.counts, row);
      const part = split?.rows.get(row.key2);
      if (part !== undefined) growing.parts.set(part, addCounts(growing.parts.get(part) ?? noCounts, row));
    }
  }
  return [...steps.values()].toSorted((a, b) => a.start - b.start).map(finished);
}

function finished({ start, date, counts, parts }: GrowingStep): Step {
  const rows: readonly StepPart[] = [...parts].map(([row, part]) => ({ row, ...part }));
  return { start: epochMs(start), date, ...countsOf(counts), parts: rows.toSorted((a, b) => a.row - b.row) };
}

/** Numbers of the largest sums, the largest first. */
export function largest(sums: ReadonlyMap<number, Counts>, limit: number): readonly number[] {
  return [...sums]
    .toSorted(([, a], [, b]) => bytesOf(b) - bytesOf(a))
    .slice(0, limit)
    .map(([id]) => id);
}
