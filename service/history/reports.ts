import { addCounts, countsOf, noCounts } from '../../core/history/counts.ts';
import type { Counts } from '../../core/history/counts.ts';
import type { RangePlan } from '../../core/history/pieces.ts';
import type { QueryKey, Step, StepName } from '../../core/history/query.ts';
import { stepTier } from '../../core/history/stepping.ts';
import type { TierName } from '../../core/history/tiers.ts';
import type { Report, ReportRequest, ReportRow } from '../../protocol/app.ts';
import type { Names } from './names.ts';
import { largest, sumSteps } from './steps.ts';
import type { Conditions, Sums } from './sums.ts';

/** The keys of a report that follow one another in time. */
type TimeKey = 'hour' | 'day' | 'month';

function isTimeKey(by: ReportRequest['by']): by is TimeKey {
  return by === 'hour' || by === 'day' || by === 'month';
}

/** The coarsest tier that a report can be made of. */
export function reportTier(by: ReportRequest['by']): TierName {
  return isTimeKey(by) ? stepTier[by] : 'month';
}

/** What a report is made of. */
export interface ReportWanted {
  readonly plan: RangePlan;
  readonly request: ReportRequest;
  readonly conditions: Conditions;
}

interface ReportPlaces {
  readonly names: Names;
  readonly sums: Sums;
}

export function sumOf(rows: readonly Counts[]): Counts {
  return rows.reduce<Counts>((sum, row) => addCounts(sum, row), noCounts);
}

/** Rows of a report, those beyond its limit as one, and the total. */
export function reportRows(wanted: ReportWanted, places: ReportPlaces): Pick<Report, 'rows' | 'other' | 'total'> {
  const { by } = wanted.request;
  if (!isTimeKey(by)) return keyRows(wanted, by, places);
  const rows = timeRows(wanted, by, places.sums);
  return { rows, other: null, total: sumOf(rows) };
}

function keyRows({ plan, request, conditions }: ReportWanted, by: QueryKey, { names, sums }: ReportPlaces): Pick<Report, 'rows' | 'other' | 'total'> {
  const found = sums.byKey(plan, by, conditions);
  const ids = largest(found, Infinity);
  const shown = ids.slice(0, request.limit);
  const rest = ids.slice(shown.length);
  const countsAt = (id: number): Counts => countsOf(found.get(id) ?? noCounts);
  const rows = shown.map((id): ReportRow => {
    const { key, label } = names.of(by, id);
    // Only apps are called otherwise than they are known by.
    const displayName = by === 'app' && key !== null && label !== '' ? { displayName: label.slice(0, 128) } : {};
    return { key, ...displayName, ...countsAt(id) };
  });
  const other = rest.length === 0 ? null : { ...sumOf(rest.map(countsAt)), keys: rest.length };
  return { rows, other, total: sumOf([...found.values()]) };
}

function timeRows(wanted: ReportWanted, by: TimeKey, sums: Sums): ReportRow[] {
  if (by !== 'hour') return stepsOf(wanted, wanted.plan, by, sums).map((step) => ({ key: step.date, ...countsOf(step) }));
  // Where only days are kept, a day is a row of its own: its bytes are of no single hour.
  const isDay = ({ tier }: { readonly tier: TierName }): boolean => tier === 'day' || tier === 'month';
  const { plan } = wanted;
  const days = stepsOf(wanted, { ...plan, pieces: plan.pieces.filter(isDay) }, 'day', sums);
  const hours = stepsOf(wanted, { ...plan, pieces: plan.pieces.filter((piece) => !isDay(piece)) }, 'hour', sums);
  return [
    ...days.map((step) => ({ key: step.date, ...countsOf(step) })),
    ...hours.map((step) => ({ key: hourText(step.start), ...countsOf(step) })),
  ];
}

function stepsOf({ conditions }: ReportWanted, plan: RangePlan, step: StepName, sums: Sums): readonly Step[] {
  return sumSteps({ plan, step, conditions }, null, sums);
}

/** `2026-11-20T13:00Z`. */
function hourText(start: number): string {
  return `${new Date(start).toISOString().slice(0, 16)}Z`;
}
