import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { StepsResult, TopResult } from '../../protocol/usage-query.ts';
import { marksOf } from '../../renderer/chart/axis.ts';
import { pictureOf, tableRowsOf } from '../../renderer/usage/picture.ts';
import { inside, nextDivision, questionOf } from '../../renderer/usage/question.ts';
import { neighbour, placesOf, presetNames, previousOf, rangeOf, stepEnd, stepOf } from '../../renderer/usage/range.ts';

const now = new Date(2026, 10, 20, 14, 3, 22).getTime();
const facts = { now, first: new Date(2026, 0, 5).getTime(), plan: null };
const local = (time: number): string => new Date(time - new Date(time).getTimezoneOffset() * 60_000).toISOString().slice(0, 16);

describe('a preset', () => {
  it('begins where the local calendar says, and ends now', () => {
    const begins = Object.fromEntries(presetNames.map((name) => [name, local(rangeOf(name, facts).from)]));
    assert.deepEqual(begins, {
      hour: '2026-11-20T13:03', today: '2026-11-20T00:00', yesterday: '2026-11-19T00:00', week: '2026-11-14T00:00', cycle: '2026-11-01T00:00',
      month: '2026-11-01T00:00', year: '2025-12-01T00:00', all: '2026-01-05T00:00',
    });
    assert.equal(local(rangeOf('yesterday', facts).to), '2026-11-20T00:00');
    assert.equal(rangeOf('week', facts).to, now);
  });

  it('is compared with the same stretch of the time before: so far with so far', () => {
    assert.deepEqual(Object.values(previousOf(rangeOf('today', facts), 'today')).map(local), ['2026-11-19T00:00', '2026-11-19T14:03']);
    assert.deepEqual(Object.values(previousOf(rangeOf('month', facts), 'month')).map(local), ['2026-10-01T00:00', '2026-10-20T14:03']);
    const march = new Date(2026, 2, 31, 12).getTime();
    assert.deepEqual(Object.values(previousOf(rangeOf('month', { ...facts, now: march }), 'month')).map(local), ['2026-02-01T00:00', '2026-02-28T12:00']);
    assert.deepEqual(previousOf({ from: 5000, to: 9000 }, null), { from: 1000, to: 5000 });
  });

  it('has a neighbour of as many days, which does not go beyond now', () => {
    const week = rangeOf('week', facts);
    assert.deepEqual(Object.values(neighbour(week, -1, now)).map(local), ['2026-11-07T00:00', '2026-11-14T00:00']);
    assert.equal(neighbour(neighbour(week, -1, now), 1, now).to, now);
  });
});

describe('the steps of a range', () => {
  it('are as fine as is still kept', () => {
    const back = (days: number, length: number): string => stepOf({ from: now - days * 86_400_000, to: now - days * 86_400_000 + length }, now);
    const hour = 3_600_000;
    assert.deepEqual([back(0.1, hour / 4), back(0.1, hour), back(1, 24 * hour), back(7, 168 * hour), back(30, 720 * hour), back(365, 365 * 24 * hour)], ['recent', 'minute', 'quarter', 'hour', 'day', 'day']);
    assert.deepEqual([back(8, hour), back(200, 24 * hour)], ['quarter', 'day']);
  });

  it('lie one behind the other without a hole, over clock changes too', () => {
    fc.assert(fc.property(fc.date({ min: new Date(2020, 0, 1), max: new Date(2030, 0, 1), noInvalidDate: true }), fc.constantFrom('quarter' as const, 'hour' as const, 'day' as const, 'month' as const), (date, step) => {
      const from = date.getTime();
      const places = placesOf({ from, to: from + 40 * 86_400_000 }, step);
      assert.ok((places[0]?.start ?? Infinity) <= from);
      places.slice(1).forEach(({ start }, index) => assert.equal(stepEnd(places[index]?.start ?? 0, step), start));
    }), { numRuns: 50 });
  });

  it('are marked at rounder times where there are many', () => {
    const quarters = placesOf({ from: new Date(2026, 10, 20).getTime(), to: new Date(2026, 10, 21).getTime() }, 'quarter').map(({ start }) => start);
    assert.deepEqual(marksOf(quarters, 9, 'en-GB').map(({ label }) => label), ['20 Nov', '03:00', '06:00', '09:00', '12:00', '15:00', '18:00', '21:00']);
    const days = placesOf({ from: new Date(2026, 0, 1).getTime(), to: new Date(2027, 0, 1).getTime() }, 'day').map(({ start }) => start);
    assert.equal(marksOf(days, 12, 'en-GB').length, 12);
    assert.ok(marksOf(days, 4, 'en-GB').length <= 4);
  });
});

describe('a question', () => {
  it('is read from the address, whatever stands there', () => {
    fc.assert(fc.property(fc.dictionary(fc.constantFrom('range', 'by', 'app', 'domain', 'from', 'to', 'limit', 'view', 'compare', 'country', 'unknown-app', '__proto__'), fc.string()), (parameters) => {
      const question = questionOf(parameters);
      assert.ok(question.own === null || question.own.to > question.own.from);
      assert.equal(question.preset === null, question.own !== null);
    }));
  });

  it('goes from an app to its domains, to their hosts, to times', () => {
    const first = inside({ range: 'week' }, { by: 'app', kind: 'known', key: '/bin/x' }, {});
    assert.deepEqual(first, { range: 'week', by: 'domain', limit: '', app: '/bin/x' });
    assert.equal(nextDivision('domain', { app: '/bin/x' }), 'host');
    assert.equal(nextDivision('domain', {}), 'app');
    assert.deepEqual(questionOf({ 'unknown-app': 'yes', by: 'domain' }).filter, { app: null });
    assert.equal(inside({}, { by: 'app', kind: 'folded', key: null }, {}), null);
  });
});

describe('a picture', () => {
  const counts = (rxBytes: number, txBytes: number) => ({ rxBytes, txBytes, rxPackets: 1, txPackets: 1, connections: 1 });
  const from = new Date(2026, 10, 18).getTime();
  const range = { from, to: new Date(2026, 10, 20).getTime() };
  const steps = StepsResult.parse({
    ...range,
    rows: [{ kind: 'known', key: 'a', label: 'A' }, { kind: 'unknown', key: null, label: 'unknown' }],
    steps: [{ start: from, date: '2026-11-18', ...counts(100, 50), parts: [{ row: 0, ...counts(60, 10) }, { row: 1, ...counts(10, 10) }] }],
    gaps: [{ from: from + 86_400_000, to: from + 1.5 * 86_400_000, reason: 'asleep' }],
  });

  it('loses no byte: the colours of a step are together its sum', () => {
    for (const direction of ['total', 'down', 'up'] as const) {
      const { series, totals } = pictureOf({ range, step: 'day', direction, steps, previous: null });
      const sums = totals.map((_, index) => series.reduce((sum, { values }) => sum + (values[index] ?? 0), 0));
      assert.deepEqual(sums, totals);
    }
  });

  it('has a place for the steps in which nothing was counted, and says where nothing was measured', () => {
    const picture = pictureOf({ range, step: 'day', direction: 'total', steps, previous: null });
    assert.deepEqual(picture.totals, [150, 0]);
    assert.deepEqual(picture.gaps, [{ from: 1, to: 1.5, reason: 'asleep' }]);
    assert.equal(picture.series.at(-1)?.slot, 'rest');
  });

  it('gives each row of the table the colour and the past that it has', () => {
    const picture = pictureOf({ range, step: 'day', direction: 'total', steps, previous: null });
    const top = (rows: readonly object[], other: object | null = null): TopResult => TopResult.parse({ ...range, rows, other, total: counts(100, 50), gaps: [] });
    const now = top([{ kind: 'known', key: 'a', label: 'A', ...counts(60, 10) }, { kind: 'known', key: 'b', label: 'B', ...counts(9, 9) }]);
    const rows = tableRowsOf(now, picture.series, { previous: top([{ kind: 'known', key: 'a', label: 'A', ...counts(1, 2) }]), direction: 'total' });
    assert.deepEqual(rows.map(({ previous }) => previous), [3, 0]);
    assert.equal(rows[0]?.slot, picture.series[0]?.slot);
    assert.equal(rows[1]?.slot, 'rest');
    const folded = tableRowsOf(now, picture.series, { previous: top([], { ...counts(5, 5), keys: 3 }), direction: 'total' });
    assert.equal(folded[1]?.previous, 'unknown', 'it may have been among the small ones');
  });
});
