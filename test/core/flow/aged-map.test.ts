import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { AgedMap } from '../../../core/flow/aged-map.ts';

type Step = readonly ['put' | 'replace' | 'delete' | 'shift' | 'clear', number];

/** The same with a list, whose first entry is the oldest. */
function stepOfList(list: [number, number][], [what, key]: Step, value: number): unknown {
  const at = list.findIndex(([known]) => known === key);
  switch (what) {
    case 'put':
      if (at >= 0) list.splice(at, 1);
      list.push([key, value]);
      return undefined;
    case 'replace':
      list.splice(at >= 0 ? at : list.length, at >= 0 ? 1 : 0, [key, value]);
      return undefined;
    case 'delete':
      return at >= 0 && list.splice(at, 1).length === 1;
    case 'clear':
      list.length = 0;
      return undefined;
    case 'shift':
      return list.shift() ?? null;
  }
}

function stepOfMap(map: AgedMap<number, number>, [what, key]: Step, value: number): unknown {
  if (what === 'put' || what === 'replace') return map[what](key, value);
  if (what === 'delete') return map.delete(key);
  return what === 'clear' ? map.clear() : map.shift();
}

describe('a map of aged entries', () => {
  it('gives its oldest entry, whatever was done before', () => {
    const what = fc.oneof({ weight: 8, arbitrary: fc.constantFrom('put' as const, 'shift' as const) }, fc.constantFrom('replace' as const, 'delete' as const, 'clear' as const));
    const steps = fc.array(fc.tuple(what, fc.integer({ min: 0, max: 12 })), { maxLength: 200 });
    fc.assert(
      fc.property(steps, (list) => {
        const map = new AgedMap<number, number>();
        const expected: [number, number][] = [];
        list.forEach((step, value) => {
          assert.deepEqual(stepOfMap(map, step, value), stepOfList(expected, step, value));
          assert.deepEqual([...map.entries()], expected);
          assert.equal(map.size, expected.length);
        });
      }),
    );
  });

  it('gives it also after many changes without one', () => {
    const map = new AgedMap<number, number>();
    for (let key = 0; key < 10_000; key += 1) map.put(key, key);
    assert.deepEqual(map.shift(), [0, 0]);
    for (let round = 0; round < 5000; round += 1) map.put(1 + (round % 3), round);
    assert.deepEqual(map.shift(), [4, 4]);
  });
});
