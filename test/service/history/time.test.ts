import { test } from 'node:test';
import assert from 'node:assert/strict';
import Database from 'better-sqlite3';
import { addCounts, noCounts } from '../../../core/history/counts.ts';
import type { Counts } from '../../../core/history/counts.ts';
import { calendarOf } from '../../../service/history/index.ts';
import { epochMs } from '../../../protocol/units.ts';
import type { Report } from '../../../protocol/app.ts';
import { at, berlin, dayMs, hourMs, minuteMs, scene } from './scene.ts';
import type { Scene } from './scene.ts';

function days(report: Report): Readonly<Record<string, number>> {
  return Object.fromEntries(report.rows.map((row) => [row.key ?? '', row.rxBytes]));
}

/** One byte in every quarter-hour of a stretch. */
function useQuarters({ use }: Scene, from: number, to: number): void {
  for (let time = from; time < to; time += 15 * minuteMs) use({ at: time, rxBytes: 1 });
}

test('The day on which Berlin sets its clocks forward has 23 hours', (context) => {
  const day = berlin.dayOf(at('2026-03-29T12:00Z'));
  assert.deepEqual([day.start, day.end], [at('2026-03-28T23:00Z'), at('2026-03-29T22:00Z')]);
  const made = scene(context);
  useQuarters(made, at('2026-03-27T23:00Z'), at('2026-03-30T22:00Z'));
  const report = made.history.reader.report({ by: 'day' }, at('2026-03-30T22:00Z'));
  assert.deepEqual(days(report), { '2026-03-28': 96, '2026-03-29': 92, '2026-03-30': 96 });
});

test('The day on which Berlin sets its clocks back has 25 hours', (context) => {
  const day = berlin.dayOf(at('2026-10-25T12:00Z'));
  assert.deepEqual([day.start, day.end], [at('2026-10-24T22:00Z'), at('2026-10-25T23:00Z')]);
  const made = scene(context);
  useQuarters(made, at('2026-10-23T22:00Z'), at('2026-10-26T23:00Z'));
  const report = made.history.reader.report({ by: 'day' }, at('2026-10-26T23:00Z'));
  assert.deepEqual(days(report), { '2026-10-24': 96, '2026-10-25': 100, '2026-10-26': 96 });
});

test('Local days begin where the zone says, also where it is off by 30 or 45 minutes, or has no midnight', () => {
  const start = (zone: string, time: string): string => new Date(calendarOf(() => zone).dayOf(at(time)).start).toISOString();
  assert.equal(start('Asia/Kolkata', '2026-05-05T12:00Z'), '2026-05-04T18:30:00.000Z');
  assert.equal(start('Asia/Kathmandu', '2026-05-05T12:00Z'), '2026-05-04T18:15:00.000Z');
  // Lebanon sets its clocks forward at midnight: that day begins at one o'clock.
  assert.equal(start('Asia/Beirut', '2026-03-29T12:00Z'), '2026-03-28T22:00:00.000Z');
});

test('A change of the time zone ends the day where it happens: the date then has two parts, and no byte is in both', (context) => {
  let zone = 'Europe/Berlin';
  const made = scene(context, { calendar: calendarOf(() => zone) });
  const landing = at('2026-05-10T16:00Z');
  useQuarters(made, at('2026-05-09T22:00Z'), landing);
  zone = 'America/New_York';
  useQuarters(made, landing, at('2026-05-12T04:00Z'));
  const report = made.history.reader.report({ by: 'day' }, at('2026-05-12T04:00Z'));
  // 18 hours in Berlin; then New York's tenth of May goes on for 12 hours, and its eleventh has 24.
  assert.deepEqual(days(report), { '2026-05-10': 72 + 48, '2026-05-11': 96 });
  assert.equal(report.total.rxBytes, 72 + 48 + 96);
});

test('Back and forth between zones across the date line, every byte is in one day and one month', (context) => {
  let zone = 'Pacific/Auckland';
  const made = scene(context, { calendar: calendarOf(() => zone) });
  const zones = ['Pacific/Auckland', 'America/Los_Angeles', 'Pacific/Kiritimati', 'Pacific/Pago_Pago', 'Asia/Kathmandu'];
  let time: number = at('2026-05-29T00:07Z');
  for (let hop = 0; hop < 40; hop += 1) {
    zone = zones[hop % zones.length] ?? zone;
    made.use({ at: time, rxBytes: 1 });
    time += 5 * hourMs + 22 * minuteMs;
  }
  const now = epochMs(time);
  for (const by of ['day', 'app', 'host'] as const) {
    assert.equal(made.history.reader.report({ by }, now).total.rxBytes, 40, by);
  }
  const months = made.history.reader.steps({ step: 'month' }, now).steps;
  assert.equal(months.reduce<Counts>((sum, step) => addCounts(sum, step), noCounts).rxBytes, 40);
});

test('A clock set back by a day adds to the buckets of that day: nothing is negative, nothing is counted twice', (context) => {
  const { history, use, path } = scene(context);
  const noon = at('2026-06-02T10:00Z');
  use({ at: noon, rxBytes: 100 });
  use({ at: noon - dayMs, rxBytes: 30 });
  use({ at: noon - dayMs, rxBytes: 5 });
  const now = epochMs(noon - dayMs + minuteMs);
  assert.deepEqual(days(history.reader.report({ by: 'day', from: epochMs(noon - 2 * dayMs), to: epochMs(noon + dayMs) }, now)), {
    '2026-06-01': 35,
    '2026-06-02': 100,
  });
  const database = new Database(path, { readonly: true });
  const buckets = database.prepare<[], { n: number }>('SELECT count(*) AS n FROM usage_recent').get();
  database.close();
  assert.equal(buckets?.n, 2);
});

test('A clock that was in the year 2099 for a while costs fine tiers, never bytes, and they fill again', (context) => {
  const { history, use } = scene(context);
  const before = at('2026-06-02T10:00Z');
  use({ at: before, rxBytes: 1 });
  const wrong = at('2099-01-01T00:00Z');
  use({ at: wrong, rxBytes: 10 });
  while (history.cleanUp(epochMs(wrong + 100 * dayMs)).more);
  const right = epochMs(before + hourMs);
  use({ at: right, rxBytes: 100 });
  const tomorrow = at('2026-06-03T10:00:05Z');
  use({ at: tomorrow, rxBytes: 1000 });
  const now = epochMs(tomorrow + minuteMs);
  assert.deepEqual(days(history.reader.report({ by: 'day' }, now)), { '2026-06-02': 101, '2026-06-03': 1000 });
  const sharp = history.reader.report({ by: 'app', from: epochMs(tomorrow - 5000), to: epochMs(tomorrow + 5000) }, now);
  assert.equal(sharp.total.rxBytes, 1000);
  assert.equal(history.reader.report({ by: 'app', to: at('2100-01-01T00:00Z') }, now).total.rxBytes, 1111);
});

test('What was asleep is a gap in the report, clipped to its range', (context) => {
  const { history, use, measure } = scene(context);
  const evening = at('2026-06-02T20:00Z');
  const morning = epochMs(evening + 9 * hourMs);
  measure(evening - hourMs, evening);
  history.addGap({ from: evening, to: morning, reason: 'asleep' });
  measure(morning, morning + hourMs);
  use({ at: morning + hourMs, rxBytes: 1 });
  const midnight = at('2026-06-02T22:00Z');
  const report = history.reader.report({ by: 'app', from: midnight, to: epochMs(morning + hourMs) }, epochMs(morning + hourMs));
  assert.deepEqual(report.gaps, [{ from: midnight, to: morning, reason: 'asleep' }]);
});

test('What is measured after the clock was set back into a gap is cut out of the gap', (context) => {
  const { history, measure } = scene(context);
  const start = at('2026-06-02T20:00Z');
  history.addGap({ from: start, to: epochMs(start + 8 * hourMs), reason: 'asleep' });
  history.flush(epochMs(start + 8 * hourMs));
  measure(start + 2 * hourMs, start + 3 * hourMs);
  history.flush(epochMs(start + 3 * hourMs));
  const { gaps } = history.reader.report({ by: 'app', from: start, to: epochMs(start + dayMs) }, epochMs(start + dayMs));
  assert.deepEqual(gaps, [
    { from: start, to: start + 2 * hourMs, reason: 'asleep' },
    { from: start + 3 * hourMs, to: start + 8 * hourMs, reason: 'asleep' },
  ]);
});

test('The hours of the local clock are those of the calendar', (context) => {
  const { history, use } = scene(context);
  use({ at: at('2026-06-02T20:00Z'), rxBytes: 5 });
  use({ at: at('2026-01-10T20:00Z'), rxBytes: 7 });
  const { hours } = history.reader.hours({}, at('2026-06-03T00:00Z'), berlin);
  assert.deepEqual(hours.flatMap((counts, hour) => (counts.rxBytes === 0 ? [] : [[hour, counts.rxBytes]])), [[21, 7], [22, 5]]);
});

test('The end of what was measured is remembered, for the gap until the next start', (context) => {
  const { history, measure } = scene(context);
  assert.equal(history.measuredUntil(), null);
  const time = at('2026-06-02T20:00Z');
  measure(time, time + 1000);
  history.flush(epochMs(time + 1000));
  assert.equal(history.measuredUntil(), time + 1000);
});
