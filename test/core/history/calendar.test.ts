import { test } from 'node:test';
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { dateText, dayNumber, monthText } from '../../../core/history/calendar.ts';

test('Day 0 is the first of January 1970', () => {
  assert.equal(dateText(0), '1970-01-01');
  assert.equal(dayNumber(1970, 1, 1), 0);
});

test('The 29th of February exists in 2000 and 2024, not in 2100', () => {
  assert.equal(dateText(dayNumber(2000, 2, 28) + 1), '2000-02-29');
  assert.equal(dateText(dayNumber(2024, 2, 28) + 1), '2024-02-29');
  assert.equal(dateText(dayNumber(2100, 2, 28) + 1), '2100-03-01');
});

test('A day number and its date lead to each other for four thousand years', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 1_460_000 }), (day) => {
      const [year = 0, month = 0, dayOfMonth = 0] = dateText(day).split('-').map(Number);
      assert.equal(dayNumber(year, month, dayOfMonth), day);
      assert.equal(new Date(day * 86_400_000).toISOString().slice(0, -14), dateText(day));
      assert.ok(dateText(day).startsWith(monthText(day)));
    }),
  );
});
