import { canonicalAddress } from '../../core/flow/address.ts';
import type { SocketRecord } from '../native/index.ts';

/** One TCP connection's life as its own socket counts it. */
export interface MeteredSocket {
  readonly cookie: string;
  readonly localAddress: string;
  readonly localPort: number;
  readonly remoteAddress: string;
  readonly remotePort: number;
  readonly roundTripMicroseconds: number;
}

/** What one connection moved since the last reading. */
export interface MovedSocket {
  readonly socket: MeteredSocket;
  /** Payload only: how many headers crossed the interface depends on where segments were joined (GRO, TSO), which nobody tells. */
  readonly rxBytes: number;
  readonly txBytes: number;
  readonly rxPackets: number;
  readonly txPackets: number;
  readonly retransmits: number;
}

/** What changed between two readings. */
export interface SocketChanges {
  readonly moved: readonly MovedSocket[];
  /** Cookies of sockets that are gone. What they moved since the last reading nobody can tell. */
  readonly ended: readonly string[];
}

/** Lists the TCP sockets of one family; throws with the errno's name as `code`. */
export type ListSockets = (family: 4 | 6) => readonly SocketRecord[];

/** TCP states of include/net/tcp_states.h that have no counters: what is kept in them is no whole socket any more, or not yet. */
const timeWait = 6;
const listening = 10;
const newSynReceived = 12;
const uncounted = new Set([timeWait, listening, newSynReceived]);

/** Connections that are followed, most. */
const maximumFollowed = 65_536;

/** The counter has 32 bits and begins anew. */
function grown32(before: number, now: number): number {
  return (now - before) >>> 0;
}

function socketOf(record: SocketRecord): MeteredSocket {
  const { cookie, localPort, remotePort, roundTripMicroseconds } = record;
  const canonical = (address: string): string => canonicalAddress(address) ?? address;
  return {
    cookie,
    localAddress: canonical(record.localAddress),
    localPort,
    remoteAddress: canonical(record.remoteAddress),
    remotePort,
    roundTripMicroseconds,
  };
}

function movedSince(before: SocketRecord, now: SocketRecord): MovedSocket | null {
  const rxPackets = grown32(before.segmentsReceived, now.segmentsReceived);
  const txPackets = grown32(before.segmentsSent, now.segmentsSent);
  const rxBytes = Math.max(0, now.bytesReceived - before.bytesReceived);
  const txBytes = Math.max(0, now.bytesSent - before.bytesSent);
  if (rxPackets + txPackets + rxBytes + txBytes === 0) return null;
  return {
    socket: socketOf(now),
    rxBytes,
    txBytes,
    rxPackets,
    txPackets,
    retransmits: grown32(before.retransmits, now.retransmits),
  };
}

/** A socket that nobody had seen before has moved all that it counts. */
function unborn(record: SocketRecord): SocketRecord {
  return { ...record, bytesSent: 0, bytesReceived: 0, segmentsSent: 0, segmentsReceived: 0, retransmits: 0 };
}

/**
 * Follows what every TCP connection of this machine moves, by the counters of its own socket (tcp_info in tcp(7)), which the
 * kernel tells anyone. UDP sockets count nothing. What a connection moved after the last reading before its end is not known.
 */
export class SocketMeter {
  readonly #list: ListSockets;
  #last: Map<string, SocketRecord> | null = null;

  constructor(list: ListSockets) {
    this.#list = list;
  }

  /** What moved since the last call; the first call only takes note of what is there. Throws what the listing throws. */
  read(): SocketChanges {
    const before = this.#last;
    const now = this.#connections();
    this.#last = now;
    if (before === null) return { moved: [], ended: [] };
    const moved = [...now].flatMap(([cookie, record]) => movedSince(before.get(cookie) ?? unborn(record), record) ?? []);
    return { moved, ended: [...before.keys()].filter((cookie) => !now.has(cookie)) };
  }

  /** Takes note anew at the next reading. */
  forget(): void {
    this.#last = null;
  }

  #connections(): Map<string, SocketRecord> {
    const records = [...this.#list(4), ...this.#list(6)].filter(({ state }) => !uncounted.has(state));
    return new Map(records.slice(0, maximumFollowed).map((record) => [record.cookie, record]));
  }
}
