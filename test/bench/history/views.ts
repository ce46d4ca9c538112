import type { HistoryReader } from '../../../service/history/index.ts';
import { epochMs } from '../../../protocol/units.ts';
import type { EpochMs } from '../../../protocol/units.ts';
import { calendar, yearEnd } from './fill.ts';

/** One view of the window: what it asks the history. Reads whatever lies in the file, and returns how much it got. */
export interface View {
  readonly name: string;
  read(reader: HistoryReader): number;
}

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

function before(milliseconds: number): EpochMs {
  return epochMs(yearEnd - milliseconds);
}

const ranges = [
  { name: 'hour', from: before(hourMs) },
  { name: 'day', from: before(dayMs) },
  { name: '7 days', from: before(7 * dayMs) },
  { name: '30 days', from: before(30 * dayMs) },
  { name: '90 days', from: before(90 * dayMs) },
  { name: 'year', from: before(365 * dayMs) },
] as const;

const browser = '/usr/lib/application-0/application-0';
const domain = 'site-0.example';

const tops: readonly View[] = ranges.flatMap(({ name, from }) =>
  (['app', 'domain', 'host', 'network', 'scope', 'country', 'service'] as const).map((by) => ({
    name: `top ${by}, ${name}`,
    read: (reader: HistoryReader) => reader.top({ by, from, limit: 20 }, yearEnd).rows.length,
  })),
);

const sides: readonly View[] = ranges.flatMap(({ name, from }) => [
  ...(['app', 'host'] as const).map((by) => ({
    name: `quality by ${by}, ${name}`,
    read: (reader: HistoryReader) => reader.quality({ by, from, limit: 50 }, yearEnd).rows.length,
  })),
  { name: `plain HTTP, ${name}`, read: (reader: HistoryReader) => reader.http({ from, limit: 50 }, yearEnd).hosts.length },
]);

const drillDowns: readonly View[] = ranges.flatMap(({ name, from }) => [
  {
    name: `domains of an app, ${name}`,
    read: (reader: HistoryReader) => reader.top({ by: 'domain', from, limit: 20, filter: { app: browser } }, yearEnd).rows.length,
  },
  {
    name: `apps of a domain, ${name}`,
    read: (reader: HistoryReader) => reader.top({ by: 'app', from, limit: 20, filter: { domain } }, yearEnd).rows.length,
  },
  {
    name: `domains against the ${name} before`,
    read: (reader: HistoryReader) => reader.compare({ by: 'domain', from, limit: 20 }, yearEnd).rows.length,
  },
]);

const charts: readonly View[] = (
  [
    ['recent', hourMs, 'hour by 10 s'],
    ['minute', dayMs, 'day by minute'],
    ['hour', 7 * dayMs, '7 days by hour'],
    ['hour', 30 * dayMs, '30 days by hour'],
    ['day', 90 * dayMs, '90 days by day'],
    ['day', 365 * dayMs, 'year by day'],
    ['month', 365 * dayMs, 'year by month'],
  ] as const
).flatMap(([step, length, name]) => [
  { name: `chart, ${name}`, read: (reader: HistoryReader) => reader.steps({ step, from: before(length) }, yearEnd).steps.length },
  {
    name: `chart by app, ${name}`,
    read: (reader: HistoryReader) =>
      reader.steps({ step, from: before(length), split: { by: 'app', limit: 8 } }, yearEnd).steps.length,
  },
  {
    name: `chart of a domain, ${name}`,
    read: (reader: HistoryReader) => reader.steps({ step, from: before(length), filter: { domain } }, yearEnd).steps.length,
  },
]);

/** Every kind of view, over every range that the window offers. */
export const views: readonly View[] = [
  ...tops,
  ...drillDowns,
  ...sides,
  ...charts,
  { name: 'hours of the day, 30 days', read: (reader) => reader.hours({ from: before(30 * dayMs) }, yearEnd, calendar).hours.length },
  { name: 'rhythm of the week, 90 days', read: (reader) => reader.rhythm({ from: before(90 * dayMs) }, yearEnd, calendar).cells.length },
  { name: 'domains of a country, year', read: (reader) => reader.top({ by: 'domain', from: before(365 * dayMs), limit: 20, filter: { country: 'DE' } }, yearEnd).rows.length },
  { name: 'apps of a service, year', read: (reader) => reader.top({ by: 'app', from: before(365 * dayMs), limit: 20, filter: { service: 'imaps' } }, yearEnd).rows.length },
  { name: 'known apps', read: (reader) => reader.apps({ limit: 100 }).apps.length },
  { name: 'first and last use', read: (reader) => (reader.seen('domain', domain) === null ? 0 : 1) },
];
