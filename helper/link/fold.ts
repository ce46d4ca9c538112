import type { FlowDelta, FlowId } from '../../protocol/flow.ts';

/**
 * Sums of flow deltas. Merging two deltas of one flow loses nothing; folding deltas of several flows into one row keeps every
 * byte and packet and gives up which flow and which owner they were.
 */

/** A flow's later delta added to its earlier one. */
export function mergedDelta(earlier: FlowDelta, later: FlowDelta): FlowDelta {
  const roundTripMicroseconds = later.roundTripMicroseconds ?? earlier.roundTripMicroseconds;
  const congestionWindow = later.congestionWindow ?? earlier.congestionWindow;
  const retransmits = (earlier.retransmits ?? 0) + (later.retransmits ?? 0);
  return {
    ...later,
    rxBytes: earlier.rxBytes + later.rxBytes,
    txBytes: earlier.txBytes + later.txBytes,
    rxPackets: earlier.rxPackets + later.rxPackets,
    txPackets: earlier.txPackets + later.txPackets,
    firstSeen: earlier.firstSeen < later.firstSeen ? earlier.firstSeen : later.firstSeen,
    lastSeen: earlier.lastSeen > later.lastSeen ? earlier.lastSeen : later.lastSeen,
    opened: earlier.opened || later.opened,
    closed: earlier.closed || later.closed,
    ...(roundTripMicroseconds === undefined ? {} : { roundTripMicroseconds }),
    ...(retransmits === 0 ? {} : { retransmits }),
    ...(congestionWindow === undefined ? {} : { congestionWindow }),
    owner: later.owner.certainty === 'unknown' ? earlier.owner : later.owner,
  };
}

/** How much a folded row still tells: the remote end, or no more than the interface. */
export type FoldDepth = 'remote' | 'interface';

/** The row's place among the folded ones: flows with equal keys are folded into one. */
export function foldKey(delta: FlowDelta, depth: FoldDepth): string {
  const { key } = delta;
  return depth === 'remote' ? `${key.interface}|${key.protocol}|${key.remoteAddress}` : key.interface;
}

/** IANA's reserved protocol number: "no one protocol" in a row that holds several. */
const severalProtocols = 255;

/** A flow's delta as (the beginning of) a folded row: a flow of its own number, complete in itself, without owner. */
export function foldedDelta(delta: FlowDelta, depth: FoldDepth, flow: FlowId): FlowDelta {
  const { key } = delta;
  const unspecified = key.localAddress.includes(':') ? '::' : '0.0.0.0';
  const remote = depth === 'remote';
  return {
    flow,
    key: {
      interface: key.interface,
      protocol: remote ? key.protocol : severalProtocols,
      localAddress: key.localAddress,
      localPort: null,
      remoteAddress: remote ? key.remoteAddress : unspecified,
      remotePort: null,
    },
    rxBytes: delta.rxBytes,
    txBytes: delta.txBytes,
    rxPackets: delta.rxPackets,
    txPackets: delta.txPackets,
    firstSeen: delta.firstSeen,
    lastSeen: delta.lastSeen,
    opened: delta.opened,
    closed: true,
    owner: { certainty: 'unknown', reason: 'folded' },
  };
}
