import type { FileFlow } from '../../protocol/capture-file.ts';
import type { NameSeen } from '../../protocol/flow.ts';
import type { FlowNames } from './joining.ts';
import type { ResolvedName } from './attributed-flow.ts';

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

function sum(first: FileFlow, more: FileFlow, direction: 'same' | 'reversed'): FileFlow {
  const same = direction === 'same';
  return {
    ...first,
    bytesAb: first.bytesAb + (same ? more.bytesAb : more.bytesBa),
    bytesBa: first.bytesBa + (same ? more.bytesBa : more.bytesAb),
    packetsAb: first.packetsAb + (same ? more.packetsAb : more.packetsBa),
    packetsBa: first.packetsBa + (same ? more.packetsBa : more.packetsAb),
    lastSeen: more.lastSeen > first.lastSeen ? more.lastSeen : first.lastSeen,
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

function nameOf({ flow, numbers }: Merged, names: FlowNames): ResolvedName | null {
  const at = { app: null, now: flow.firstSeen, openedAt: flow.firstSeen };
  let ofAddress: ResolvedName | null = null;
  // A 5-tuple that was used again has the name of its first use that has one.
  for (const number of numbers) {
    const name = names.nameOf({ ...at, flow: number, remoteAddress: flow.b });
    if (name !== null && isCarried(name)) return name;
    ofAddress ??= name;
  }
  if (ofAddress !== null) return ofAddress;
  // Where the file begins in the middle of a connection, its first packet may come from the server. Asked as another
  // flow, because a flow keeps the remote address it was first asked for.
  for (const number of numbers) names.end(number);
  return names.nameOf({ ...at, flow: flow.flow, remoteAddress: flow.a });
}

/** Whether the flow itself carried the name, rather than DNS for its address. */
function isCarried({ source }: ResolvedName): boolean {
  return source === 'tls-sni' || source === 'quic-sni' || source === 'http-host';
}

/**
 * Merges the flow records of a capture file by their 5-tuple and names each: by what it carried itself, else by what DNS
 * said of `b` before it, else of `a`. `names` is empty and is used up.
 */
export function nameFileFlows(
  flows: readonly FileFlow[],
  seen: readonly NameSeen[],
  names: FlowNames,
): readonly NamedFileFlow[] {
  for (const name of seen) names.see(name, null);
  return merge(flows).map((one) => ({ flow: one.flow, name: nameOf(one, names) }));
}
