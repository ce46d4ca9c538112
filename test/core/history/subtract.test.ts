import { test } from 'node:test';
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { subtractRows } from '../../../core/history/subtract.ts';
import type { BucketRow, HostFact } from '../../../core/history/subtract.ts';

function row(party: number, host: number, bytes: number): BucketRow {
  return { party, host, rxBytes: bytes, txBytes: 0, rxPackets: 0, txPackets: 0, connections: 0 };
}

/** Hosts 0 to 9 are names of domain 2; 10 is the rest of that domain; 11 are other names. */
function factOf(host: number): HostFact {
  if (host === 10) return { kind: 2, domain: 2 };
  return host === 11 ? { kind: 3, domain: 1 } : { kind: 0, domain: 2 };
}

test('What has a row of its own is taken out of that row', () => {
  assert.deepEqual(subtractRows([row(1, 1, 10), row(1, 2, 10)], [row(1, 2, 4)], factOf), [row(1, 1, 10), row(1, 2, 6)]);
});

test('What was folded is taken out of the rest of its domain, then out of the other names', () => {
  const rows = [row(1, 1, 10), row(1, 10, 3), row(1, 11, 9)];
  assert.deepEqual(subtractRows(rows, [row(1, 5, 5)], factOf), [row(1, 1, 10), row(1, 10, 0), row(1, 11, 7)]);
});

test('No row becomes negative, and the sum is less by exactly what was taken', () => {
  const rows = fc.array(fc.tuple(fc.nat(3), fc.nat(11), fc.nat(50)).map(([party, host, bytes]) => row(party, host, bytes)));
  const sum = (some: readonly BucketRow[]): number => some.reduce((total, each) => total + each.rxBytes, 0);
  fc.assert(
    fc.property(rows, rows, (all, gone) => {
      const left = subtractRows(all, gone, factOf);
      assert.ok(left.every((each) => each.rxBytes >= 0));
      assert.equal(sum(left), Math.max(0, sum(all) - sum(gone)));
    }),
  );
});
