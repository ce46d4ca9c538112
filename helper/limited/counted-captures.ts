import { flowId } from '../../protocol/flow.ts';
import type { FlowId } from '../../protocol/flow.ts';
import type { EpochMs } from '../../protocol/units.ts';
import type { CaptureOpener } from '../capture/captures.ts';
import type { LocalAddresses } from '../capture/local-addresses.ts';
import type { Capture, CaptureCounters, CaptureEvents, CaptureOptions, Drained, FlowRecord } from '../native/index.ts';
import { linkHeaderBytes, readInterfaceTotals } from './interface-totals.ts';
import type { InterfaceTotals } from './interface-totals.ts';
import { SocketMeter } from './socket-meter.ts';
import type { ListSockets, MovedSocket, SocketChanges } from './socket-meter.ts';

/** What counting needs of the machine; everything here is open to every user. */
export interface CountingPorts {
  readonly listSockets: ListSockets;
  readonly addresses: () => LocalAddresses;
  readonly now: () => EpochMs;
  readonly totals?: () => ReadonlyMap<string, InterfaceTotals>;
  readonly linkHeader?: (name: string) => number;
}

const tcp = 6;
/** "Reserved" among the IP protocol numbers: the rest may be of any. */
const anyProtocol = 255;

const nothingElse = { droppedPackets: 0, interfaceDroppedPackets: 0, malformedPackets: 0, otherFrames: 0, evictedFlows: 0, refusedClues: 0, foldedFlows: 0 };

/** A number that a flow carries over the intervals of one capture. */
interface Told {
  readonly flow: FlowId;
  readonly firstSeen: EpochMs;
}

interface Moved {
  readonly rxBytes: number;
  readonly rxPackets: number;
  readonly txBytes: number;
  readonly txPackets: number;
}

const nothing: Moved = { rxBytes: 0, rxPackets: 0, txBytes: 0, txPackets: 0 };

function each(make: (counter: keyof Moved) => number): Moved {
  return { rxBytes: make('rxBytes'), rxPackets: make('rxPackets'), txBytes: make('txBytes'), txPackets: make('txPackets') };
}

function sumOf(all: readonly Moved[]): Moved {
  return all.reduce((sum, one) => each((counter) => sum[counter] + one[counter]), nothing);
}

/** A counter that fell began anew with its interface. */
function since(before: InterfaceTotals, now: InterfaceTotals): Moved {
  return each((counter) => (now[counter] >= before[counter] ? now[counter] - before[counter] : now[counter]));
}

/** One interface, counted instead of captured. */
class CountedCapture implements Capture {
  readonly #name: string;
  readonly #parts: Counting;
  readonly #linkHeader: number;
  readonly #told = new Map<string, Told>();
  readonly #rest: Told;
  #last: InterfaceTotals | null;
  #waiting: SocketChanges = { moved: [], ended: [] };
  /** What connections had counted before the interface had: taken from the rest of the next intervals. */
  #ahead: Moved = nothing;
  #restTold = false;
  #open = true;
  /** The sockets were read for another capture since the last drain: of one second, one reading serves all. */
  #isRead = false;

  constructor(name: string, parts: Counting) {
    this.#name = name;
    this.#parts = parts;
    this.#linkHeader = parts.linkHeader(name);
    this.#last = parts.totals().get(name) ?? null;
    this.#rest = parts.newFlow();
  }

  /** The sockets have been read for a drain. */
  markRead(): void {
    this.#isRead = true;
  }

  /** What a reading of the sockets told of this interface. */
  add(changes: SocketChanges): void {
    this.#waiting = { moved: [...this.#waiting.moved, ...changes.moved], ended: [...this.#waiting.ended, ...changes.ended] };
  }

  drain(): Drained {
    if (this.#open && !this.#isRead) this.#parts.readForAll();
    this.#isRead = false;
    const { moved, ended } = this.#waiting;
    this.#waiting = { moved: [], ended: [] };
    const crossed = this.#crossed();
    const told = sumOf(moved);
    const owed = sumOf([told, this.#ahead]);
    const rest = each((counter) => Math.max(0, crossed[counter] - owed[counter]));
    this.#ahead = each((counter) => Math.max(0, owed[counter] - crossed[counter]));
    const flows = [...moved.map((one) => this.#record(one)), ...ended.flatMap((cookie) => this.#lastOf(cookie)), ...this.#restRecord(rest)];
    return { flows, counters: countersOf(sumOf([told, rest])) };
  }

  /** Nothing is read of what crosses: no clue ever comes. */
  takeClues(): readonly [] {
    return [];
  }

  close(): void {
    if (!this.#open) return;
    this.#parts.readSockets();
    this.#open = false;
    this.#parts.closed(this.#name, this);
  }

  [Symbol.dispose](): void {
    this.close();
  }

  /** IP bytes that crossed the interface since the last call. Frames that carry no IP are among them: nobody tells them apart here. */
  #crossed(): Moved {
    const now = this.#parts.totals().get(this.#name) ?? null;
    const before = this.#last;
    if (now !== null) this.#last = now;
    if (now === null || before === null) return nothing;
    const frames = since(before, now);
    return {
      ...frames,
      rxBytes: Math.max(0, frames.rxBytes - frames.rxPackets * this.#linkHeader),
      txBytes: Math.max(0, frames.txBytes - frames.txPackets * this.#linkHeader),
    };
  }

  #record({ socket, rxBytes, txBytes, rxPackets, txPackets, retransmits }: MovedSocket): FlowRecord {
    const known = this.#told.get(socket.cookie);
    const told = known ?? this.#parts.newFlow();
    this.#told.set(socket.cookie, told);
    return {
      ...plainRecord(told, this.#parts.now()),
      ends: { protocol: tcp, a: socket.localAddress, aPort: socket.localPort, b: socket.remoteAddress, bPort: socket.remotePort },
      bytesAb: txBytes,
      bytesBa: rxBytes,
      packetsAb: txPackets,
      packetsBa: rxPackets,
      opened: known === undefined,
      roundTripMicroseconds: socket.roundTripMicroseconds,
      retransmits,
    };
  }

  /** The record that ends a flow which was told of; none for others. */
  #lastOf(cookie: string): readonly FlowRecord[] {
    const told = this.#told.get(cookie);
    if (told === undefined) return [];
    this.#told.delete(cookie);
    return [{ ...plainRecord(told, this.#parts.now()), closed: true }];
  }

  #restRecord(rest: Moved): readonly FlowRecord[] {
    if (rest.rxBytes + rest.txBytes + rest.rxPackets + rest.txPackets === 0) return [];
    const opened = !this.#restTold;
    this.#restTold = true;
    const { rxBytes, txBytes, rxPackets, txPackets } = rest;
    const record = plainRecord(this.#rest, this.#parts.now());
    return [{ ...record, folded: true, opened, bytesAb: txBytes, bytesBa: rxBytes, packetsAb: txPackets, packetsBa: rxPackets }];
  }
}

function countersOf({ rxBytes, txBytes, rxPackets, txPackets }: Moved): CaptureCounters {
  return { ...nothingElse, packets: rxPackets + txPackets, bytes: rxBytes + txBytes };
}

function plainRecord({ flow, firstSeen }: Told, lastSeen: EpochMs): FlowRecord {
  return {
    flow,
    ends: { protocol: anyProtocol, a: '0.0.0.0', aPort: null, b: '0.0.0.0', bPort: null },
    bytesAb: 0,
    bytesBa: 0,
    packetsAb: 0,
    packetsBa: 0,
    firstSeen,
    lastSeen,
    opened: false,
    closed: false,
    inner: false,
    tunnel: false,
    folded: false,
    roundTripMicroseconds: 0,
    retransmits: 0,
  };
}

/** What the captures of all interfaces share. */
interface Counting {
  readonly now: () => EpochMs;
  readonly totals: () => ReadonlyMap<string, InterfaceTotals>;
  readonly linkHeader: (name: string) => number;
  newFlow(): Told;
  /** Reads the sockets for every capture that is drained in the same second. */
  readForAll(): void;
  readSockets(): void;
  closed(name: string, capture: CountedCapture): void;
}

/**
 * Stands in for libpcap where there is no right to capture: totals are the interfaces' own counters, connections are what this
 * machine's TCP sockets count, and what no socket accounts for (headers, datagrams, the last bytes of connections that ended) is one sum
 * without addresses. Nothing is estimated.
 */
export class CountedCaptures implements CaptureOpener {
  readonly #ports: CountingPorts;
  readonly #meter: SocketMeter;
  readonly #open = new Map<string, CountedCapture>();
  readonly #places = new Map<string, string>();
  #flows = 0;

  constructor(ports: CountingPorts) {
    this.#ports = ports;
    this.#meter = new SocketMeter(ports.listSockets);
  }

  openCapture({ interface: name, filter }: CaptureOptions, _events: CaptureEvents): Capture {
    if (filter !== '') {
      throw Object.assign(new Error('a filter needs the right to capture: without it there are only counters'), { code: 'bad-filter' });
    }
    if (this.#open.size === 0) this.#begin();
    const { now, totals = readInterfaceTotals, linkHeader = linkHeaderBytes } = this.#ports;
    const capture = new CountedCapture(name, {
      now,
      totals,
      linkHeader,
      newFlow: () => ({ flow: flowId(this.#flows++), firstSeen: now() }),
      readForAll: () => {
        this.#read();
        for (const each of this.#open.values()) each.markRead();
      },
      readSockets: () => this.#read(),
      closed: (which, closing) => {
        if (this.#open.get(which) === closing) this.#open.delete(which);
      },
    });
    this.#open.set(name, capture);
    return capture;
  }

  #begin(): void {
    this.#meter.forget();
    this.#places.clear();
    this.#meter.read();
  }

  /** Each connection is handed to the interface that it goes through: the one with its address, or loopback where both ends are here. */
  #read(): void {
    const { moved, ended } = this.#meter.read();
    const addresses = this.#ports.addresses();
    const changes = new Map<string, { readonly moved: MovedSocket[]; readonly ended: string[] }>();
    const of = (name: string): { readonly moved: MovedSocket[]; readonly ended: string[] } => {
      const known = changes.get(name) ?? { moved: [], ended: [] };
      changes.set(name, known);
      return known;
    };
    for (const one of moved) {
      const place = placeOf(one, addresses);
      this.#places.set(one.socket.cookie, place);
      of(place).moved.push(one);
    }
    for (const cookie of ended) {
      of(this.#places.get(cookie) ?? '').ended.push(cookie);
      this.#places.delete(cookie);
    }
    for (const [name, some] of changes) this.#open.get(name)?.add(some);
  }
}

const loopback = 'lo';

function placeOf({ socket }: MovedSocket, addresses: LocalAddresses): string {
  if (addresses.isLocal(socket.remoteAddress)) return loopback;
  for (const [name, own] of addresses.byInterface) if (own.includes(socket.localAddress)) return name;
  return '';
}
