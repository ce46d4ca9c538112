import { canonicalAddress } from '../../core/flow/address.ts';
import type { OrientedEnds } from '../../core/flow/orient.ts';
import type { FlowId } from '../../protocol/flow.ts';
import type { SocketRecord } from '../native/index.ts';
import type { EndedSocket } from '../native/process-events/index.ts';
import type { SocketDiagnosis } from './diag-source.ts';
import type { MonotonicMs } from './owner-source.ts';
import { SocketTable } from './socket-table.ts';

/** A connection that moved something in this interval, or ended in it. */
export interface MovedFlow {
  readonly flow: FlowId;
  readonly ends: OrientedEnds;
  /** It began in this interval. */
  readonly opened: boolean;
  /** It ended in this interval: its socket is gone, or nearly so. */
  readonly closed: boolean;
}

/** What a socket, living or ended, tells of its connection. */
type ToldBySocket = Pick<EndedSocket, 'roundTripMicroseconds' | 'retransmits' | 'congestionWindow'>;

/** What is known of one connection. */
interface Known {
  roundTripMicroseconds: number;
  congestionWindow: number;
  /** The socket's count of segments sent again before the connection was measured: not ours to tell. */
  readonly before: number;
  /** Segments sent again since: by the socket's own count, by the packets that were seen, and as far as they were told. */
  counted: number;
  seen: number;
  told: number;
}

const tcp = 6;

/** Connections up to which each is looked up by itself (some 15 µs); beyond, one dump of all sockets costs less. */
const maximumSingleLookups = 64;

/** After a round, a rest of so many times its length: at most half a per cent of a core, however many connections there are. */
const restFactor = 200;

/** Connections of which something is kept, most: as many as flows are followed; beyond it, the handshake's round-trip time stands. */
const maximumKept = 131_072;

/** Ended sockets that are kept for the flows they belong to, most: as many as wait in the addon. */
const maximumEnded = 16_384;

/** How long an ended socket waits for its flow's last packets, in milliseconds: they are read in blocks, once a second. */
const endedKeptMs = 5000;

/** One connection's ends as a key; an address has one text. */
function keyOf(localAddress: string, localPort: number, remoteAddress: string, remotePort: number): string {
  return `${localPort} ${remotePort} ${localAddress} ${remoteAddress}`;
}

type FindSocket = (ends: OrientedEnds) => SocketRecord | null;

const nothingFound: FindSocket = () => null;

function canonical(address: string): string {
  return address.includes(':') ? (canonicalAddress(address) ?? address) : address;
}

/**
 * What live TCP connections' own sockets say of them (tcp_info, tcp(7)): the smoothed round-trip time, the congestion window, and
 * how many segments were sent again. They are asked for connections that moved something, once a second at most; where asking
 * takes long, less often, and the last answer stands. Of a connection that ended between two rounds, the kernel's last word counts.
 */
export class ConnectionQuality {
  readonly #diagnosis: SocketDiagnosis;
  readonly #takeEnded: () => readonly EndedSocket[];
  readonly #monotonic: MonotonicMs;
  readonly #known = new Map<FlowId, Known>();
  readonly #ended = new Map<string, { readonly socket: EndedSocket; readonly at: number }>();
  #nextRound = 0;

  /** `takeEnded`: sockets that have ended since it was called before; absent where the kernel does not tell. */
  constructor(parts: {
    readonly diagnosis: SocketDiagnosis;
    readonly monotonic: MonotonicMs;
    readonly takeEnded?: () => readonly EndedSocket[];
  }) {
    this.#diagnosis = parts.diagnosis;
    this.#monotonic = parts.monotonic;
    this.#takeEnded = parts.takeEnded ?? (() => []);
  }

  /** Asks about these connections, unless it is too early for more than what the kernel has told by itself. */
  measure(flows: readonly MovedFlow[]): void {
    this.#noteEnded();
    const mine = flows.filter(({ ends }) => ends.protocol === tcp && (ends.position === 'this-host' || ends.position === 'both-ends'));
    const begin = this.#monotonic();
    const find = this.#wayToFind(mine.filter(({ closed }) => !closed).length, begin);
    for (const moved of mine) {
      const living = moved.closed ? null : find(moved.ends);
      const told = living !== null && living.roundTripMicroseconds > 0 ? living : this.#lastWordOn(moved.ends);
      if (told !== null) this.#learn(moved, told);
    }
    if (find === nothingFound) return;
    const end = this.#monotonic();
    this.#nextRound = end + restFactor * (end - begin);
  }

  /** Microseconds; null where no socket was found that knows it. */
  roundTripOf(flow: FlowId): number | null {
    return this.#known.get(flow)?.roundTripMicroseconds ?? null;
  }

  /** Segments that this end may have under way; null where no socket was found that knows it. */
  congestionWindowOf(flow: FlowId): number | null {
    return this.#known.get(flow)?.congestionWindow ?? null;
  }

  /**
   * Segments sent again that have not been told yet. Packets show those of both ends, but a large frame hides that it is several
   * segments; a socket knows all of its own. The larger count holds, and never more than the `packets` of this interval.
   */
  retransmitsOf(flow: FlowId, seen: number, packets: number): number {
    const known = this.#known.get(flow);
    if (known === undefined) return seen;
    known.seen += seen;
    const untold = Math.min(Math.max(known.seen, known.counted) - known.told, packets);
    known.told += untold;
    return untold;
  }

  /** The flow is over. */
  ended(flow: FlowId): void {
    this.#known.delete(flow);
  }

  #noteEnded(): void {
    const now = this.#monotonic();
    for (const [key, { at }] of this.#ended) {
      if (now - at < endedKeptMs && this.#ended.size < maximumEnded) break;
      this.#ended.delete(key);
    }
    for (const socket of this.#takeEnded()) {
      if (socket.protocol !== tcp || socket.roundTripMicroseconds === 0 || this.#ended.size >= maximumEnded) continue;
      const key = keyOf(canonical(socket.localAddress), socket.localPort, canonical(socket.remoteAddress), socket.remotePort);
      this.#ended.delete(key);
      this.#ended.set(key, { socket, at: now });
    }
  }

  #lastWordOn({ localAddress, localPort, remoteAddress, remotePort }: OrientedEnds): ToldBySocket | null {
    if (this.#ended.size === 0 || localPort === null || remotePort === null) return null;
    return this.#ended.get(keyOf(localAddress, localPort, remoteAddress, remotePort))?.socket ?? null;
  }

  #learn({ flow, opened }: MovedFlow, told: ToldBySocket): void {
    const { roundTripMicroseconds, congestionWindow, retransmits } = told;
    const known = this.#known.get(flow);
    if (known !== undefined) {
      known.roundTripMicroseconds = roundTripMicroseconds;
      known.congestionWindow = congestionWindow;
      known.counted = Math.max(known.counted, retransmits - known.before);
      return;
    }
    if (this.#known.size >= maximumKept) return;
    const before = opened ? 0 : retransmits;
    this.#known.set(flow, { roundTripMicroseconds, congestionWindow, before, counted: retransmits - before, seen: 0, told: 0 });
  }

  #wayToFind(count: number, now: number): FindSocket {
    if (count === 0 || now < this.#nextRound) return nothingFound;
    return count <= maximumSingleLookups ? this.#lookUp : this.#inDump();
  }

  /** The owner rungs tell what is wrong where the kernel refuses; here it only means that nothing is known. */
  readonly #lookUp: FindSocket = ({ localAddress, localPort, remoteAddress, remotePort }) => {
    if (localPort === null || remotePort === null) return null;
    try {
      return this.#diagnosis.findSocket({ protocol: tcp, localAddress, localPort, remoteAddress, remotePort });
    } catch {
      return null;
    }
  };

  #inDump(): FindSocket {
    let table: SocketTable;
    try {
      table = new SocketTable([...this.#diagnosis.dumpSockets(tcp, 4), ...this.#diagnosis.dumpSockets(tcp, 6)]);
    } catch {
      return () => null;
    }
    return (ends) => table.candidates({ interfaceIndex: 0, ends }).find(({ fit }) => fit === 'connected')?.socket ?? null;
  }
}
