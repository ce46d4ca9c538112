import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { StickySeries } from '../../../service/metrics/sticky-series.ts';

describe('the names that have a series of their own', () => {
  it('are the first ones, with their first bytes', () => {
    const series = new StickySeries({ largest: 2, series: 4, remembered: 10 });
    assert.deepEqual(['a', 'b', 'c'].map((name) => series.count(name, 10)), ['own', 'own', 'other']);
  });

  it('become more when one outgrows the smallest of the largest', () => {
    const series = new StickySeries({ largest: 2, series: 3, remembered: 10 });
    for (const name of ['a', 'b']) series.count(name, 10);
    assert.equal(series.count('c', 10), 'other', 'as large is not larger');
    assert.equal(series.count('c', 1), 'own');
    assert.equal(series.count('d', 1000), 'other', 'three is the most there are');
    assert.equal(series.count('a', 0), 'own', 'what had one keeps it');
  });

  it('are none where none are wanted', () => {
    assert.equal(new StickySeries({ largest: 0, series: 0, remembered: 10 }).count('a', 1), 'other');
  });

  it('never lose theirs and never are more than allowed, whatever comes', () => {
    const events = fc.array(fc.tuple(fc.integer({ min: 0, max: 40 }), fc.integer({ min: 0, max: 1000 })), { maxLength: 400 });
    fc.assert(
      fc.property(events, (counted) => {
        const series = new StickySeries({ largest: 3, series: 7, remembered: 5 });
        const own = new Set<number>();
        for (const [name, bytes] of counted) {
          if (series.count(`${name}`, bytes) === 'own') own.add(name);
          else assert.ok(!own.has(name));
        }
        assert.ok(series.size === own.size && own.size <= 7);
      }),
    );
  });
});
