import { canonicalAddress } from '../../core/flow/address.ts';
import type { OrientedEnds } from '../../core/flow/orient.ts';
import type { SocketRecord } from '../native/index.ts';
import type { OwnerQuestion } from './owner-source.ts';

/**
 * How well a socket fits a flow, the best first. `connected`: all of local and remote address and port. `bound`: its local address
 * is the flow's, any remote. `wildcard`: any local address of the flow's family. `dual-stack`: an IPv6 wildcard socket that takes
 * IPv4, too. `dual-stack-unsure`: the same, but the kernel did not say whether it takes IPv4.
 */
export type Fit = 'connected' | 'bound' | 'wildcard' | 'dual-stack' | 'dual-stack-unsure';

export const fitsBestFirst: readonly Fit[] = ['connected', 'bound', 'wildcard', 'dual-stack', 'dual-stack-unsure'];

/** A socket that can have carried a flow. */
export interface Candidate {
  readonly socket: SocketRecord;
  readonly fit: Fit;
}

const anyIpv4 = '0.0.0.0';
const anyIpv6 = '::';

/** IPv4-mapped IPv6 as IPv4, as everywhere else. */
function plain(address: string): string {
  return address.startsWith('::ffff:') ? (canonicalAddress(address) ?? address) : address;
}

function localFit(socket: SocketRecord, localAddress: string): Fit | null {
  const bound = plain(socket.localAddress);
  if (bound === localAddress) return 'bound';
  const flowIsIpv6 = localAddress.includes(':');
  if (bound === anyIpv4) return flowIsIpv6 ? null : 'wildcard';
  if (bound !== anyIpv6) return null;
  if (flowIsIpv6) return 'wildcard';
  if (socket.ipv6Only === null) return 'dual-stack-unsure';
  return socket.ipv6Only ? null : 'dual-stack';
}

/** How the socket fits the flow, or null where it cannot have carried it. Exported for its tests. */
export function fitOf(socket: SocketRecord, ends: OrientedEnds): Fit | null {
  if (socket.localPort !== ends.localPort) return null;
  const local = localFit(socket, ends.localAddress);
  if (local === null || socket.remotePort === 0) return local;
  const sameRemote = socket.remotePort === ends.remotePort && plain(socket.remoteAddress) === ends.remoteAddress;
  return sameRemote ? 'connected' : null;
}

/**
 * Both ports of a socket or flow as one key; a remote port of 0 stands for any. By the local port alone, every look-up of a
 * server's flow would go through all of its connections.
 */
function portsKey(localPort: number, remotePort: number): number {
  return localPort * 65_536 + remotePort;
}

/** Sockets of one protocol as one dump found them, by their ports. */
export class SocketTable {
  readonly #byPorts = new Map<number, SocketRecord[]>();

  constructor(sockets: readonly SocketRecord[]) {
    for (const socket of sockets) {
      const key = portsKey(socket.localPort, socket.remotePort);
      const same = this.#byPorts.get(key);
      if (same === undefined) this.#byPorts.set(key, [socket]);
      else same.push(socket);
    }
  }

  /**
   * The sockets that can have carried the flow, the best fit first. Where one is bound to the flow's own interface
   * (SO_BINDTODEVICE), those bound to another one are out.
   */
  candidates(question: OwnerQuestion): readonly Candidate[] {
    const { ends, interfaceIndex } = question;
    const fitting = this.#withPorts(ends)
      .map((socket) => ({ socket, fit: fitOf(socket, ends) }))
      .filter((one): one is Candidate => one.fit !== null);
    const boundHere = interfaceIndex !== 0 && fitting.some(({ socket }) => socket.interfaceIndex === interfaceIndex);
    return fitting
      .filter(({ socket }) => !boundHere || socket.interfaceIndex === 0 || socket.interfaceIndex === interfaceIndex)
      .sort((one, other) => fitsBestFirst.indexOf(one.fit) - fitsBestFirst.indexOf(other.fit));
  }

  /** Connected to the flow's remote port, or to none. */
  #withPorts({ localPort, remotePort }: OrientedEnds): readonly SocketRecord[] {
    if (localPort === null) return [];
    const open = this.#byPorts.get(portsKey(localPort, 0)) ?? [];
    if (remotePort === null || remotePort === 0) return open;
    return [...(this.#byPorts.get(portsKey(localPort, remotePort)) ?? []), ...open];
  }
}
