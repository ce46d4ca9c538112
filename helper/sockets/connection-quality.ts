import type { OrientedEnds } from '../../core/flow/orient.ts';
import type { FlowId } from '../../protocol/flow.ts';
import type { SocketRecord } from '../native/index.ts';
import type { SocketDiagnosis } from './diag-source.ts';
import type { MonotonicMs } from './owner-source.ts';
import { SocketTable } from './socket-table.ts';

/** A connection that moved something in this interval. */
export interface MovedFlow {
  readonly flow: FlowId;
  readonly ends: OrientedEnds;
}

const tcp = 6;

/** Connections up to which each is looked up by itself (some 15 µs); beyond, one dump of all sockets costs less. */
const maximumSingleLookups = 64;

/** After a round, a rest of so many times its length: at most half a per cent of a core, however many connections there are. */
const restFactor = 200;

/** Connections whose last round-trip time is kept, most: as many as flows are followed; beyond it, the handshake's stands. */
const maximumKept = 131_072;

/**
 * The round-trip time of live TCP connections as their own socket smooths it (tcp_info, tcp(7)). It is asked for connections
 * that moved something, once a second at most; where asking takes long, less often, and the last answer stands.
 */
export class ConnectionQuality {
  readonly #diagnosis: SocketDiagnosis;
  readonly #monotonic: MonotonicMs;
  readonly #known = new Map<FlowId, number>();
  #nextRound = 0;

  constructor(parts: { readonly diagnosis: SocketDiagnosis; readonly monotonic: MonotonicMs }) {
    this.#diagnosis = parts.diagnosis;
    this.#monotonic = parts.monotonic;
  }

  /** Asks about these connections, unless it is too early. */
  measure(flows: readonly MovedFlow[]): void {
    const asked = flows.filter(({ ends }) => ends.protocol === tcp && (ends.position === 'this-host' || ends.position === 'both-ends'));
    const begin = this.#monotonic();
    if (asked.length === 0 || begin < this.#nextRound) return;
    const find = asked.length <= maximumSingleLookups ? this.#lookUp : this.#inDump();
    for (const { flow, ends } of asked) this.#learn(flow, find(ends));
    const end = this.#monotonic();
    this.#nextRound = end + restFactor * (end - begin);
  }

  /** Microseconds; null where no socket was found that knows it. */
  roundTripOf(flow: FlowId): number | null {
    return this.#known.get(flow) ?? null;
  }

  /** The flow is over. */
  ended(flow: FlowId): void {
    this.#known.delete(flow);
  }

  #learn(flow: FlowId, socket: SocketRecord | null): void {
    const microseconds = socket?.roundTripMicroseconds ?? 0;
    if (microseconds > 0 && (this.#known.has(flow) || this.#known.size < maximumKept)) this.#known.set(flow, microseconds);
  }

  /** The owner rungs tell what is wrong where the kernel refuses; here it only means that nothing is known. */
  readonly #lookUp = ({ localAddress, localPort, remoteAddress, remotePort }: OrientedEnds): SocketRecord | null => {
    if (localPort === null || remotePort === null) return null;
    try {
      return this.#diagnosis.findSocket({ protocol: tcp, localAddress, localPort, remoteAddress, remotePort });
    } catch {
      return null;
    }
  };

  #inDump(): (ends: OrientedEnds) => SocketRecord | null {
    let table: SocketTable;
    try {
      table = new SocketTable([...this.#diagnosis.dumpSockets(tcp, 4), ...this.#diagnosis.dumpSockets(tcp, 6)]);
    } catch {
      return () => null;
    }
    return (ends) => table.candidates({ interfaceIndex: 0, ends }).find(({ fit }) => fit === 'connected')?.socket ?? null;
  }
}
