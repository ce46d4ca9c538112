import { test } from 'node:test';
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { timePassed } from '../../../core/history/timeline.ts';
import type { ClockReading } from '../../../core/history/timeline.ts';
import { epochMs } from '../../../protocol/units.ts';

const noon = Date.UTC(2026, 8, 26, 12);
const hour = 3_600_000;

function reading(after: { wall: number; monotonic: number; boot: number }): ClockReading {
  return { wall: epochMs(noon + after.wall), monotonic: 5000 + after.monotonic, boot: 90_000 + after.boot };
}

const start = reading({ wall: 0, monotonic: 0, boot: 0 });

test('A second that passes on all clocks leaves no gap', () => {
  const passed = timePassed(start, reading({ wall: 1000, monotonic: 1000, boot: 1000 }));
  assert.deepEqual(passed, { awakeMs: 1000, asleepMs: 0, steppedMs: 0, gaps: [] });
});

test('Eight hours asleep are a gap that ends where the machine woke', () => {
  const passed = timePassed(start, reading({ wall: 8 * hour + 1000, monotonic: 1000, boot: 8 * hour + 1000 }));
  assert.equal(passed.asleepMs, 8 * hour);
  assert.equal(passed.steppedMs, 0);
  assert.deepEqual(passed.gaps, [{ from: noon + 1000, to: noon + 8 * hour + 1000, reason: 'asleep' }]);
});

test('A clock set forward by an hour leaves a hole, and is no sleep', () => {
  const passed = timePassed(start, reading({ wall: hour + 1000, monotonic: 1000, boot: 1000 }));
  assert.equal(passed.asleepMs, 0);
  assert.equal(passed.steppedMs, hour);
  assert.deepEqual(passed.gaps, [{ from: noon + 1000, to: noon + hour + 1000, reason: 'clock-set' }]);
});

test('A clock set back by a day leaves no gap: that time is lived again', () => {
  const passed = timePassed(start, reading({ wall: 1000 - 24 * hour, monotonic: 1000, boot: 1000 }));
  assert.equal(passed.steppedMs, -24 * hour);
  assert.equal(passed.awakeMs, 1000);
  assert.deepEqual(passed.gaps, []);
});

test('What NTP slews is neither a step nor sleep', () => {
  const passed = timePassed(start, reading({ wall: 1400, monotonic: 1000, boot: 1010 }));
  assert.deepEqual(passed, { awakeMs: 1000, asleepMs: 0, steppedMs: 0, gaps: [] });
});

test('Whatever the clocks say, no duration is negative and no gap is empty, backward or after now', () => {
  const span = fc.integer({ min: -48 * hour, max: 48 * hour });
  fc.assert(
    fc.property(span, span, span, (wall, monotonic, boot) => {
      const after = reading({ wall, monotonic, boot });
      const passed = timePassed(start, after);
      assert.ok(passed.awakeMs >= 0 && passed.asleepMs >= 0);
      for (const gap of passed.gaps) {
        assert.ok(gap.from < gap.to, 'a gap has a length');
        assert.ok(gap.to <= Math.max(start.wall, after.wall));
      }
    }),
  );
});
