import { UsageFilter } from '../../protocol/usage-query.ts';
import type { Parameters } from '../state/spot.ts';
import { presetNames } from './range.ts';
import type { PresetName, Range } from './range.ts';

/** What is asked on the usage page, as the address says it: time, division, filters, how it is shown. */

export const divisions = ['app', 'domain', 'host', 'network', 'scope', 'country', 'service', 'certainty'] as const;
export type Division = (typeof divisions)[number];

export const directions = ['total', 'down', 'up'] as const;
export type Direction = (typeof directions)[number];

/** What may be gone into, in the order of the path. */
export const filterKeys = ['network', 'scope', 'country', 'service', 'app', 'domain', 'host'] as const;
export type FilterKey = (typeof filterKeys)[number];

export interface Question {
  /** Null where the times are a person's own. */
  readonly preset: PresetName | null;
  /** A person's own times; null with a preset. */
  readonly own: Range | null;
  readonly by: Division;
  readonly filter: UsageFilter;
  readonly direction: Direction;
  readonly compare: boolean;
  readonly view: 'chart' | 'table';
  /** Rows that stand for themselves. */
  readonly limit: number;
}

/** Numbers of rows: as many as have colours, then ever more. */
export const limits = [10, 100, 1000] as const;

function among<Value>(values: readonly Value[], value: unknown, otherwise: Value): Value {
  return values.find((each) => each === value) ?? otherwise;
}

function ownRange({ from, to }: Parameters): Range | null {
  const range = { from: Number(from ?? Number.NaN), to: Number(to ?? Number.NaN) };
  const sound = Number.isFinite(range.from) && Number.isFinite(range.to) && range.from >= 0 && range.to > range.from && range.to <= 8.64e15;
  return sound ? range : null;
}

/** What the service can be asked for the unknown ones of. */
const unknowable: readonly string[] = ['app', 'domain', 'country', 'service'];

/** The parameter that says that the unknown ones of a key are meant: no value of the key itself can say it. */
export function unknownParameter(key: string): string {
  return `unknown-${key}`;
}

function filterOf(parameters: Parameters): UsageFilter {
  const said: Record<string, string | null> = {};
  for (const key of filterKeys) {
    const value = parameters[key];
    if (value !== undefined) said[key] = value;
    else if (unknowable.includes(key) && parameters[unknownParameter(key)] === 'yes') said[key] = null;
  }
  const read = UsageFilter.safeParse(said);
  return read.success ? read.data : {};
}

/** Reads the question from the address; what makes no sense there is as if it were not. */
export function questionOf(parameters: Parameters): Question {
  const own = ownRange(parameters);
  return {
    own,
    preset: own === null ? among(presetNames, parameters['range'], 'today') : null,
    by: among(divisions, parameters['by'], 'app'),
    filter: filterOf(parameters),
    direction: among(directions, parameters['direction'], 'total'),
    compare: parameters['compare'] === 'yes',
    view: parameters['view'] === 'table' ? 'table' : 'chart',
    limit: among(limits, Number(parameters['limit']), limits[0]),
  };
}

/** Where one comes by going into a row: an app's domains, a domain's apps or hosts, a host's times. */
export function nextDivision(by: Division, filter: UsageFilter): Division {
  if (by === 'app') return filter.domain === undefined ? 'domain' : 'host';
  if (by === 'domain') return filter.app === undefined ? 'app' : 'host';
  return 'app';
}

/** The address that goes into a row of a division; null where there is nothing inside, or no way to say it. */
export function inside(parameters: Parameters, row: { readonly by: Division; readonly kind: 'known' | 'unknown' | 'folded'; readonly key: string | null }, filter: UsageFilter): Parameters | null {
  const { by, kind, key } = row;
  if (by === 'certainty' || kind === 'folded') return null;
  const rest = { ...parameters, by: nextDivision(by, filter), limit: '' };
  if (key !== null) return { ...rest, [by]: key };
  return unknowable.includes(by) ? { ...rest, [unknownParameter(by)]: 'yes' } : null;
}
