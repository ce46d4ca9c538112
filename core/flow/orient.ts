import type { FlowEnds } from '../packet/clue.ts';

/**
 * Which end of a flow is this machine. Decided by the machine's own addresses, never by a guess about port numbers.
 */

/** A flow seen from this machine: what the remote sends is received (`rx`), what the local end sends is `tx`. */
export interface OrientedEnds {
  readonly protocol: number;
  readonly localAddress: string;
  readonly localPort: number | null;
  readonly remoteAddress: string;
  readonly remotePort: number | null;
  /** Which of the two ends became the local one: `a` sent the flow's first packet. */
  readonly local: 'a' | 'b';
  /**
   * Whose flow it is. `this-host`: exactly one end is an address of this machine. `both-ends`: both are, so the flow has
   * two sockets here; the local end is the one that began. `group`: it came to a multicast or broadcast address that this
   * machine may listen to; the group is the local end. `not-this-host`: neither end is ours (forwarded, or overheard).
   */
  readonly position: 'this-host' | 'both-ends' | 'group' | 'not-this-host';
}

/**
 * Whether an address (canonical text) stands for a group: IPv4 multicast 224.0.0.0/4 (RFC 5771) and limited broadcast, IPv6
 * ff00::/8 (RFC 4291 2.7). A subnet's own broadcast address cannot be told from its text; see `isLocal` of {@link orient}.
 */
export function isGroupAddress(address: string): boolean {
  if (address.includes(':')) return address.startsWith('ff') && address.indexOf(':') === 4;
  const first = Number.parseInt(address, 10);
  return (first >= 224 && first <= 239) || address === '255.255.255.255';
}

function oriented(ends: FlowEnds, local: 'a' | 'b', position: OrientedEnds['position']): OrientedEnds {
  const a = local === 'a';
  return {
    protocol: ends.protocol,
    localAddress: a ? ends.a : ends.b,
    localPort: a ? ends.aPort : ends.bPort,
    remoteAddress: a ? ends.b : ends.a,
    remotePort: a ? ends.bPort : ends.aPort,
    local,
    position,
  };
}

/**
 * Turns the ends of a flow so that this machine is the local one. `isLocal` knows the machine's addresses as canonical
 * text (loopback among them). The result holds for the flow's whole life: keep it, because addresses come and go.
 */
export function orient(ends: FlowEnds, isLocal: (address: string) => boolean): OrientedEnds {
  const a = isLocal(ends.a);
  const b = isLocal(ends.b);
  if (a) return oriented(ends, 'a', b ? 'both-ends' : 'this-host');
  if (b) return oriented(ends, 'b', 'this-host');
  if (isGroupAddress(ends.b)) return oriented(ends, 'b', 'group');
  return oriented(ends, 'a', 'not-this-host');
}
