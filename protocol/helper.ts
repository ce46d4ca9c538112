import { z } from 'zod';
import { maximumFlowsPerMessage } from './bounds.ts';
import { FlowDelta, FlowId, NameSeen, ProcessDescription, ProcessKey } from './flow.ts';
import { HttpHostSum, maximumHttpHostsPerMessage } from './http.ts';
import { Address, Count, EpochMs, InterfaceName } from './units.ts';

/**
 * The protocol between the privileged helper and the service: one JSON value per line over a Unix stream socket.
 *
 * 1. Whoever connects says `hello` first; the helper answers `hello` and then what it has. A version that differs
 *    in `protocol` ends the connection with `refused`.
 * 2. Every line is parsed by its receiver, never trusted; a line that does not parse, or is longer than
 *    {@link maximumLineBytes}, ends that connection with `refused` and costs nothing else.
 * 3. Once a second, for each interval: `processes` and `names` that are new and `flows` (each message at most
 *    {@link maximumFlowsPerMessage}), then one `tick` that closes the interval. What a `flows` message names in
 *    `owner.process` has been described in a `processes` message on the same connection before; so have its ancestors,
 *    as far as they live and at most {@link maximumAncestors}, because a part of a larger app is told by its parent.
 *    What plain HTTP was asked for comes in `http` messages of the same interval, before its `tick`: one row for each host,
 *    told once in an interval.
 *    A flow that came in `flows` before on this connection, is open and has the same owner comes in `again`, with its
 *    numbers alone: both sides remember the first {@link maximumFlowsTold} open flows.
 * 4. One service at a time: a second connection is `refused` while the first lives.
 * 5. A `configure` is answered by `configured` once its captures are open or have failed; what could not be opened has
 *    been told as `trouble` before it, and the new state of the interfaces as `interfaces`.
 * 6. Headers of packets are kept only where `record` asked for it, and told only as `headers`: link, network and transport
 *    headers, never a byte behind them. A `record` is answered by `recording`, a `freeze` by `frozen`; the `headers` that
 *    belong to it come before. With its connection a service's recording ends.
 */
export const helperProtocolVersion = 4;

/** Longest line either side accepts, in bytes. A `flows` message of the largest size stays below half of it. */
export const maximumLineBytes = 1_048_576;

export { maximumFlowsPerMessage } from './bounds.ts';

/** Generations above an owner that are described with it: a browser's network process is three below the browser. */
export const maximumAncestors = 8;

/** Open flows that both sides of a connection remember, so that they need not be described again: two full tables of the capture. */
export const maximumFlowsTold = 131_072;

/** What an interface is, as sysfs tells it: only an edge counts towards the totals. */
export const InterfaceKind = z.enum(['physical', 'tunnel', 'bridge', 'veth', 'virtual', 'loopback']);
export type InterfaceKind = z.infer<typeof InterfaceKind>;

/**
 * What carries the packets of a tunnel over the other interfaces: the processes that hold its device (tun(4)), the kernel's own
 * UDP sockets (WireGuard), or packets of an IP protocol of their own to the tunnel's other end (GRE, IPIP, SIT), which is
 * null where it may be anyone.
 */
export const TunnelCarrier = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('processes'), processes: z.array(ProcessKey).min(1).max(64) }),
  z.object({ kind: z.literal('wireguard') }),
  z.object({
    kind: z.literal('protocol'),
    protocols: z.array(z.number().int().min(0).max(255)).min(1).max(4),
    remoteAddress: Address.nullable(),
  }),
]);
export type TunnelCarrier = z.infer<typeof TunnelCarrier>;

/** One interface as the helper sees it now. */
export const InterfaceStatus = z.object({
  name: InterfaceName,
  kind: InterfaceKind,
  /** Captured now, or why not: `idle` is not chosen, `failed` could not be opened (a `trouble` says why). */
  state: z.enum(['capturing', 'idle', 'failed']),
  /** Traffic on it counts towards the totals: each byte once, where it crosses the edge of this machine. */
  edge: z.boolean(),
  addresses: z.array(Address).max(256),
  /** What carries it, for a tunnel whose bytes cross another interface; absent where that cannot be told. */
  carrier: TunnelCarrier.optional(),
});
export type InterfaceStatus = z.infer<typeof InterfaceStatus>;

/** What one interface's capture did in one interval. */
export const InterfaceInterval = z.object({
  name: InterfaceName,
  packets: Count,
  /** IP bytes of the packets that were decoded: equal to the sum over this interval's flows. */
  bytes: Count,
  /** Packets the kernel dropped because the ring was full (`ps_drop`). */
  droppedPackets: Count,
  /** Packets with a length beyond reason, clamped (FlowDelta still carries the clamped bytes). */
  malformedPackets: Count,
  /** Frames that carried no IP packet (ARP, LLDP, …): not part of `bytes`. */
  otherFrames: Count,
  /** Flows whose place in the table was taken by another; their bytes were handed on. */
  evictedFlows: Count,
  /** Clues refused because their queue was full: names may be missing. */
  refusedClues: Count,
  /** The kernel's own counters over the interval (link-layer bytes), for the coverage receipt. */
  interfaceRxBytes: Count,
  interfaceTxBytes: Count,
});
export type InterfaceInterval = z.infer<typeof InterfaceInterval>;

/** Something a person should know, with what to do about it. `over` ends a trouble of the same code and subject. */
export const Trouble = z.object({
  code: z.enum([
    'no-capture-rights',
    'unknown-interface',
    'bad-filter',
    'interface-vanished',
    'capture-failed',
    'packets-dropped',
    'owner-source-limited',
    /** Nobody granted the right to capture: counters only. */
    'limited-mode',
    'flows-folded',
    'helper-lost',
    'history-unwritable',
    'history-set-aside',
    'bad-setting',
  ]),
  subject: z.string().max(256),
  message: z.string().max(1024),
  remedy: z.string().max(1024),
  over: z.boolean(),
});
export type Trouble = z.infer<typeof Trouble>;

/** What headers are kept of: those of the last time, for a `freeze`; or all of them, told as they come. */
export const HeaderRecording = z.object({
  /** Bounds of each interface's ring; null where none is kept. */
  ring: z.object({ seconds: z.number().int().min(1).max(3600), bytes: z.number().int().min(65_536).max(268_435_456) }).nullable(),
  stream: z.boolean(),
});
export type HeaderRecording = z.infer<typeof HeaderRecording>;

/** Bytes of headers in one message, most: half of the longest line when written in base64. */
export const maximumHeaderBytesPerMessage = 262_144;

/** Headers of packets of one interface, in order. `records` is read by core/flow/header-records.ts. */
export const PacketHeaders = z.object({
  kind: z.literal('headers'),
  /** What they answer: a `freeze`, or a recording that streams. */
  use: z.enum(['ring', 'stream']),
  interface: InterfaceName,
  /** As capture files number it (https://www.tcpdump.org/linktypes.html). */
  linkType: z.number().int().min(0).max(65_535),
  records: z.base64().max(Math.ceil(maximumHeaderBytesPerMessage / 3) * 4),
  /** Packets of the stream whose headers gave way before they were told. */
  missed: Count,
});
export type PacketHeaders = z.infer<typeof PacketHeaders>;

/** What the helper says. */
export const HelperMessage = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('hello'),
    protocol: z.number().int(),
    version: z.string().max(64),
    pid: z.number().int().min(1),
    startedAt: EpochMs,
  }),
  z.object({ kind: z.literal('refused'), reason: z.string().max(1024) }),
  z.object({ kind: z.literal('interfaces'), interfaces: z.array(InterfaceStatus).max(4096) }),
  z.object({ kind: z.literal('processes'), processes: z.array(ProcessDescription).max(maximumFlowsPerMessage) }),
  z.object({ kind: z.literal('names'), names: z.array(NameSeen).max(maximumFlowsPerMessage) }),
  z.object({ kind: z.literal('flows'), flows: z.array(FlowDelta).max(maximumFlowsPerMessage) }),
  z.object({ kind: z.literal('http'), hosts: z.array(HttpHostSum).max(maximumHttpHostsPerMessage) }),
  z.object({
    kind: z.literal('tick'),
    /** End of the interval. */
    time: EpochMs,
    /** Length of the interval; more than one where nobody listened, and the deltas were kept and merged. */
    intervalSeconds: z.number().min(0).max(1e9),
    interfaces: z.array(InterfaceInterval).max(4096),
    /** Flows merged into their (interface, protocol, remote) sums because nobody listened for long. */
    foldedFlows: Count,
    paused: z.boolean(),
  }),
  z.object({ kind: z.literal('trouble'), trouble: Trouble }),
  z.object({ kind: z.literal('configured') }),
  PacketHeaders,
  z.object({ kind: z.literal('frozen') }),
  z.object({ kind: z.literal('recording'), recording: HeaderRecording }),
]);
export type HelperMessage = z.infer<typeof HelperMessage>;

/**
 * What a flow did that was described before: its number, `rxBytes`, `txBytes`, `rxPackets`, `txPackets`, `lastSeen`,
 * `roundTripMicroseconds` and `congestionWindow` (0 where unknown). It neither opened nor closed, and sent nothing again.
 */
export const FlowAgain = z.tuple([FlowId, Count, Count, Count, Count, EpochMs, z.number().int().min(0), Count]);
export type FlowAgain = z.infer<typeof FlowAgain>;

/** What stands on one line: a message, or the numbers of flows, which the listener completes to a `flows` message. */
export const HelperLine = z.discriminatedUnion('kind', [
  ...HelperMessage.options,
  z.object({ kind: z.literal('again'), flows: z.array(FlowAgain).max(maximumFlowsPerMessage) }),
]);
export type HelperLine = z.infer<typeof HelperLine>;

/** What to capture. `interfaces: 'edges'` means all that count towards the totals, as they come and go. */
export const CaptureConfiguration = z.object({
  interfaces: z.union([z.literal('edges'), z.array(InterfaceName).min(1).max(64)]),
  /** A libpcap filter expression (pcap-filter(7)); empty for all traffic. */
  filter: z.string().max(4096),
  promiscuous: z.boolean(),
  /** Capture loopback too: shown when asked for, never in the totals. */
  loopback: z.boolean(),
});
export type CaptureConfiguration = z.infer<typeof CaptureConfiguration>;

/** What may be asked of the helper, and the greeting that comes before them. */
export const HelperCommand = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('hello'), protocol: z.number().int(), version: z.string().max(64) }),
  z.object({ kind: z.literal('configure'), configuration: CaptureConfiguration }),
  z.object({ kind: z.literal('pause') }),
  z.object({ kind: z.literal('resume') }),
  z.object({ kind: z.literal('record'), recording: HeaderRecording }),
  z.object({ kind: z.literal('freeze') }),
  z.object({ kind: z.literal('stop') }),
]);
export type HelperCommand = z.infer<typeof HelperCommand>;
