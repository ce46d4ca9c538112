import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { AccountedTime } from '../../../core/history/accounted-time.ts';

function runsOf(...stretches: readonly (readonly [number, number])[]): AccountedTime {
  const runs = new AccountedTime(500);
  for (const [from, to] of stretches) runs.add({ from, to });
  return runs;
}

describe('time that is accounted for', () => {
  it('is taken out of a hole that lies over it, wherever in it', () => {
    const runs = runsOf([10_000, 20_000], [40_000, 50_000]);
    assert.deepEqual(runs.without({ from: 0, to: 60_000 }), [{ from: 0, to: 10_000 }, { from: 20_000, to: 40_000 }, { from: 50_000, to: 60_000 }]);
    assert.deepEqual(runs.without({ from: 15_000, to: 45_000 }), [{ from: 20_000, to: 40_000 }]);
    assert.deepEqual(runs.without({ from: 12_000, to: 13_000 }), []);
    assert.deepEqual(runs.without({ from: 50_000, to: 60_000 }), [{ from: 50_000, to: 60_000 }]);
    assert.deepEqual(runs.without({ from: 5, to: 5 }), []);
  });

  it('is one run while ticks jitter', () => {
    const runs = runsOf([0, 1000], [990, 2000], [2300, 3000]);
    assert.deepEqual(runs.without({ from: 0, to: 4000 }), [{ from: 3000, to: 4000 }]);
  });

  it('is remembered in bounds, the newest longest', () => {
    const runs = new AccountedTime(500);
    for (let index = 0; index < 1000; index += 1) runs.add({ from: index * 10_000, to: index * 10_000 + 1000 });
    assert.equal(runs.without({ from: 0, to: 10_000_000 }).length, 257, '256 runs, and what lies before, between and after them');
  });

  it('is in no piece that is left, and everything else is', () => {
    const stretch = fc.tuple(fc.nat(100), fc.integer({ min: 1, max: 50 })).map(([from, length]) => ({ from: from * 1000, to: (from + length) * 1000 }));
    fc.assert(
      fc.property(fc.array(stretch, { maxLength: 8 }), stretch, (measured, hole) => {
        const runs = new AccountedTime(0);
        for (const one of measured) runs.add(one);
        const left = runs.without(hole);
        for (let time = hole.from; time < hole.to; time += 1000) {
          const isMeasured = measured.some(({ from, to }) => time >= from && time < to);
          assert.equal(left.some(({ from, to }) => time >= from && time < to), !isMeasured);
        }
      }),
    );
  });
});
