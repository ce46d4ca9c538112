import type { Gap } from '../../protocol/report.ts';
import { epochMs } from '../../protocol/units.ts';
import type { EpochMs } from '../../protocol/units.ts';
import type { Step } from '../../protocol/usage-query.ts';

/** One step of time with what was used in it. */
export interface Point {
  readonly start: EpochMs;
  readonly end: EpochMs;
  readonly bytes: number;
}

/** A step that was measured for less than this is not known, rather than small. */
const leastMeasured = 0.5;

function measuredShare(start: number, end: number, gaps: readonly Gap[]): number {
  const missing = gaps.reduce((sum, gap) => sum + Math.max(0, Math.min(gap.to, end) - Math.max(gap.from, start)), 0);
  return 1 - missing / (end - start);
}

/**
 * A series without holes: `edges` are the beginnings of all steps, with the end of the last. A step without traffic is zero, and one that
 * was hardly measured is left out.
 */
export function seriesOf(steps: readonly Pick<Step, 'start' | 'rxBytes' | 'txBytes'>[], edges: readonly EpochMs[], gaps: readonly Gap[]): readonly Point[] {
  const width = (edges[1] ?? 0) - (edges[0] ?? 0);
  const bytes = new Map<number, number>();
  let index = 0;
  for (const step of steps.toSorted((a, b) => a.start - b.start)) {
    // Days that were kept in another time zone begin at another hour: a step belongs where its middle lies.
    const middle = step.start + width / 2;
    while (index + 1 < edges.length && (edges[index + 1] ?? Infinity) <= middle) index += 1;
    const edge = edges[index];
    if (edge !== undefined && edge <= middle) bytes.set(edge, (bytes.get(edge) ?? 0) + step.rxBytes + step.txBytes);
  }
  return edges.slice(0, -1).flatMap((start, index) => {
    const end = edges[index + 1] ?? start;
    if (end <= start || measuredShare(start, end, gaps) < leastMeasured) return [];
    return [{ start, end: epochMs(end), bytes: bytes.get(start) ?? 0 }];
  });
}
