import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { anomaliesIn, patternsIn, seriesOf, trendOf } from '../../../core/report/index.ts';
import type { Point } from '../../../core/report/index.ts';
import { epochMs } from '../../../protocol/units.ts';

const dayMs = 86_400_000;
/** A Monday. */
const monday = Date.UTC(2026, 10, 2);

function days(bytes: readonly number[], stepMs = dayMs): readonly Point[] {
  return bytes.map((each, index) => ({ start: epochMs(monday + index * stepMs), end: epochMs(monday + (index + 1) * stepMs), bytes: each }));
}

/** The same numbers every time, from -1 to 1: MurmurHash3's finalizer. */
function noise(index: number): number {
  let mixed = Math.imul(index + 1, 0x9e_37_79_b9);
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85_eb_ca_6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2_b2_ae_35);
  return ((mixed ^ (mixed >>> 16)) >>> 0) / 2 ** 31 - 1;
}

const weekdayOf = (start: number): number => Math.floor(start / dayMs + 3) % 7;

describe('a series', () => {
  it('has a zero where nothing was used, and nothing where nothing was measured', () => {
    const edges = [0, 1, 2, 3].map((index) => epochMs(monday + index * dayMs));
    const steps = [{ start: epochMs(monday), rxBytes: 3, txBytes: 4 }];
    const gaps = [{ from: epochMs(monday + 2 * dayMs), to: epochMs(monday + 2.6 * dayMs), reason: 'asleep' as const }];
    assert.deepEqual(seriesOf(steps, edges, gaps).map(({ start, bytes }) => [start - monday, bytes]), [[0, 7], [dayMs, 0]]);
  });
});

describe('the trend', () => {
  it('of a line is the line', () => {
    const trend = trendOf(days([100, 110, 120, 130, 140, 150]));
    assert.ok(trend !== null);
    assert.deepEqual([trend.bytesPerDay, trend.low, trend.high, trend.direction, trend.first, trend.last], [10, 10, 10, 'rising', 100, 150]);
  });

  it('is not moved by a few wild days', () => {
    const bytes = Array.from({ length: 40 }, (_, index) => 1000 + 10 * index + 5 * noise(index));
    const wild = bytes.map((each, index) => (index % 10 === 3 ? each * 1000 : each));
    const trend = trendOf(days(wild));
    assert.ok(trend !== null && Math.abs(trend.bytesPerDay - 10) < 1, JSON.stringify(trend));
    assert.ok(trend.low <= 10 && trend.high >= 10 && trend.direction === 'rising');
  });

  it('is none where nothing but noise is there', () => {
    assert.equal(trendOf(days(Array.from({ length: 60 }, (_, index) => 1000 + 500 * noise(index))))?.direction, 'none');
    assert.equal(trendOf(days(Array.from({ length: 10 }, () => 5)))?.direction, 'none');
  });

  it('of three days is not told', () => assert.equal(trendOf(days([1, 2, 3])), null));

  it('has an interval that holds it, and turns with the series', () => {
    fc.assert(fc.property(fc.array(fc.integer({ min: 0, max: 1_000_000 }), { minLength: 4, maxLength: 60 }), (bytes) => {
      const [forth, back] = [trendOf(days(bytes)), trendOf(days(bytes.toReversed()))];
      assert.ok(forth !== null && back !== null);
      assert.ok(forth.low <= forth.bytesPerDay && forth.bytesPerDay <= forth.high);
      assert.ok(Math.abs(forth.bytesPerDay + back.bytesPerDay) < 1e-6);
    }));
  });
});

describe('anomalies', () => {
  const usual = Array.from({ length: 28 }, (_, index) => (index % 7 < 5 ? 10_000_000 : 100_000_000) * (1 + 0.1 * noise(index)));

  it('are days that are unlike their weekday, with who made the difference', () => {
    const bytes = usual.with(9, 150_000_000).with(12, 100_000_000 * 40);
    const series = days(bytes);
    const backup = new Map(series.map(({ start }, index) => [Number(start), index === 9 ? 140_000_000 : 1000]));
    const browser = new Map(series.map(({ start }) => [Number(start), 9_000_000]));
    const found = anomaliesIn(series, weekdayOf, [{ kind: 'app', label: 'backup', bytes: backup }, { kind: 'app', label: 'browser', bytes: browser }]);
    assert.deepEqual(found.map(({ start }) => (start - monday) / dayMs).toSorted((a, b) => a - b), [9, 12]);
    const wednesday = found.find(({ start }) => start - monday === 9 * dayMs);
    assert.deepEqual(wednesday?.causes, [{ kind: 'app', label: 'backup', bytes: 140_000_000, typicalBytes: 1000 }]);
    assert.ok((wednesday?.score ?? 0) > 3.5 && Math.abs((wednesday?.typicalBytes ?? 0) - 10_000_000) < 1_000_000);
  });

  it('are none where each weekend is large', () => assert.deepEqual(anomaliesIn(days(usual), weekdayOf, []), []));

  it('are also days with far less than usual', () => {
    const [first] = anomaliesIn(days(usual.with(12, 0)), weekdayOf, []);
    assert.ok(first !== undefined && first.score < -3.5 && first.bytes === 0);
  });
});

describe('patterns', () => {
  const cells = Array.from({ length: 7 }, (_, weekday) => Array.from({ length: 24 }, (_each, hour) => ({
    rxBytes: hour >= 8 && hour < 22 ? (weekday === 2 && hour === 20 ? 1000 : 100) : 0, txBytes: 0, rxPackets: 0, txPackets: 0, connections: 0,
  })));
  const hourMs = 3_600_000;

  it('tell the busiest hour of the week, the quiet hours and the shares', () => {
    const { busiest, quietHours, hours, weekdays } = patternsIn({ cells }, [], []);
    assert.deepEqual(busiest, { weekday: 2, hour: 20, bytes: 1000 });
    assert.deepEqual(quietHours, { from: 22, to: 8 });
    for (const shares of [hours, weekdays]) assert.ok(Math.abs(shares.reduce((sum, share) => sum + share, 0) - 1) < 1e-9);
  });

  it('tell how alike days and weeks are', () => {
    const alike = patternsIn({ cells }, days(Array.from({ length: 24 * 21 }, (_, index) => (index % 24) * 100 + noise(index)), hourMs), []);
    assert.ok((alike.daily ?? 0) > 0.95 && (alike.weekly ?? 0) > 0.95);
    const random = patternsIn({ cells }, days(Array.from({ length: 24 * 21 }, (_, index) => noise(index)), hourMs), []);
    assert.ok(Math.abs(random.daily ?? 1) < 0.2);
    assert.equal(patternsIn({ cells }, [], []).daily, null);
  });

  it('tell who meets whom on most days, and when', () => {
    const hours = Array.from({ length: 24 }, (_, hour) => (hour === 3 ? 900 : 10));
    const pairs = [
      { app: 'backup', domain: 'b.example', bytes: Array.from({ length: 9 }, () => 500), ofDays: 10, hours },
      { app: 'browser', domain: 'once.example', bytes: [5], ofDays: 10, hours },
    ];
    assert.deepEqual(patternsIn({ cells }, [], pairs).pairs, [{ app: 'backup', domain: 'b.example', days: 9, ofDays: 10, typicalBytes: 500, usualHour: 3 }]);
  });

  it('of nothing are nothing', () => {
    const empty = cells.map((day) => day.map((cell) => ({ ...cell, rxBytes: 0 })));
    assert.deepEqual(patternsIn({ cells: empty }, [], []).busiest, null);
  });
});
