import type { FlowDelta, FlowId, OwnerReference } from '../../protocol/flow.ts';
import { maximumFlowsTold } from '../../protocol/helper.ts';
import type { FlowAgain } from '../../protocol/helper.ts';

/**
 * Both ends of the rule by which a flow is described once on a connection and then told by its numbers alone (protocol/helper.ts,
 * `again`). Each end keeps the same flows: those that came in `flows` until they close, while there is room.
 */

function isSameOwner(one: OwnerReference, other: OwnerReference): boolean {
  if (one === other) return true;
  if (one.certainty !== other.certainty) return false;
  const process = (owner: OwnerReference): string | null => (owner.certainty === 'unknown' ? null : owner.process);
  const reason = (owner: OwnerReference): string | null => (owner.certainty === 'exact' ? null : owner.reason);
  return process(one) === process(other) && reason(one) === reason(other);
}

/** The teller's side: which flows one connection has been told of, and with which owner. */
export class ToldFlows {
  readonly #owners = new Map<FlowId, OwnerReference>();

  /** The delta as numbers; null where all of it is to be told, and counts as told from now on. */
  again(delta: FlowDelta): FlowAgain | null {
    const { flow, owner } = delta;
    if (delta.closed) {
      this.#owners.delete(flow);
      return null;
    }
    const told = this.#owners.get(flow);
    if (told !== undefined && !delta.opened && delta.retransmits === undefined && isSameOwner(told, owner)) {
      const { rxBytes, txBytes, rxPackets, txPackets, lastSeen, roundTripMicroseconds = 0, congestionWindow = 0 } = delta;
      return [flow, rxBytes, txBytes, rxPackets, txPackets, lastSeen, roundTripMicroseconds, congestionWindow];
    }
    if (told !== undefined || this.#owners.size < maximumFlowsTold) this.#owners.set(flow, owner);
    return null;
  }
}

/** The listener's side: the flows that have been told of on one connection. */
export class HeardFlows {
  readonly #flows = new Map<FlowId, FlowDelta>();

  /** Takes deltas that were told in full. */
  hear(deltas: readonly FlowDelta[]): void {
    for (const delta of deltas) {
      if (delta.closed) this.#flows.delete(delta.flow);
      else if (this.#flows.has(delta.flow) || this.#flows.size < maximumFlowsTold) this.#flows.set(delta.flow, delta);
    }
  }

  /** The whole delta of a flow of which only numbers were told; null where it was never told of. */
  complete([flow, rxBytes, txBytes, rxPackets, txPackets, lastSeen, roundTripMicroseconds, congestionWindow]: FlowAgain): FlowDelta | null {
    const known = this.#flows.get(flow);
    if (known === undefined) return null;
    const { key, firstSeen, owner } = known;
    const delta = { flow, key, rxBytes, txBytes, rxPackets, txPackets, firstSeen, lastSeen, opened: false, closed: false, owner };
    return {
      ...delta,
      ...(roundTripMicroseconds === 0 ? {} : { roundTripMicroseconds }),
      ...(congestionWindow === 0 ? {} : { congestionWindow }),
    };
  }
}
