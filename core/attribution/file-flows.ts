import type { FileFlow } from '../../protocol/capture-file.ts';
import type { NameSeen } from '../../protocol/flow.ts';
import { epochMs } from '../../protocol/units.ts';
import type { EpochMs } from '../../protocol/units.ts';
import type { FlowNames } from './joining.ts';
import type { ResolvedName } from './attributed-flow.ts';

/** Long enough after everything in the file that no flow is young any more: an hour. */
const longAfterMs = 3_600_000;

/** A flow of a capture file with its name. */
export interface NamedFileFlow {
  readonly flow: FileFlow;
  readonly name: ResolvedName | null;
}

function ends(flow: FileFlow): string {
  return [flow.inner, flow.protocol, flow.a, flow.aPort, flow.b, flow.bPort].join(' ');
}

function reversedEnds(flow: FileFlow): string {
  return [flow.inner, flow.protocol, flow.b, flow.bPort, flow.a, flow.aPort].join(' ');
}

/** The first handshake's round-trip time, and all retransmits. */
function quality(first: FileFlow, more: FileFlow): Pick<FileFlow, 'roundTripMicroseconds' | 'retransmits'> {
  const roundTripMicroseconds = first.roundTripMicroseconds ?? more.roundTripMicroseconds;
  const retransmits = (first.retransmits ?? 0) + (more.retransmits ?? 0);
  return {
    ...(roundTripMicroseconds === undefined ? {} : { roundTripMicroseconds }),
    ...(retransmits === 0 ? {} : { retransmits }),
  };
}

function sum(first: FileFlow, more: FileFlow, direction: 'same' | 'reversed'): FileFlow {
  const same = direction === 'same';
  return {
    ...first,
    bytesAb: first.bytesAb + (same ? more.bytesAb : more.bytesBa),
    bytesBa: first.bytesBa + (same ? more.bytesBa : more.bytesAb),
    packetsAb: first.packetsAb + (same ? more.packetsAb : more.packetsBa),
    packetsBa: first.packetsBa + (same ? more.packetsBa : more.packetsAb),
    lastSeen: more.lastSeen > first.lastSeen ? more.lastSeen : first.lastSeen,
    tunnel: first.tunnel || more.tunnel,
    ...quality(first, more),
  };
}

interface Merged {
  flow: FileFlow;
  readonly numbers: FileFlow['flow'][];
}

/** One entry for each 5-tuple, whichever end began; in the order of first appearance. Bytes are conserved. */
function merge(flows: readonly FileFlow[]): readonly Merged[] {
  const merged = new Map<string, Merged>();
  for (const flow of flows.toSorted((a, b) => a.firstSeen - b.firstSeen || a.flow - b.flow)) {
    const same = merged.get(ends(flow));
    const known = same ?? merged.get(reversedEnds(flow));
    if (known === undefined) {
      merged.set(ends(flow), { flow, numbers: [flow.flow] });
      continue;
    }
    known.flow = sum(known.flow, flow, same === undefined ? 'reversed' : 'same');
    known.numbers.push(flow.flow);
  }
  return [...merged.values()];
}

/** Whether the flow itself carried the name, rather than somebody's answer for its address. */
function isCarried({ source }: ResolvedName): boolean {
  return source === 'tls-sni' || source === 'quic-sni' || source === 'http-host';
}

/** What DNS says of the sender of the first packet: it is the server where a file begins in mid-connection. */
function nameOfSender({ flow }: Merged, names: FlowNames): ResolvedName | null {
  // A flow keeps the remote address that it was first asked for, so it is asked anew.
  names.end(flow.flow);
  const name = names.nameOf({ flow: flow.flow, remoteAddress: flow.a, app: null, openedAt: flow.firstSeen, now: flow.firstSeen });
  return name?.source === 'dns' || name?.source === 'resolver' ? name : null;
}

/** A 5-tuple that was used again has the name of its first use that carried one; else what is known of the address. */
function nameOf(merged: Merged, names: FlowNames, now: EpochMs): ResolvedName | null {
  let ofAddress: ResolvedName | null = null;
  for (const flow of merged.numbers) {
    const { b, firstSeen } = merged.flow;
    const name = names.nameOf({ flow, remoteAddress: b, app: null, openedAt: firstSeen, now });
    if (name !== null && isCarried(name)) return name;
    ofAddress ??= name;
  }
  return ofAddress ?? nameOfSender(merged, names);
}

/**
 * Asks in the order of time: the answer for an address that counts is the latest before the flow, and names of addresses
 * are heard again and again. Asked later, a flow keeps what it was told first unless the evidence is better.
 */
function hearInOrder(merged: readonly Merged[], seen: readonly NameSeen[], names: FlowNames): void {
  let heard = 0;
  for (const { flow } of merged) {
    for (let next = seen[heard]; next !== undefined && next.time <= flow.firstSeen; next = seen[heard]) {
      names.see(next, null);
      heard += 1;
    }
    names.nameOf({ flow: flow.flow, remoteAddress: flow.b, app: null, openedAt: flow.firstSeen, now: flow.firstSeen });
  }
  for (const name of seen.slice(heard)) names.see(name, null);
}

/**
 * Merges the flow records of a capture file by their 5-tuple and names each: by what it carried itself, else by what was
 * said of `b` before it, else by what DNS said of `a`. `names` is empty and is used up.
 */
export function nameFileFlows(
  flows: readonly FileFlow[],
  seen: readonly NameSeen[],
  names: FlowNames,
): readonly NamedFileFlow[] {
  const merged = merge(flows);
  const inOrder = seen.toSorted((a, b) => a.time - b.time);
  hearInOrder(merged, inOrder, names);
  const end = epochMs(Math.max(0, ...merged.slice(-1).map(({ flow }) => flow.lastSeen), inOrder.at(-1)?.time ?? 0) + longAfterMs);
  return merged.map((one) => ({ flow: one.flow, name: nameOf(one, names, end) }));
}
