import { z } from 'zod';
import { Address, Count, EpochMs, HostName, InterfaceName, Port } from './units.ts';

/** A number that stands for one flow while one helper runs; never used again by that helper. */
export const FlowId = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER).brand<'FlowId'>();
export type FlowId = z.infer<typeof FlowId>;

/** The flow's number as a {@link FlowId}. Throws if it is not a safe non-negative integer. */
export function flowId(value: number): FlowId {
  return FlowId.parse(value);
}

/**
 * What one flow is: seen from this machine, so that "local" is decided by the machine's own addresses.
 * `protocol` is the IP protocol number (IANA "Assigned Internet Protocol Numbers").
 */
export const FlowKey = z.object({
  interface: InterfaceName,
  protocol: z.number().int().min(0).max(255),
  localAddress: Address,
  localPort: Port,
  remoteAddress: Address,
  remotePort: Port,
});
export type FlowKey = z.infer<typeof FlowKey>;

/** A process by pid and start time, as text `pid@startTicks`: a pid alone is used again by the kernel. */
export const ProcessKey = z.string().regex(/^\d{1,10}@\d{1,20}$/u).brand<'ProcessKey'>();
export type ProcessKey = z.infer<typeof ProcessKey>;

/** Why an owner is not exact. The words a person reads are the shell's; this is the fact. */
export const OwnerReason = z.enum([
  'wildcard-socket',
  'shared-port',
  'shared-socket',
  'remembered',
  'process-ended',
  'no-socket',
  'no-rights',
  'not-looked-up',
  'kernel',
  'not-this-host',
  'folded',
  /** Kept out of the history by a person's wish: it is known, and not told. */
  'withheld',
  /** Not told: the private mode was on. */
  'private',
]);
export type OwnerReason = z.infer<typeof OwnerReason>;

/** Who a flow belongs to, with how sure that is. `exact` needs no reason; the other two always carry one. */
export const OwnerReference = z.discriminatedUnion('certainty', [
  z.object({ certainty: z.literal('exact'), process: ProcessKey }),
  z.object({ certainty: z.literal('inferred'), process: ProcessKey, reason: OwnerReason }),
  z.object({ certainty: z.literal('unknown'), reason: OwnerReason }),
]);
export type OwnerReference = z.infer<typeof OwnerReference>;

/** What the kernel told of a process when it was first seen as an owner. */
export const ProcessDescription = z.object({
  key: ProcessKey,
  pid: z.number().int().min(1),
  parentPid: z.number().int().min(0),
  /** Its parent, where that could be told: described before it on the same connection. */
  parent: ProcessKey.optional(),
  uid: z.number().int().min(0),
  /** Path of the executable, without the kernel's " (deleted)"; null where it could not be read. */
  executable: z.string().max(4096).nullable(),
  /** True where the file behind `executable` has been deleted or replaced since the process began. */
  executableDeleted: z.boolean(),
  /** Arguments, each cut to 256 characters, at most 16 of them. */
  commandLine: z.array(z.string().max(256)).max(16),
  /** The folder it was in when it was described; absent where that could not be read, or is too long to be kept whole. */
  workingDirectory: z.string().max(1024).optional(),
  /** Path of the control group (v2 where there is one), or null. */
  controlGroup: z.string().max(1024).nullable(),
  /** What its container's user calls the container, as the engine's own files have it; absent where they do not tell. */
  containerName: z.string().min(1).max(128).optional(),
});
export type ProcessDescription = z.infer<typeof ProcessDescription>;

/** What one flow did since the last delta. Bytes are IP bytes: headers included, link layer excluded. */
export const FlowDelta = z.object({
  flow: FlowId,
  key: FlowKey,
  rxBytes: Count,
  txBytes: Count,
  rxPackets: Count,
  txPackets: Count,
  firstSeen: EpochMs,
  lastSeen: EpochMs,
  /** True in the first delta of a flow: sums of it count connections. */
  opened: z.boolean(),
  /** True in the last delta of a flow: TCP ended it, it was silent for long, or the table needed its place. */
  closed: z.boolean(),
  /** Smoothed or handshake round-trip time in microseconds; absent where unknown. */
  roundTripMicroseconds: z.number().int().min(0).optional(),
  /** TCP segments whose data had been sent before, in either direction; absent where there were none. */
  retransmits: Count.optional(),
  /** Segments that this end may have under way (tcp_info, tcp(7)); absent where unknown. */
  congestionWindow: Count.optional(),
  owner: OwnerReference,
});
export type FlowDelta = z.infer<typeof FlowDelta>;

/** How a name was learned, the best evidence first. */
export const NameSource = z.enum([
  'tls-sni',
  'quic-sni',
  'http-host',
  'resolver',
  'dns',
  'mdns',
  'llmnr',
  'netbios',
  'reverse-dns',
]);
export type NameSource = z.infer<typeof NameSource>;

/** A name as it was seen: for one flow (the client named its peer), or for an address (somebody resolved it). */
export const NameSeen = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('flow'),
    flow: FlowId,
    source: z.enum(['tls-sni', 'quic-sni', 'http-host']),
    name: HostName,
    time: EpochMs,
    /** The ClientHello carried the ECH extension: the name may be the outer one (RFC 9849), or ECH was GREASE. */
    encryptedClientHello: z.boolean(),
  }),
  z.object({
    kind: z.literal('address'),
    source: z.enum(['resolver', 'dns', 'mdns', 'llmnr', 'netbios', 'reverse-dns']),
    name: HostName,
    address: Address,
    ttlSeconds: z.number().int().min(0).max(2 ** 31 - 1),
    time: EpochMs,
    /** The flow the answer came in: its owner is the app that asked. Null where the answer came another way. */
    flow: FlowId.nullable(),
  }),
]);
export type NameSeen = z.infer<typeof NameSeen>;
