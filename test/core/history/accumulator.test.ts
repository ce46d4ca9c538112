import { test } from 'node:test';
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { Accumulator, accumulatorLimits, keyText } from '../../../core/history/accumulator.ts';
import type { AccumulatorLimits, Batch } from '../../../core/history/accumulator.ts';
import { addCounts, countsOf, noCounts } from '../../../core/history/counts.ts';
import type { Counts } from '../../../core/history/counts.ts';
import { noCoverage } from '../../../core/history/coverage.ts';
import { epochMs } from '../../../protocol/units.ts';
import { anyUsage, usage } from './usages.ts';

function totalOf(rows: readonly { readonly counts: Counts }[]): Counts {
  return rows.reduce<Counts>((sum, row) => addCounts(sum, row.counts), noCounts);
}

const small: AccumulatorLimits = {
  room: { apps: 3, hosts: 8, namesPerApp: 3, domainsPerApp: 2, addressesPerApp: 2 },
  rows: 40,
  receipts: 10,
  intervals: 4,
};

test('What one app and host did within ten seconds becomes one row', () => {
  const accumulator = new Accumulator();
  accumulator.add(usage({ at: 1000, rxBytes: 5 }));
  accumulator.add(usage({ at: 9999, rxBytes: 7 }));
  accumulator.add(usage({ at: 10_000, rxBytes: 1 }));
  const rows = accumulator.take().rows.map((row) => [row.bucket, row.counts.rxBytes]);
  assert.deepEqual(rows, [[0, 12], [1, 1]]);
});

test('What was taken stays held until it is written', () => {
  const accumulator = new Accumulator();
  accumulator.add(usage({ at: 1000, rxBytes: 5 }));
  accumulator.take();
  assert.equal(totalOf(accumulator.take().rows).rxBytes, 5);
  accumulator.written();
  assert.deepEqual(accumulator.take().rows, []);
});

test('The hosts that a bucket has no room for are folded into their domain, then into other, and no byte is lost', () => {
  const accumulator = new Accumulator(small);
  for (let index = 0; index < 12; index += 1) {
    accumulator.add(usage({ at: 0, host: `h${index}.d${index % 4}.example`, domain: `d${index % 4}.example`, rxBytes: 10 }));
  }
  const { rows } = accumulator.take();
  const kinds = Map.groupBy(rows, (row) => row.key.host.kind);
  assert.equal(kinds.get('name')?.length, 3);
  assert.equal(kinds.get('rest-of-domain')?.length, 2);
  assert.equal(kinds.get('other-names')?.length, 1);
  assert.equal(totalOf(rows).rxBytes, 120);
});

test('Apps beyond the bound count as unknown because folded', () => {
  const accumulator = new Accumulator(small);
  for (let index = 0; index < 6; index += 1) accumulator.add(usage({ at: 0, app: `/bin/app-${index}` }));
  const owners = accumulator.take().rows.map((row) => row.key.owner);
  assert.equal(owners.filter((owner) => owner.certainty === 'exact').length, 3);
  assert.deepEqual(owners.filter((owner) => owner.certainty === 'unknown'), [{ certainty: 'unknown', reason: 'folded' }]);
});

test('Held for ever, rows stay within their bound and every count is conserved', () => {
  fc.assert(
    fc.property(fc.array(anyUsage(), { maxLength: 400 }), (usages) => {
      const accumulator = new Accumulator(small);
      let expected = noCounts;
      for (const each of usages) {
        accumulator.add(each);
        expected = addCounts(expected, countsOf(each));
        assert.ok(accumulator.size <= small.rows, `${accumulator.size} rows`);
      }
      const { rows } = accumulator.take();
      assert.deepEqual(totalOf(rows), expected);
      assert.equal(new Set(rows.map((row) => `${row.bucket} ${keyText(row.key)}`)).size, rows.length);
    }),
  );
});

function receiptsOf(batch: Batch): { readonly measuredMs: number; readonly capturedBytes: number } {
  return batch.coverage.reduce(
    (sum, { measuredMs, coverage }) => ({
      measuredMs: sum.measuredMs + measuredMs,
      capturedBytes: sum.capturedBytes + coverage.capturedBytes,
    }),
    { measuredMs: 0, capturedBytes: 0 },
  );
}

test('Receipts held for ever stay within their bound and are conserved', () => {
  const accumulator = new Accumulator(small);
  for (let second = 0; second < 3000; second += 1) {
    const [from, to] = [epochMs(second * 60_000), epochMs((second + 1) * 60_000)];
    accumulator.addCoverage({ from, to, coverage: { ...noCoverage, capturedBytes: 3 } });
  }
  const batch = accumulator.take();
  assert.ok(batch.coverage.length <= small.receipts);
  assert.deepEqual(receiptsOf(batch), { measuredMs: 3000 * 60_000, capturedBytes: 9000 });
});

test('A gap that grows with each tick is one gap', () => {
  const accumulator = new Accumulator(accumulatorLimits);
  for (let second = 1; second <= 5; second += 1) {
    accumulator.addGap({ from: epochMs(0), to: epochMs(second * 1000), reason: 'paused' });
  }
  accumulator.addGap({ from: epochMs(5000), to: epochMs(7000), reason: 'asleep' });
  assert.deepEqual(accumulator.take().gaps, [
    { from: 0, to: 5000, reason: 'paused' },
    { from: 5000, to: 7000, reason: 'asleep' },
  ]);
});
