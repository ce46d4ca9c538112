import type { EpochMs } from '../../protocol/units.ts';
import type { FlowId } from '../../protocol/flow.ts';
import type { FlowEnds } from '../../core/packet/clue.ts';
import type { EndsCache } from './ends.ts';

/** What one flow did since the last drain; `a` is the sender of its first packet. Bytes are IP bytes. */
export interface FlowRecord {
  readonly flow: FlowId;
  readonly ends: FlowEnds;
  readonly bytesAb: number;
  readonly bytesBa: number;
  readonly packetsAb: number;
  readonly packetsBa: number;
  readonly firstSeen: EpochMs;
  readonly lastSeen: EpochMs;
  /** First record of this flow. */
  readonly opened: boolean;
  /** Last record of this flow: ended by TCP, silent for long, or its place was needed. */
  readonly closed: boolean;
  /** Inside a tunnel (files only): gives the name; its bytes are part of an outer flow. */
  readonly inner: boolean;
  /**
   * Some of its packets carried another IP layer (files only). The innermost flows of a file are the records with
   * `inner`, and those without both `inner` and `tunnel`.
   */
  readonly tunnel: boolean;
  /** The sum of many flows that there was no room for: addresses are unspecified (`0.0.0.0`, `::`), ports null. */
  readonly folded: boolean;
  /** SYN to SYN-ACK (or SYN-ACK to ACK) in microseconds; 0 where not seen. */
  readonly roundTripMicroseconds: number;
  /** TCP segments whose data had been seen before. */
  readonly retransmits: number;
}

/** Counters since the previous drain. */
export interface CaptureCounters {
  /** All frames. Those that are no `otherFrames` are the packets of the same drain's flows. */
  readonly packets: number;
  /** IP bytes of the decoded packets: equals the sum over the flows of the same drain. */
  readonly bytes: number;
  readonly droppedPackets: number;
  readonly interfaceDroppedPackets: number;
  readonly malformedPackets: number;
  readonly otherFrames: number;
  readonly evictedFlows: number;
  readonly refusedClues: number;
  /** Evicted flows that were added to a `folded` record. */
  readonly foldedFlows: number;
}

export interface Drained {
  readonly flows: readonly FlowRecord[];
  readonly counters: CaptureCounters;
}

// Layouts: flow_record.hh and flow_record.cc. Numbers of 64 bits cross as doubles, exact up to 2^53.
const countersLength = 128;
const recordLength = 104;
const flagOpened = 1;
const flagClosed = 2;
const flagHasPorts = 4;
const flagInner = 8;
const flagCarrying = 16;
const flagFolded = 32;

function readCounters(view: DataView): CaptureCounters {
  const counter = (index: number): number => view.getFloat64(index * 8, true);
  return {
    packets: counter(0),
    bytes: counter(1),
    droppedPackets: counter(2),
    interfaceDroppedPackets: counter(3),
    malformedPackets: counter(4),
    otherFrames: counter(5),
    evictedFlows: counter(6),
    refusedClues: counter(7),
    foldedFlows: counter(8),
  };
}

/** A record, and whether it is the part of an outer flow that carried another IP layer. */
interface ReadRecord {
  readonly record: FlowRecord;
  readonly carrying: boolean;
}

function readRecord(bytes: Uint8Array, view: DataView, at: number, cache: EndsCache): ReadRecord {
  const flow = view.getFloat64(at, true);
  const flags = view.getUint16(at + 66, true);
  const family = view.getUint8(at + 65) === 6 ? 6 : 4;
  const place = { protocol: view.getUint8(at + 64), family, hasPorts: (flags & flagHasPorts) !== 0, offset: at + 68 } as const;
  const closed = (flags & flagClosed) !== 0;
  const record: FlowRecord = {
    flow: flow as FlowId,
    ends: cache.read(flow, bytes, view, place),
    bytesAb: view.getFloat64(at + 8, true),
    bytesBa: view.getFloat64(at + 16, true),
    packetsAb: view.getFloat64(at + 24, true),
    packetsBa: view.getFloat64(at + 32, true),
    firstSeen: view.getFloat64(at + 40, true) as EpochMs,
    lastSeen: view.getFloat64(at + 48, true) as EpochMs,
    opened: (flags & flagOpened) !== 0,
    closed,
    inner: (flags & flagInner) !== 0,
    tunnel: false,
    folded: (flags & flagFolded) !== 0,
    roundTripMicroseconds: view.getUint32(at + 56, true),
    retransmits: view.getUint32(at + 60, true),
  };
  if (closed) cache.forget(flow);
  return { record, carrying: (flags & flagCarrying) !== 0 };
}

/** What is left of an outer flow when its tunnelled packets are taken away; null where nothing is. */
function untunnelled(outer: FlowRecord, carried: FlowRecord): FlowRecord | null {
  const packetsAb = outer.packetsAb - carried.packetsAb;
  const packetsBa = outer.packetsBa - carried.packetsBa;
  if (packetsAb + packetsBa === 0) return null;
  const bytesAb = outer.bytesAb - carried.bytesAb;
  const bytesBa = outer.bytesBa - carried.bytesBa;
  return { ...outer, packetsAb, packetsBa, bytesAb, bytesBa, inner: true };
}

/** An outer flow as it is told: with a mark where packets of it carried another layer, and a record of what is left of it. */
function told(record: FlowRecord, carried: ReadonlyMap<FlowId, FlowRecord>): readonly FlowRecord[] {
  const part = record.inner ? undefined : carried.get(record.flow);
  if (part === undefined) return [record];
  const rest = untunnelled(record, part);
  const outer = { ...record, tunnel: true };
  return rest === null ? [outer] : [outer, rest];
}

/** The parts that carried another layer, by their outer flow: few files have any. */
function carriedParts(bytes: Uint8Array, view: DataView, cache: EndsCache): ReadonlyMap<FlowId, FlowRecord> {
  const carried = new Map<FlowId, FlowRecord>();
  for (let at = countersLength; at < bytes.length; at += recordLength) {
    if ((view.getUint16(at + 66, true) & flagCarrying) === 0) continue;
    const { record } = readRecord(bytes, view, at, cache);
    carried.set(record.flow, record);
  }
  return carried;
}

/** The flows of one drain's buffer, each made when it is asked for: a file's last drain may hold millions. Throws RangeError where it is cut. */
export function* readFlows(bytes: Uint8Array, cache: EndsCache): Generator<FlowRecord> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const carried = carriedParts(bytes, view, cache);
  for (let at = countersLength; at < bytes.length; at += recordLength) {
    const { record, carrying } = readRecord(bytes, view, at, cache);
    if (!carrying) yield* told(record, carried);
  }
}

/** The counters of one drain's buffer. */
export function readDrainCounters(bytes: Uint8Array): CaptureCounters {
  return readCounters(new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength));
}

/** Reads one drain's buffer: counters, then flow records of a fixed size. Throws RangeError where it is cut. */
export function readDrained(bytes: Uint8Array, cache: EndsCache): Drained {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const carried = carriedParts(bytes, view, cache);
  const flows: FlowRecord[] = [];
  for (let at = countersLength; at < bytes.length; at += recordLength) {
    const { record, carrying } = readRecord(bytes, view, at, cache);
    if (carrying) continue;
    if (carried.size === 0) flows.push(record);
    else flows.push(...told(record, carried));
  }
  return { flows, counters: readCounters(view) };
}
