import { epochMs } from '../../protocol/units.ts';
import type { Gap } from '../../protocol/app.ts';

/**
 * A gap that begins this soon after one of the same reason ended goes on from it: ticks jitter. Less than the shortest
 * interval that is measured (a second), so that nothing measured between two gaps is swallowed. In milliseconds.
 */
export const gapJoinMs = 500;

/** Whether `next` goes on from `gap`: same reason, and they touch or nearly so. */
export function goesOn(gap: Gap, next: Gap): boolean {
  return gap.reason === next.reason && next.from >= gap.from && next.from <= gap.to + gapJoinMs;
}

/** Adds a gap, joined to the last where it goes on from it. Empty and backward gaps are none. */
export function addGap(gaps: readonly Gap[], next: Gap, limit: number): readonly Gap[] {
  if (next.to <= next.from) return gaps;
  const last = gaps.at(-1);
  if (last !== undefined && goesOn(last, next)) {
    return [...gaps.slice(0, -1), { ...last, to: epochMs(Math.max(last.to, next.to)) }];
  }
  return gaps.length < limit ? [...gaps, next] : gaps;
}

/** The part of a gap inside the range [from, to), or null where they do not meet. */
export function clippedGap(gap: Gap, from: number, to: number): Gap | null {
  const start = Math.max(gap.from, from);
  const end = Math.min(gap.to, to);
  return end > start ? { from: epochMs(start), to: epochMs(end), reason: gap.reason } : null;
}
