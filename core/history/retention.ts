import type { DaySpan } from './day-span.ts';
import type { Floors } from './pieces.ts';
import { leastRetention, quarterMs, tiers } from './tiers.ts';
import type { FineTierName, Retention } from './tiers.ts';

/** A retention that ranges can be made of: none less than `leastRetention`, and no tier kept shorter than a finer one. */
export function boundedRetention(wanted: Retention): Retention {
  const recent = Math.max(wanted.recent, leastRetention.recent);
  const minute = Math.max(wanted.minute, leastRetention.minute, recent);
  const quarter = Math.max(wanted.quarter, leastRetention.quarter, minute);
  return { recent, minute, quarter };
}

function floorTo(time: number, unitMs: number): number {
  return Math.floor(time / unitMs) * unitMs;
}

/** The last boundary between days at or before `time`, given the last span that begins by then; null: before all. */
function dayBoundary(time: number, before: DaySpan | null): number | null {
  if (before === null) return null;
  const finish = before.finish * quarterMs;
  return finish <= time ? finish : before.start * quarterMs;
}

/**
 * Where the floors should be at `now`, each a multiple of the next coarser bucket (see `Floors`). Floors never go down
 * here: what is deleted does not come back. `spanBefore` gives the last day span that begins by an instant.
 */
export function dueFloors(
  now: number,
  kept: { readonly retention: Retention; readonly floors: Floors; readonly spanBefore: (time: number) => DaySpan | null },
): Floors {
  const { retention, floors, spanBefore } = kept;
  const oldest = (tier: FineTierName): number => Math.max(0, now - retention[tier]);
  return {
    recent: Math.max(floors.recent, floorTo(oldest('recent'), tiers.minute.unitMs)),
    minute: Math.max(floors.minute, floorTo(oldest('minute'), tiers.quarter.unitMs)),
    quarter: Math.max(floors.quarter, dayBoundary(oldest('quarter'), spanBefore(oldest('quarter'))) ?? 0),
  };
}
