import { test } from 'node:test';
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { monthText } from '../../../core/history/calendar.ts';
import type { DaySpan } from '../../../core/history/day-span.ts';
import { planRange } from '../../../core/history/pieces.ts';
import type { KeptHistory, Piece } from '../../../core/history/pieces.ts';
import { quarterMs, startOf, tierNames } from '../../../core/history/tiers.ts';

const dayQuarters = 96;
const dayMs = dayQuarters * quarterMs;
const days = 75;

/** Days of 23, 24 and 25 hours in a row, with holes where nothing was counted. */
function anySpans(): fc.Arbitrary<readonly DaySpan[]> {
  const length = fc.constantFrom(dayQuarters - 4, dayQuarters, dayQuarters, dayQuarters, dayQuarters + 4);
  const day = fc.record({ length, counted: fc.integer({ min: 0, max: 9 }).map((number) => number > 0) });
  return fc.array(day, { minLength: days, maxLength: days }).map((list) => {
    const spans: DaySpan[] = [];
    let start = 0;
    for (const [date, { length: quarters, counted }] of list.entries()) {
      const before = spans.at(-1);
      const month = before !== undefined && monthText(before.date) === monthText(date) ? before.month : start;
      if (counted) spans.push({ start, finish: start + quarters, date, zone: 'Test/Zone', month });
      start += quarters;
    }
    return spans;
  });
}

function anyKept(): fc.Arbitrary<KeptHistory> {
  return fc.tuple(anySpans(), fc.nat(), fc.nat(), fc.nat()).map(([spans, first, second, third]) => {
    const quarter = (spans[first % spans.length]?.start ?? 0) * quarterMs;
    const minute = quarter + (second % 2000) * quarterMs;
    const recent = minute + (third % 4000) * 60_000;
    return { spans, floors: { quarter, minute, recent }, countedUntil: Infinity };
  });
}

/** What a piece reads, in ms since the epoch: where its buckets begin and end. */
function boundsOf(piece: Piece, spans: readonly DaySpan[]): { readonly from: number; readonly to: number } {
  if (piece.tier !== 'day' && piece.tier !== 'month') {
    return { from: startOf(piece.tier, piece.from), to: startOf(piece.tier, piece.to) };
  }
  const inside = spans.filter((span) => {
    const bucket = piece.tier === 'day' ? span.start : span.month;
    return bucket >= piece.from && bucket < piece.to;
  });
  return { from: (inside[0]?.start ?? 0) * quarterMs, to: (inside.at(-1)?.finish ?? 0) * quarterMs };
}

/** Whether an instant lies on a day in which something was counted. */
function counted(time: number, spans: readonly DaySpan[]): boolean {
  return spans.some((span) => span.start * quarterMs <= time && time < span.finish * quarterMs);
}

test('The pieces of a range follow one another without overlap, and only days without rows lie between them', () => {
  const edge = fc.integer({ min: 0, max: days * dayMs });
  fc.assert(
    fc.property(anyKept(), edge, edge, fc.constantFrom(...tierNames), (kept, one, other, coarsest) => {
      const plan = planRange({ from: Math.min(one, other), to: Math.max(one, other) }, kept, coarsest);
      let time = plan.from;
      for (const piece of plan.pieces) {
        const bounds = boundsOf(piece, kept.spans);
        assert.ok(bounds.from >= time, 'no overlap');
        for (let hole = time; hole < bounds.from; hole += quarterMs) assert.ok(!counted(hole, kept.spans), 'no hole');
        time = bounds.to;
      }
      assert.ok(time <= plan.to);
      for (let hole = time; hole < plan.to; hole += quarterMs) assert.ok(!counted(hole, kept.spans), 'no hole at the end');
    }),
  );
});

test('Two ranges that touch are moved to the same edge', () => {
  const edge = fc.integer({ min: 0, max: days * dayMs });
  fc.assert(
    fc.property(anyKept(), fc.tuple(edge, edge, edge), (kept, edges) => {
      const [first = 0, middle = 0, last = 0] = edges.toSorted((a, b) => a - b);
      const before = planRange({ from: first, to: middle }, kept);
      const after = planRange({ from: middle, to: last }, kept);
      const both = planRange({ from: first, to: last }, kept);
      assert.equal(before.from, both.from);
      assert.ok(before.to <= after.from || before.to === before.from);
      assert.equal(Math.max(before.to, after.to), both.to);
    }),
  );
});

test('A whole year of whole days is read from the month tier, and only its edges from days', () => {
  const spans: DaySpan[] = [];
  for (let date = 0; date < 365; date += 1) {
    const before = spans.at(-1);
    const month = before !== undefined && monthText(before.date) === monthText(date) ? before.month : date * dayQuarters;
    spans.push({ start: date * dayQuarters, finish: (date + 1) * dayQuarters, date, zone: 'UTC', month });
  }
  const floors = { recent: 0, minute: 0, quarter: 0 };
  const plan = planRange({ from: 10 * dayMs, to: 360 * dayMs }, { spans, floors, countedUntil: Infinity });
  assert.deepEqual(plan.pieces.map((piece) => piece.tier), ['day', 'month', 'day']);
});

test('The running day is read whole when nothing was counted after the end of the range', () => {
  const spans: DaySpan[] = [{ start: 0, finish: dayQuarters, date: 0, zone: 'UTC', month: 0 }];
  const kept = { spans, floors: { recent: 0, minute: 0, quarter: 0 } };
  const noon = dayMs / 2;
  assert.deepEqual(planRange({ from: 0, to: noon }, { ...kept, countedUntil: noon }, 'day').pieces, [{ tier: 'day', from: 0, to: 1 }]);
  assert.deepEqual(
    planRange({ from: 0, to: noon }, { ...kept, countedUntil: noon + 1 }).pieces.map((piece) => piece.tier),
    ['quarter'],
  );
});
