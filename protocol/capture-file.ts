import { z } from 'zod';
import { FlowId, NameSeen } from './flow.ts';
import { HttpHostSum, maximumHttpHostsPerMessage } from './http.ts';
import { Address, Count, EpochMs, Port } from './units.ts';

/**
 * What the reader of capture files says, one JSON value per line on its standard output. It runs as a process of its
 * own and without rights, because a capture file is as hostile as the network it came from.
 * Order: `progress` now and then; `names` as they are found; `flows` and `http` once at the end, then `done`. Or `failed`, last.
 */

/** One flow of a file: neither side is "local" there, so `a` is the sender of its first packet. */
export const FileFlow = z.object({
  flow: FlowId,
  /** IP protocol number. */
  protocol: z.number().int().min(0).max(255),
  a: Address,
  aPort: Port,
  b: Address,
  bPort: Port,
  bytesAb: Count,
  bytesBa: Count,
  packetsAb: Count,
  packetsBa: Count,
  firstSeen: EpochMs,
  lastSeen: EpochMs,
  /** True for a flow inside a tunnel: it gives the name; its bytes are part of the outer flow's. */
  inner: z.boolean(),
  /**
   * Some of its packets carried another IP layer. The innermost flows of a file are those with `inner`, and those with
   * neither `inner` nor `tunnel`; a file without any `tunnel` has no second list.
   */
  tunnel: z.boolean(),
  /** From the TCP handshake, as far as it lies beyond the place of the capture; absent where it was not seen. */
  roundTripMicroseconds: z.number().int().min(1).optional(),
  /** TCP segments whose data had been seen before; absent where there were none. */
  retransmits: Count.optional(),
});
export type FileFlow = z.infer<typeof FileFlow>;

export const CaptureFileMessage = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('progress'), readBytes: Count, totalBytes: Count.nullable(), packets: Count }),
  z.object({ kind: z.literal('names'), names: z.array(NameSeen).max(1000) }),
  z.object({ kind: z.literal('flows'), flows: z.array(FileFlow).max(1000) }),
  /** Plain HTTP of the whole file: each host is told once. */
  z.object({ kind: z.literal('http'), hosts: z.array(HttpHostSum).max(maximumHttpHostsPerMessage) }),
  z.object({
    kind: z.literal('done'),
    packets: Count,
    /** Outermost IP bytes. */
    ipBytes: Count,
    malformedPackets: Count,
    /** Names of the link types met, as tcpdump's link-type list spells them in lower case; `mixed` has several. */
    linkType: z.string().max(64),
    /** The file ended in the middle of a record: what came before it was read. */
    truncated: z.boolean(),
    refusedClues: Count,
    evictedFlows: Count,
  }),
  z.object({
    kind: z.literal('failed'),
    code: z.enum(['unreadable', 'not-a-capture', 'damaged', 'unsupported']),
    message: z.string().max(1024),
  }),
]);
export type CaptureFileMessage = z.infer<typeof CaptureFileMessage>;
