import { epochMs } from '../../protocol/units.ts';
import type { EpochMs } from '../../protocol/units.ts';
import type { Gap, StepsResult } from '../../protocol/app.ts';
import { anomaliesIn, patternsIn, seriesOf, trendOf } from '../../service/index.ts';
import type { Anomaly, PairDays, Part, Patterns, Point, Trend } from '../../service/index.ts';
import type { HistorySession } from '../history-session.ts';

export interface Wanted {
  readonly type: 'trend' | 'anomaly' | 'patterns';
  readonly step: 'hour' | 'day';
  readonly range: { readonly from?: EpochMs; readonly to?: EpochMs };
}

export interface AppTrend extends Trend {
  readonly app: string;
}

/** What was found; `steps` is what it was found in. */
export type Analysis = { readonly from: EpochMs; readonly to: EpochMs; readonly step: Wanted['step']; readonly steps: readonly Point[]; readonly gaps: readonly Gap[] } & (
  | { readonly type: 'trend'; readonly trend: Trend | null; readonly apps: readonly AppTrend[] }
  | { readonly type: 'anomaly'; readonly anomalies: readonly Anomaly[] }
  | { readonly type: 'patterns'; readonly patterns: Patterns }
);

/** Rows of a split: as many as one answer has. */
const splitInto = 24;
const pairApps = 8;
const pairDomains = 4;
const hourMs = 3_600_000;
/** More hours than quarter-hours are ever kept, in days. */
const mostHours = 24 * 3660;

/** Beginnings of all local days, or hours of UTC, in a range, and its end. A part of a step at either end is left out. */
function edgesOf(step: Wanted['step'], from: EpochMs, to: EpochMs): readonly EpochMs[] {
  if (step === 'hour') {
    const first = Math.ceil(from / hourMs) * hourMs;
    const count = Math.min(mostHours, Math.max(0, Math.floor((to - first) / hourMs)));
    return Array.from({ length: count + 1 }, (_, index) => epochMs(first + index * hourMs));
  }
  const days: EpochMs[] = [];
  const begin = new Date(from);
  const midnight = (offset: number): Date => new Date(begin.getFullYear(), begin.getMonth(), begin.getDate() + offset);
  for (let offset = midnight(0).getTime() < from ? 1 : 0; midnight(offset).getTime() <= to; offset += 1) days.push(epochMs(midnight(offset).getTime()));
  return days;
}

/** Weekday of a day; hour of the day of an hour. */
function kindOf(step: Wanted['step']): (start: EpochMs) => number {
  return step === 'day' ? (start) => new Date(start).getDay() : (start) => new Date(start).getHours();
}

/** The rows of a split over the same steps as the whole. */
function partsOf(kind: Part['kind'], { rows, steps }: StepsResult, edges: readonly EpochMs[]): Part[] {
  return rows.map(({ label }, row) => {
    const own = steps.flatMap(({ start, parts }) => {
      const part = parts.find((each) => each.row === row);
      return part === undefined ? [] : [{ start, rxBytes: part.rxBytes, txBytes: part.txBytes }];
    });
    return { kind, label, bytes: new Map(seriesOf(own, edges, []).map(({ start, bytes }) => [Number(start), bytes])) };
  });
}

/** Asks for what the analysis needs, and makes it. Throws `ServiceError`. */
export async function analyse(wanted: Wanted, session: HistorySession, now: EpochMs): Promise<Analysis> {
  const { type, step, range } = wanted;
  const asked = { ...range, to: range.to ?? now, step };
  const total = await session.ask('steps', { ...asked, split: { by: 'app', limit: splitInto } });
  const edges = edgesOf(step, total.from, epochMs(Math.min(total.to, now)));
  const steps = seriesOf(total.steps, edges, total.gaps);
  const found = { from: total.from, to: total.to, step, steps, gaps: total.gaps };
  switch (type) {
    case 'trend':
      return { ...found, type, trend: trendOf(steps), apps: appTrends(total, { edges, gaps: total.gaps }) };
    case 'anomaly': {
      const domains = await session.ask('steps', { ...asked, split: { by: 'domain', limit: splitInto } });
      return { ...found, type, anomalies: anomaliesIn(steps, kindOf(step), [...partsOf('app', total, edges), ...partsOf('domain', domains, edges)]) };
    }
    case 'patterns': {
      const rhythm = await session.ask('rhythm', range);
      const hourly = await session.ask('steps', { ...asked, step: 'hour' });
      const hours = seriesOf(hourly.steps, edgesOf('hour', hourly.from, epochMs(Math.min(hourly.to, now))), hourly.gaps);
      const days = await session.ask('steps', { ...asked, step: 'day' });
      return { ...found, type, patterns: patternsIn(rhythm, hours, await pairsOf(session, { range: { ...range, to: asked.to }, ofDays: days.steps.length })) };
    }
  }
}

/** Trends of apps that can be told from none, those that change most first. */
function appTrends(result: StepsResult, given: { readonly edges: readonly EpochMs[]; readonly gaps: readonly Gap[] }): readonly AppTrend[] {
  return partsOf('app', result, given.edges)
    .flatMap(({ label, bytes }) => {
      const steps = [...bytes].map(([start, each]) => ({ start: epochMs(start), rxBytes: each, txBytes: 0 }));
      const trend = trendOf(seriesOf(steps, given.edges, given.gaps));
      return trend === null || trend.direction === 'none' ? [] : [{ app: label, ...trend }];
    })
    .toSorted((a, b) => Math.abs(b.bytesPerDay) - Math.abs(a.bytesPerDay));
}

/** The largest apps with their largest domains, by day and by hour. */
async function pairsOf(session: HistorySession, { range, ofDays }: { readonly range: Wanted['range']; readonly ofDays: number }): Promise<readonly PairDays[]> {
  const apps = await session.ask('top', { ...range, by: 'app', limit: pairApps });
  const pairs: PairDays[] = [];
  for (const app of apps.rows) {
    if (app.kind !== 'known' || app.key === null) continue;
    const domains = await session.ask('top', { ...range, by: 'domain', limit: pairDomains, filter: { app: app.key } });
    for (const domain of domains.rows) {
      if (domain.kind !== 'known' || domain.key === null) continue;
      const filter = { app: app.key, domain: domain.key };
      const days = await session.ask('steps', { ...range, step: 'day', filter });
      const bytes = days.steps.map(({ rxBytes, txBytes }) => rxBytes + txBytes).filter((each) => each > 0);
      // Who hardly meets does not recur, at whatever hour.
      if (bytes.length < ofDays / 2) continue;
      const hours = await session.ask('hours', { ...range, filter });
      pairs.push({ app: app.label, domain: domain.label, bytes, ofDays, hours: hours.hours.map(({ rxBytes, txBytes }) => rxBytes + txBytes) });
    }
  }
  return pairs;
}
