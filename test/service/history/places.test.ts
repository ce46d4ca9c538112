import { test } from 'node:test';
import assert from 'node:assert/strict';
import { countryCode, countryOfCode } from '../../../core/history/codes.ts';
import { maximumServicesPerApp } from '../../../core/history/room.ts';
import { epochMs } from '../../../protocol/units.ts';
import { usage } from '../../core/history/usages.ts';
import { at, dayMs, hourMs, scene } from './scene.ts';

/** Where hosts lie, and what they were met for. */

const start = at('2026-03-10T10:00Z');
const now = epochMs(start + hourMs);

test('A country stands in the file as a number and comes back as itself', () => {
  for (const country of ['AA', 'DE', 'US', 'ZW', 'ZZ', 'none']) assert.equal(countryOfCode(countryCode(country)), country);
  for (const nonsense of [null, '', 'de', 'DEU', 'D1', '\0\0']) assert.equal(countryCode(nonsense), 0);
  assert.equal(countryOfCode(0), null);
  assert.equal(countryOfCode(99_999), null);
});

test('Usage is known by country: hosts that nobody knows it of are unknown, own networks lie in none', (context) => {
  const { history, use } = scene(context);
  use({ at: start, host: 'a.example', country: 'DE', rxBytes: 10 });
  use({ at: start, host: 'b.example', country: 'US', rxBytes: 20 });
  use({ at: start, host: '192.168.1.9', scope: 'lan', country: 'none', rxBytes: 5 });
  use({ at: start, host: 'c.example', rxBytes: 1 });
  const { rows, total } = history.reader.report({ by: 'country' }, now);
  assert.deepEqual(rows.map(({ key, rxBytes }) => [key, rxBytes]), [['US', 20], ['DE', 10], ['none', 5], [null, 1]]);
  assert.equal(total.rxBytes, 36);
  const top = (country: string | null): unknown => history.reader.top({ by: 'host', limit: 9, filter: { country } }, now).rows.map(({ key }) => key);
  assert.deepEqual([top('DE'), top('none'), top(null), top('FR')], [['a.example'], ['192.168.1.9'], ['c.example'], []]);
});

test('A country that is learnt later is the host\'s from the beginning, and the first one stays', (context) => {
  const { history, use } = scene(context);
  const by = (): unknown => history.reader.top({ by: 'country', limit: 9 }, now).rows.map(({ key, rxBytes }) => [key, rxBytes]);
  use({ at: start, host: 'a.example', rxBytes: 10 });
  assert.deepEqual(by(), [[null, 10]]);
  use({ at: start, host: 'a.example', country: 'none', rxBytes: 10 });
  use({ at: start, host: 'a.example', country: 'DE', rxBytes: 10 });
  use({ at: start, host: 'a.example', country: 'US', rxBytes: 10 });
  assert.deepEqual(by(), [['DE', 40]]);
});

test('Usage is known by service, over every range and beside every other key', (context) => {
  const { history, use } = scene(context);
  use({ at: start, app: '/opt/a', service: 'https', rxBytes: 10 });
  use({ at: start, app: '/opt/a', service: 'imaps', rxBytes: 20 });
  use({ at: start + dayMs, app: '/opt/b', service: 'https', rxBytes: 40 });
  use({ at: start + dayMs, app: '/opt/b', service: null, rxBytes: 2 });
  const later = epochMs(start + 2 * dayMs);
  const rows = history.reader.report({ by: 'service' }, later).rows.map(({ key, rxBytes }) => [key, rxBytes]);
  assert.deepEqual(rows, [['https', 50], ['imaps', 20], [null, 2]]);
  const apps = history.reader.top({ by: 'app', limit: 9, filter: { service: 'https' } }, later).rows.map(({ key }) => key);
  assert.deepEqual(apps, ['/opt/b', '/opt/a']);
  const domains = history.reader.top({ by: 'domain', limit: 9, filter: { service: 'imaps', app: '/opt/a' } }, later);
  assert.equal(domains.total.rxBytes, 20);
  const { rows: split, steps } = history.reader.steps({ step: 'day', split: { by: 'service', limit: 9 } }, later);
  assert.deepEqual(split.map(({ key }) => key), ['https', 'imaps', null]);
  assert.deepEqual(steps.map(({ parts }) => parts.length), [2, 2]);
  assert.equal(history.reader.top({ by: 'app', limit: 9, filter: { service: 'no-such' } }, later).total.rxBytes, 0);
});

test('An app that meets peers on any port has a bounded number of services in a bucket; the rest is one row', (context) => {
  const { history } = scene(context);
  for (let index = 0; index < 100; index += 1) history.add(usage({ at: start, service: `service-${index}`, host: `203.0.113.${index}` }));
  history.flush(start);
  const { rows, total } = history.reader.top({ by: 'service', limit: 100 }, now);
  assert.equal(rows.length, maximumServicesPerApp + 1);
  assert.equal(rows.filter(({ kind }) => kind === 'folded').length, 1);
  assert.equal(total.rxBytes, 10_000);
});

test('A report may be narrowed, cut to its largest rows, and made by hour and month', (context) => {
  const { history, use } = scene(context);
  use({ at: start, app: '/opt/a', rxBytes: 10 });
  use({ at: start + 50 * 60_000, app: '/opt/b', rxBytes: 20 });
  use({ at: start + 70 * 60_000, app: '/opt/c', rxBytes: 30 });
  use({ at: start + 40 * dayMs, app: '/opt/a', rxBytes: 1 });
  const later = epochMs(start + 41 * dayMs);
  const report = history.reader.report({ by: 'app', limit: 1, filter: { service: 'https' } }, later);
  assert.deepEqual(report.rows.map(({ key }) => key), ['/opt/c']);
  assert.deepEqual([report.other?.keys, report.other?.rxBytes, report.total.rxBytes], [2, 31, 61]);
  const hours = history.reader.report({ by: 'hour', filter: { app: '/opt/a' } }, later).rows;
  assert.deepEqual(hours.map(({ key }) => key), ['2026-03-10T10:00Z', '2026-04-19T10:00Z']);
  assert.deepEqual(history.reader.report({ by: 'month' }, later).rows.map(({ key, rxBytes }) => [key, rxBytes]), [['2026-03', 60], ['2026-04', 1]]);
  const long = epochMs(start + 300 * dayMs);
  while (history.cleanUp(long).more);
  assert.deepEqual(history.reader.report({ by: 'hour' }, long).rows.map(({ key }) => key), ['2026-03-10', '2026-04-19'], 'a day is no hour');
});

test('The rhythm of the week is by the local clock, Monday first, also where it changes', (context) => {
  const { history, use } = scene(context);
  // A Sunday in Berlin on which the clock goes from 02:00 to 03:00.
  use({ at: at('2026-03-29T00:30Z'), rxBytes: 1 });
  use({ at: at('2026-03-29T01:30Z'), rxBytes: 2 });
  use({ at: at('2026-03-29T22:30Z'), rxBytes: 4 });
  const { cells } = history.reader.rhythm({}, at('2026-04-01T00:00Z'), {
    zone: () => 'Europe/Berlin',
    dayOf: (time) => berlinDay(time),
    hourOf: (time) => (new Date(time).getUTCHours() + (time < at('2026-03-29T01:00Z') ? 1 : 2)) % 24,
  });
  const used = cells.flatMap((row, weekday) => row.flatMap(({ rxBytes }, hour) => (rxBytes === 0 ? [] : [[weekday, hour, rxBytes]])));
  assert.deepEqual(used, [[0, 0, 4], [6, 1, 1], [6, 3, 2]]);
  assert.deepEqual([cells.length, cells.every((row) => row.length === 24)], [7, true]);
});

/** The days around the change of the clock, written out. */
function berlinDay(time: number): { readonly date: number; readonly start: ReturnType<typeof at>; readonly end: ReturnType<typeof at> } {
  const days = [at('2026-03-27T23:00Z'), at('2026-03-28T23:00Z'), at('2026-03-29T22:00Z'), at('2026-03-30T22:00Z')];
  const index = days.findLastIndex((begin) => begin <= time);
  const [begin = at('2026-03-27T23:00Z'), end = at('2026-03-30T22:00Z')] = days.slice(index, index + 2);
  return { date: Date.UTC(2026, 2, 28) / dayMs + index, start: begin, end };
}

test('The apps that are known stand in order of their last use, with how many there are', (context) => {
  const { history, use, path } = scene(context);
  use({ at: start, app: '/opt/a' });
  use({ at: start + dayMs, app: '/opt/b' });
  use({ at: start + 2 * dayMs, app: '/opt/c' });
  const { apps, count } = history.reader.apps({ limit: 2 });
  assert.equal(count, 3);
  assert.deepEqual(apps[0], { app: '/opt/c', displayName: 'c', exe: '/opt/c', first: start + 2 * dayMs, last: start + 2 * dayMs });
  assert.deepEqual(apps.map(({ app }) => app), ['/opt/c', '/opt/b']);
  const facts = history.reader.facts(path);
  assert.deepEqual([facts.path, facts.rows, facts.first], [path, 3 * 5, at('2026-03-09T23:00Z')]);
  assert.ok(facts.bytes > 4096);
});
