import type { EpochMs } from '../../protocol/units.ts';
import { median, spread } from './robust.ts';
import type { Point } from './series.ts';

/** A step that is unlike the others. */
export interface Anomaly {
  readonly start: EpochMs;
  readonly end: EpochMs;
  readonly bytes: number;
  /** What such a step usually has. */
  readonly typicalBytes: number;
  /** How many robust standard deviations of the logarithm it is away; negative where it is below. */
  readonly score: number;
  readonly causes: readonly AnomalyCause[];
}

/** Who made the difference. */
export interface AnomalyCause {
  readonly kind: 'app' | 'domain';
  readonly label: string;
  readonly bytes: number;
  readonly typicalBytes: number;
}

/** One app or domain over the same steps: bytes by the beginning of the step. */
export interface Part {
  readonly kind: AnomalyCause['kind'];
  readonly label: string;
  readonly bytes: ReadonlyMap<number, number>;
}

/** Iglewicz and Hoaglin (1993) call a modified z-score beyond this an outlier. */
const outlier = 3.5;
/** Steps that are alike to the byte have no spread: a tenth of a factor of e is the least that is taken for one. */
const leastSpread = 0.1;
/** So many of a kind say what is usual for that kind; else all steps do. */
const enoughOfAKind = 4;
const mostShown = 50;
const causesShown = 3;
/** Who made less than a tenth of the difference is no cause of it. */
const leastPart = 0.1;
/** Below this nobody minds, however unusual it is: a step of a silent machine. In bytes. */
const smallest = 1_000_000;

/**
 * Steps that are unusual for their kind (`kindOf`: the weekday, the hour), the most unusual first. Bytes are compared by their logarithm, because
 * what is twice as much is as far away as what is half.
 */
export function anomaliesIn(series: readonly Point[], kindOf: (start: EpochMs) => number, parts: readonly Part[]): readonly Anomaly[] {
  const logs = series.map((point) => ({ point, kind: kindOf(point.start), log: Math.log1p(point.bytes) }));
  const all = logs.map(({ log }) => log);
  const byKind = Map.groupBy(logs, ({ kind }) => kind);
  const usual = (kind: number): { readonly middle: number; readonly width: number } => {
    const alike = byKind.get(kind)?.map(({ log }) => log) ?? [];
    const values = alike.length >= enoughOfAKind ? alike : all;
    return { middle: median(values), width: Math.max(leastSpread, spread(values)) };
  };
  const usuals = new Map([...byKind.keys()].map((kind) => [kind, usual(kind)]));
  const starts = series.map(({ start }) => start);
  return logs
    .flatMap(({ point, kind, log }) => {
      const { middle, width } = usuals.get(kind) ?? { middle: 0, width: 1 };
      const score = (log - middle) / width;
      const typicalBytes = Math.expm1(middle);
      if (Math.abs(score) <= outlier || Math.abs(point.bytes - typicalBytes) < smallest) return [];
      return [{ ...point, typicalBytes, score, causes: causesOf(point, { parts, starts, difference: point.bytes - typicalBytes }) }];
    })
    .toSorted((a, b) => Math.abs(b.score) - Math.abs(a.score))
    .slice(0, mostShown);
}

/** The apps and domains that differ most from what they usually have, in the direction of the step. */
function causesOf({ start }: Point, given: { readonly parts: readonly Part[]; readonly starts: readonly number[]; readonly difference: number }): readonly AnomalyCause[] {
  const sign = Math.sign(given.difference);
  const differences = given.parts.map(({ kind, label, bytes }) => {
    const typicalBytes = median(given.starts.map((each) => bytes.get(each) ?? 0));
    return { kind, label, bytes: bytes.get(start) ?? 0, typicalBytes };
  });
  const excess = (cause: AnomalyCause): number => sign * (cause.bytes - cause.typicalBytes);
  return (['app', 'domain'] as const).flatMap((kind) =>
    differences.filter((cause) => cause.kind === kind && excess(cause) > leastPart * Math.abs(given.difference)).toSorted((a, b) => excess(b) - excess(a)).slice(0, causesShown));
}
