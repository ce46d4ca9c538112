import type { StepName, StepsResult, TopResult, UsageName } from '../../protocol/usage-query.ts';
import type { Gap } from '../../protocol/report.ts';
import { slotsOf } from '../look/palette.ts';
import type { Slot } from '../look/palette.ts';
import type { Direction } from './question.ts';
import { placesOf, stepEnd } from './range.ts';
import type { Range, StepPlace } from './range.ts';

/** What the chart shows, made of what the service answered: pure arithmetic, no colours and no words. */

/** A row's identity within one answer. */
export function rowId({ kind, key }: Pick<UsageName, 'kind' | 'key'>): string {
  return `${kind} ${key ?? ''}`;
}

/** One colour of the chart: bytes for each step. `row` is null for what has no row of its own. */
export interface Series extends ColouredRow {
  readonly values: readonly number[];
}

/** A stretch of the axis in which nothing was measured, in steps: 0 is where the first one begins. */
export interface PictureGap {
  readonly from: number;
  readonly to: number;
  readonly reason: Gap['reason'];
}

export interface Picture {
  readonly step: StepName;
  readonly places: readonly StepPlace[];
  /** The largest first; the rest, where there is one, last. */
  readonly series: readonly Series[];
  /** Sum of each step. */
  readonly totals: readonly number[];
  /** The same steps of the period before; null where nothing is compared. */
  readonly previous: readonly number[] | null;
  readonly gaps: readonly PictureGap[];
}

interface Both {
  readonly rxBytes: number;
  readonly txBytes: number;
}

/** A row's bytes in the direction that is looked at. */
export function bytesOf({ rxBytes, txBytes }: Both, direction: Direction): number {
  if (direction === 'total') return rxBytes + txBytes;
  return direction === 'down' ? rxBytes : txBytes;
}

/** Finds the place of a step: by the calendar's name where it has one, else by its beginning. */
function indexOfPlaces(places: readonly StepPlace[]): (step: { readonly start: number; readonly date: string | null }) => number | undefined {
  const byDate = new Map(places.map(({ date }, index) => [date, index]));
  const byStart = new Map(places.map(({ start }, index) => [start, index]));
  return ({ start, date }) => (date === null ? byStart.get(start) : byDate.get(date));
}

function totalsOf({ steps }: StepsResult, places: readonly StepPlace[], direction: Direction): number[] {
  const totals = places.map(() => 0);
  const indexOf = indexOfPlaces(places);
  for (const step of steps) {
    const index = indexOf(step);
    if (index !== undefined) totals[index] = bytesOf(step, direction);
  }
  return totals;
}

/** Where on the axis an instant lies, in steps. */
function positionOf(time: number, places: readonly StepPlace[], step: StepName): number {
  const index = places.findLastIndex(({ start }) => start <= time);
  const place = places[index];
  if (place === undefined) return 0;
  const end = stepEnd(place.start, step);
  return Math.min(places.length, index + (time - place.start) / (end - place.start));
}

function gapsOf(gaps: readonly Gap[], places: readonly StepPlace[], { range, step }: { readonly range: Range; readonly step: StepName }): PictureGap[] {
  return gaps
    .filter(({ from, to }) => to > range.from && from < range.to)
    .map(({ from, to, reason }) => ({ from: positionOf(Math.max(from, range.from), places, step), to: positionOf(Math.min(to, range.to), places, step), reason }))
    .filter(({ from, to }) => to > from);
}

export interface PictureParts {
  readonly range: Range;
  readonly step: StepName;
  readonly direction: Direction;
  readonly steps: StepsResult;
  readonly previous: { readonly range: Range; readonly steps: StepsResult } | null;
}

/** A row of the picture and its colour. */
export interface ColouredRow {
  readonly row: UsageName | null;
  readonly slot: Slot;
}

/** The colours of the largest rows, the largest first. */
export function seriesOf(rows: readonly UsageName[]): readonly ColouredRow[] {
  const slots = slotsOf(rows.map(({ kind, key }) => (kind === 'known' ? key : null)));
  return rows.map((row, index) => ({ row, slot: row.kind === 'folded' ? 'rest' : (slots[index] ?? 'unknown') }));
}

/** The picture of an answer. Its series and what is left of each step are together the step's own sum. */
export function pictureOf({ range, step, direction, steps, previous }: PictureParts): Picture {
  const places = placesOf(range, step);
  const indexOf = indexOfPlaces(places);
  const totals = totalsOf(steps, places, direction);
  const rest = [...totals];
  const values = steps.rows.map(() => places.map(() => 0));
  for (const each of steps.steps) {
    const index = indexOf(each);
    if (index === undefined) continue;
    for (const part of each.parts) {
      const bytes = bytesOf(part, direction);
      const row = values[part.row];
      if (row !== undefined) row[index] = bytes;
      rest[index] = (rest[index] ?? 0) - bytes;
    }
  }
  const series: Series[] = seriesOf(steps.rows).map((each, index) => ({ ...each, values: values[index] ?? [] }));
  if (rest.some((bytes) => bytes > 0)) series.push({ row: null, slot: 'rest', values: rest });
  return {
    step,
    places,
    series,
    totals,
    previous: previous === null ? null : totalsOf(previous.steps, placesOf(previous.range, step), direction).slice(0, places.length),
    gaps: gapsOf(steps.gaps, places, { range, step }),
  };
}

/** A row of the table beside the picture. */
export interface TableRow extends UsageName, Both {
  readonly id: string;
  readonly slot: Slot;
  readonly rxPackets: number;
  readonly txPackets: number;
  readonly connections: number;
  /** Null where nothing is compared; `unknown` where it was too small then to have a row of its own. */
  readonly previous: number | 'unknown' | null;
}

/** The table's rows in the colours of the picture. */
export function tableRowsOf(top: TopResult, series: readonly ColouredRow[], compared: { readonly previous: TopResult | null; readonly direction: Direction }): readonly TableRow[] {
  const slots = new Map(series.flatMap(({ row, slot }) => (row === null ? [] : [[rowId(row), slot] as const])));
  const { previous, direction } = compared;
  const before = new Map(previous?.rows.map((row) => [rowId(row), bytesOf(row, direction)]));
  const absent = previous === null ? null : previous.other === null ? 0 : ('unknown' as const);
  return top.rows.map((row) => {
    const id = rowId(row);
    return { ...row, id, slot: slots.get(id) ?? 'rest', previous: previous === null ? null : (before.get(id) ?? absent) };
  });
}
