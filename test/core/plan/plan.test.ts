import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { dateText, dayNumber } from '../../../core/history/calendar.ts';
import { countedBytes, countsAt } from '../../../core/plan/counting.ts';
import { cycleAt, cycleDates, startOfDay } from '../../../core/plan/cycle.ts';
import { forecastOf } from '../../../core/plan/forecast.ts';
import { PlanMeter } from '../../../core/plan/meter.ts';
import { planState } from '../../../core/plan/state.ts';
import type { Plan, PlanCycle } from '../../../protocol/plan.ts';
import { epochMs } from '../../../protocol/units.ts';
import { calendarOf } from '../../../service/history/system-calendar.ts';

const dayMs = 86_400_000;
const quarterMs = 900_000;

const zones = ['UTC', 'Europe/Berlin', 'America/New_York', 'Asia/Kolkata', 'Australia/Lord_Howe', 'Pacific/Apia', 'America/St_Johns', 'Pacific/Chatham'] as const;

const anyCycle: fc.Arbitrary<PlanCycle> = fc.oneof(
  fc.record({ kind: fc.constant('monthly' as const), day: fc.integer({ min: 1, max: 31 }) }),
  fc.record({ kind: fc.constant('weekly' as const), weekday: fc.integer({ min: 1, max: 7 }) }),
  fc.record({ kind: fc.constant('days' as const), days: fc.integer({ min: 1, max: 366 }), from: fc.constantFrom('2024-02-29', '2026-11-20', '2025-12-31') }),
);

/** An instant of 2011 to 2030: Samoa left out a day in the first. */
const anyTime = fc.integer({ min: Date.UTC(2011, 0, 1) / quarterMs, max: Date.UTC(2030, 0, 1) / quarterMs }).map((quarter) => epochMs(quarter * quarterMs));

function planOf(more: Partial<Plan> = {}): Plan {
  return { name: 'Home', network: null, capBytes: 1000, cycle: { kind: 'monthly', day: 1 }, direction: 'both', scope: 'internet', hours: null, tellAtPercent: [80, 100], ...more };
}

/** The local date and hour by the engine itself. */
function localOf(zone: string): (time: number) => { readonly date: string; readonly day: number; readonly month: number; readonly year: number; readonly hour: number; readonly weekday: number } {
  const format = new Intl.DateTimeFormat('en-US', { timeZone: zone, year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', hourCycle: 'h23', weekday: 'short' });
  return (time) => {
    const parts = Object.fromEntries(format.formatToParts(time).map(({ type, value }) => [type, value]));
    const [year, month, day] = [Number(parts['year']), Number(parts['month']), Number(parts['day'])];
    const weekday = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'].indexOf(parts['weekday'] ?? '') + 1;
    return { date: `${year}-${month}-${day}`, year, month, day, hour: Number(parts['hour']), weekday };
  };
}

/** Whether a local day begins a cycle, said naively. */
function begins(cycle: PlanCycle, { year, month, day, weekday }: ReturnType<ReturnType<typeof localOf>>): boolean {
  switch (cycle.kind) {
    case 'monthly':
      return day === Math.min(cycle.day, new Date(Date.UTC(year, month, 0)).getUTCDate());
    case 'weekly':
      return weekday === cycle.weekday;
    case 'days': {
      const days = Math.round((Date.UTC(year, month - 1, day) - Date.parse(cycle.from)) / dayMs);
      return ((days % cycle.days) + cycle.days) % cycle.days === 0;
    }
  }
}

test('A cycle begins at the first quarter-hour of the local day that begins it, and holds no other such day', () => {
  fc.assert(
    fc.property(fc.constantFrom(...zones), anyCycle, anyTime, (zone, cycle, now) => {
      const local = localOf(zone);
      const { from, to } = cycleAt(cycle, now, calendarOf(() => zone));
      assert.ok(from <= now && now < to, `${from} <= ${now} < ${to}`);
      // Samoa had no 30th of December 2011: a cycle that was to begin on it begins on the 31st.
      const isMissing = zone === 'Pacific/Apia' && [from, to].some((edge) => Math.abs(edge - Date.UTC(2011, 11, 30)) < 2 * dayMs);
      for (const edge of [from, to]) {
        if (!isMissing) assert.ok(begins(cycle, local(edge)), `${local(edge).date} begins a cycle`);
        assert.notEqual(local(epochMs(edge - 1)).date, local(edge).date, 'an edge is a midnight');
      }
      let last = local(from).date;
      for (let time: number = from; time < to; time += 6 * 3_600_000) {
        const place = local(epochMs(time));
        if (place.date !== last && !isMissing) assert.ok(!begins(cycle, place), `${place.date} lies within`);
        last = place.date;
      }
    }),
    { numRuns: 250 },
  );
});

test('Cycles that follow each other leave nothing between them', () => {
  fc.assert(
    fc.property(fc.constantFrom(...zones), anyCycle, anyTime, (zone, cycle, now) => {
      const calendar = calendarOf(() => zone);
      const here = cycleAt(cycle, now, calendar);
      assert.equal(cycleAt(cycle, here.to, calendar).from, here.to);
      if (here.from > 0) assert.equal(cycleAt(cycle, epochMs(here.from - 1), calendar).to, here.from);
    }),
    { numRuns: 250 },
  );
});

test('A month without the day begins on its last one', () => {
  const date = (text: string): number => {
    const [year = 0, month = 1, day = 1] = text.split('-').map(Number);
    return dayNumber(year, month, day);
  };
  const cycle = { kind: 'monthly', day: 31 } as const;
  for (const [today, begun, next] of [['2026-02-27', '2026-01-31', '2026-02-28'], ['2026-02-28', '2026-02-28', '2026-03-31'], ['2024-02-29', '2024-02-29', '2024-03-31'], ['2026-12-31', '2026-12-31', '2027-01-31'], ['2026-04-15', '2026-03-31', '2026-04-30']] as const) {
    assert.deepEqual(cycleDates(cycle, date(today)).map(dateText), [begun, next], today);
  }
});

test('A day that a zone left out begins where the next one does', () => {
  const calendar = calendarOf(() => 'Pacific/Apia');
  assert.equal(startOfDay(calendar, dayNumber(2011, 12, 30)), startOfDay(calendar, dayNumber(2011, 12, 31)));
});

test('What a meter counts is what a naive recount of the same quarter-hours finds, over cycles, hours and the night clocks change', () => {
  const anyHours = fc.option(fc.record({ from: fc.integer({ min: 0, max: 23 }), to: fc.integer({ min: 0, max: 24 }) }), { nil: null });
  const anyMoves = fc.array(fc.record({ quarter: fc.integer({ min: 0, max: 400 }), rx: fc.integer({ min: 0, max: 1e9 }), tx: fc.integer({ min: 0, max: 1e9 }), isLan: fc.boolean(), network: fc.constantFrom('home', 'phone') }), { maxLength: 60 });
  const anyPlan = fc.record({
    cycle: anyCycle, hours: anyHours, network: fc.constantFrom(null, 'home', 'phone'), direction: fc.constantFrom('both' as const, 'down' as const, 'up' as const), scope: fc.constantFrom('internet' as const, 'all' as const),
  });
  // Around the nights in which clocks are set forward and back.
  const anyStart = fc.constantFrom('2026-03-28T12:00Z', '2026-10-24T12:00Z', '2026-03-07T12:00Z', '2026-11-01T00:00Z', '2026-04-04T10:00Z').map((text) => Date.parse(text));
  fc.assert(
    fc.property(fc.constantFrom(...zones), anyPlan, anyStart, anyMoves, (zone, some, start, moves) => {
      const plan = planOf(some);
      const calendar = calendarOf(() => zone);
      const local = localOf(zone);
      const cycle = cycleAt(plan.cycle, epochMs(start), calendar);
      const meter = new PlanMeter(plan, { cycle, usedBytes: 0, days: [], notMeasuredSeconds: 0 });
      let naive = 0;
      for (const { quarter, rx, tx, isLan, network } of moves) {
        const now = epochMs(start + quarter * quarterMs);
        const bytes = { rxBytes: rx, txBytes: tx };
        const none = { rxBytes: 0, txBytes: 0 };
        const internet = isLan ? none : bytes;
        meter.add({ now, hour: calendar.hourOf(now), totals: bytes, internet, networks: new Map([[network, bytes]]), internetByNetwork: new Map([[network, internet]]) });
        const isInside = now >= cycle.from && now < cycle.to;
        const counts = (plan.network === null || plan.network === network) && (plan.scope === 'all' || !isLan);
        const { hour } = local(now);
        const hours = plan.hours;
        const isCounted = hours === null || Array.from({ length: 24 }, (_, index) => (hours.from + index) % 24).slice(0, hours.from < hours.to ? hours.to - hours.from : 24 - hours.from + hours.to).includes(hour);
        if (isInside && counts && isCounted) naive += (plan.direction === 'up' ? 0 : rx) + (plan.direction === 'down' ? 0 : tx);
      }
      const state = meter.state(epochMs(Math.min(Math.max(start, cycle.from), cycle.to - 1)));
      assert.equal(state.usedBytes, naive);
      assert.equal(state.leftBytes, Math.max(0, plan.capBytes - naive));
      assert.equal(state.share, naive / plan.capBytes);
    }),
    { numRuns: 300 },
  );
});

test('Hours that end at midnight, or span it', () => {
  assert.deepEqual([7, 8, 23, 0].map((hour) => countsAt({ from: 8, to: 24 }, hour)), [false, true, true, false]);
  assert.deepEqual([21, 22, 0, 5, 6].map((hour) => countsAt({ from: 22, to: 6 }, hour)), [false, true, true, true, false]);
  assert.ok(Array.from({ length: 24 }, (_, hour) => hour).every((hour) => countsAt({ from: 5, to: 5 }, hour)));
  assert.equal(countedBytes({ direction: 'up' }, { rxBytes: 5, txBytes: 7 }), 7);
});

test('A forecast needs three days, and four of five cycles of days like the ones before end within its range', () => {
  assert.equal(forecastOf({ usedBytes: 10, days: [1, 2], daysLeft: 10 }), null);
  assert.deepEqual(forecastOf({ usedBytes: 10, days: [5, 5, 5], daysLeft: 4 }), { bytes: 30, low: 30, high: 30 });
  let seed = 42;
  const random = (): number => {
    seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
    return seed / 2 ** 32;
  };
  const day = (): number => 1e9 * (0.2 + random() ** 3 * 4);
  const cycles = 4000;
  let inside = 0;
  for (let cycle = 0; cycle < cycles; cycle += 1) {
    const forecast = forecastOf({ usedBytes: 0, days: Array.from({ length: 28 }, day), daysLeft: 20 });
    const end = Array.from({ length: 20 }, day).reduce((sum, each) => sum + each, 0);
    if (forecast !== null && end >= forecast.low && end <= forecast.high) inside += 1;
  }
  assert.ok(Math.abs(inside / cycles - 0.8) < 0.03, `${((100 * inside) / cycles).toFixed(1)} % end within the range`);
});

test('A plan says what a day may use, and when it is used up', () => {
  const cycle = { from: epochMs(0), to: epochMs(30 * dayMs) };
  const facts = { cycle, usedBytes: 500, days: [40, 50, 60], notMeasuredSeconds: 0 };
  const state = planState(planOf(), facts, epochMs(10 * dayMs));
  assert.deepEqual([state.leftBytes, state.share, state.dailyBytes], [500, 0.5, 25]);
  assert.equal(state.forecast?.bytes, 1500);
  assert.equal(state.exceedsAt, 20 * dayMs);
  const over = planState(planOf(), { ...facts, usedBytes: 1200 }, epochMs(10 * dayMs));
  assert.deepEqual([over.leftBytes, over.dailyBytes, over.exceedsAt], [0, null, null]);
});
