import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Backlog, backlogLimits } from '../../../helper/link/backlog.ts';
import type { Interval, OwnedDelta, Piece } from '../../../helper/link/backlog.ts';
import { delta } from '../support/deltas.ts';
import { described } from '../support/records.ts';

function intervalOf(flows: readonly OwnedDelta[]): Interval {
  return { flows, interfaces: [], foldedFlows: 0, seconds: 1 };
}

function flowsOf(pieces: readonly Piece[]): readonly number[] {
  return pieces.flatMap(({ flows }) => flows.map(({ flow }) => flow));
}

describe('a backlog with an outlet', () => {
  it('keeps no flow while somebody takes them, and hands each on once, with the processes it names', () => {
    const taken: Piece[] = [];
    const backlog = new Backlog(backlogLimits, () => ({ take: (piece) => void taken.push(piece) }));
    const process = described(10);
    backlog.add(intervalOf(Array.from({ length: 1300 }, (_, index) => ({ delta: delta(index), process, ancestors: [described(1)] }))));
    assert.deepEqual(flowsOf(taken), Array.from({ length: 1300 }, (_, index) => index));
    assert.ok(taken.length > 2 && taken.every(({ processes }) => processes.includes(process)));
    assert.deepEqual([backlog.take().flows, backlog.take().processes], [[], []]);
  });

  it('keeps what comes behind flows that are still kept, so that nothing overtakes them', () => {
    const taken: Piece[] = [];
    let reads = false;
    const backlog = new Backlog(backlogLimits, () => (reads ? { take: (piece) => void taken.push(piece) } : null));
    backlog.add(intervalOf([{ delta: delta(1), process: null }]));
    reads = true;
    backlog.add(intervalOf([{ delta: delta(2), process: null }]));
    assert.deepEqual(flowsOf(taken), []);
    assert.deepEqual(backlog.take().flows.map(({ flow }) => flow), [1, 2]);
    backlog.add(intervalOf([{ delta: delta(3), process: null }]));
    assert.deepEqual(flowsOf(taken), [3]);
  });
});
