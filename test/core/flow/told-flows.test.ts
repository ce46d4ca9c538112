import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { HeardFlows, ToldFlows } from '../../../core/flow/told-flows.ts';
import type { FlowDelta } from '../../../protocol/flow.ts';
import { FlowAgain, maximumFlowsTold } from '../../../protocol/helper.ts';
import { delta } from '../../helper/support/deltas.ts';

/** What the listener has after the teller told `deltas` one by one, over the wire. */
function heard(deltas: readonly FlowDelta[]): readonly (FlowDelta | null)[] {
  const told = new ToldFlows();
  const hearing = new HeardFlows();
  return deltas.map((one) => {
    const again = told.again(one);
    if (again !== null) return hearing.complete(FlowAgain.parse(JSON.parse(JSON.stringify(again))));
    hearing.hear([one]);
    return one;
  });
}

const anyDelta = fc
  .record({
    flow: fc.integer({ min: 1, max: 6 }),
    bytes: fc.nat(),
    opened: fc.boolean(),
    closed: fc.boolean(),
    roundTrip: fc.nat(3),
    congestionWindow: fc.nat(3),
    retransmits: fc.nat(2),
    reason: fc.constantFrom('kernel', 'no-socket'),
  })
  .map(({ flow, bytes, opened, closed, roundTrip, congestionWindow, retransmits, reason }) =>
    delta(flow, {
      rxBytes: bytes,
      opened,
      closed,
      owner: { certainty: 'unknown', reason },
      ...(roundTrip === 0 ? {} : { roundTripMicroseconds: roundTrip }),
      ...(retransmits === 0 ? {} : { retransmits }),
      ...(congestionWindow === 0 ? {} : { congestionWindow }),
    }),
  );

describe('flows that were told of before', () => {
  it('arrive as they were told, however they were told', () => {
    fc.assert(
      fc.property(fc.array(anyDelta, { maxLength: 60 }), (deltas) => {
        assert.deepEqual(heard(deltas), deltas);
      }),
    );
  });

  it('are told by their numbers while nothing else changes, and in full when their owner does', () => {
    const told = new ToldFlows();
    const full = [delta(1), delta(1), delta(1, { owner: { certainty: 'unknown', reason: 'kernel' } }), delta(1, { closed: true })];
    assert.deepEqual(full.map((one) => told.again({ ...one, opened: false }) === null), [true, false, true, true]);
  });

  it('are unknown to who never heard of them, or heard them close', () => {
    const hearing = new HeardFlows();
    const numbers = FlowAgain.parse([1, 10, 0, 1, 0, 1000, 0, 0]);
    assert.equal(hearing.complete(numbers), null);
    hearing.hear([delta(1)]);
    assert.equal(hearing.complete(numbers)?.rxBytes, 10);
    hearing.hear([delta(1, { closed: true })]);
    assert.equal(hearing.complete(numbers), null);
  });

  it('are remembered by both sides up to the same bound, and beyond it told in full', () => {
    const told = new ToldFlows();
    for (let flow = 1; flow <= maximumFlowsTold; flow += 1) told.again(delta(flow));
    const beyond = delta(maximumFlowsTold + 1, { opened: false });
    assert.deepEqual([told.again(beyond), told.again(beyond)], [null, null]);
    assert.notEqual(told.again(delta(1, { opened: false })), null);
  });
});
