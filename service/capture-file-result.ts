import { nameFileFlows } from '../core/attribution/file-flows.ts';
import type { NamedFileFlow } from '../core/attribution/file-flows.ts';
import { protocolName } from '../core/flow/protocol-name.ts';
import { fileNamingLimits } from '../core/naming/limits.ts';
import { createNaming } from '../core/naming/naming.ts';
import type { CaptureFileMessage, FileFlow } from '../protocol/capture-file.ts';
import type { NameSeen, NameSource } from '../protocol/flow.ts';
import type { HttpHostSum } from '../protocol/http.ts';

/** One flow of a capture file, as `tidewatch read --json` prints it. `a` is the sender of its first packet. */
export interface CaptureFileFlow {
  /** Lower-case name of the IP protocol, or its number where it has none. */
  readonly protocol: string;
  readonly a: string;
  readonly aPort: number | null;
  readonly b: string;
  readonly bPort: number | null;
  /** IP bytes: headers included, link layer excluded. */
  readonly bytesAb: number;
  readonly bytesBa: number;
  readonly packetsAb: number;
  readonly packetsBa: number;
  readonly hostname: string | null;
  readonly hostnameSource: NameSource | null;
  /** From the TCP handshake; null where it was not seen. */
  readonly roundTripMicroseconds: number | null;
  /** TCP segments whose data had been seen before. */
  readonly retransmits: number;
}

/** What a capture file holds. `flowsInner`, the innermost flows, is there where some packet has more than one IP layer. */
export interface CaptureFileResult {
  readonly packets: number;
  /** Outermost IP bytes: the sum over `flows`. */
  readonly ipBytes: number;
  readonly linkType: string;
  readonly truncated: boolean;
  readonly malformedPackets: number;
  readonly refusedClues: number;
  readonly evictedFlows: number;
  readonly flows: readonly CaptureFileFlow[];
  readonly flowsInner?: readonly CaptureFileFlow[];
  /** Plain HTTP by host, the most asked first; empty where there is none. */
  readonly http: readonly HttpHostSum[];
}

type Done = Extract<CaptureFileMessage, { kind: 'done' }>;

/** What a reader has said so far. */
export interface Reading {
  readonly names: NameSeen[];
  readonly flows: FileFlow[];
  readonly http: HttpHostSum[];
  done: Done | null;
}

function resultFlow({ flow, name }: NamedFileFlow): CaptureFileFlow {
  return {
    protocol: protocolName(flow.protocol),
    a: flow.a,
    aPort: flow.aPort,
    b: flow.b,
    bPort: flow.bPort,
    bytesAb: flow.bytesAb,
    bytesBa: flow.bytesBa,
    packetsAb: flow.packetsAb,
    packetsBa: flow.packetsBa,
    hostname: name?.name ?? null,
    hostnameSource: name?.source ?? null,
    roundTripMicroseconds: flow.roundTripMicroseconds ?? null,
    retransmits: flow.retransmits ?? 0,
  };
}

/** Joins the flows of a file with their names. `done` is what the reader said last. */
export function resultOf(done: Done, reading: Reading): CaptureFileResult {
  const named = nameFileFlows(reading.flows, reading.names, createNaming(fileNamingLimits));
  const innermost = named.filter(({ flow }) => flow.inner || !flow.tunnel);
  return {
    packets: done.packets,
    ipBytes: done.ipBytes,
    linkType: done.linkType,
    truncated: done.truncated,
    malformedPackets: done.malformedPackets,
    refusedClues: done.refusedClues,
    evictedFlows: done.evictedFlows,
    flows: named.filter(({ flow }) => !flow.inner).map(resultFlow),
    ...(named.some(({ flow }) => flow.tunnel) ? { flowsInner: innermost.map(resultFlow) } : {}),
    http: reading.http,
  };
}
