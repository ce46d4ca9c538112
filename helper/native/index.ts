/**
 * The typed face of the native addon. The addon counts packets and copies candidate payloads; it decides nothing about
 * names and owners. All numbers cross as one little-endian buffer of fixed-size records, parsed in `records.ts`.
 */
import type { Clue } from '../../core/packet/clue.ts';
import type { FlowRecord } from './records.ts';

/** How to open one live capture. Every bound has a name, and what it refuses is counted. */
export interface CaptureOptions {
  readonly interface: string;
  /** pcap-filter(7) expression; empty for all traffic. */
  readonly filter: string;
  readonly promiscuous: boolean;
  /** Bytes kept of each packet, for headers and clues; lengths are counted from the IP header regardless. */
  readonly snapLength: number;
  readonly ringBytes: number;
  /** Flows in the table at one time; a further flow takes the place of the longest silent one. */
  readonly maximumFlows: number;
  /** Bytes of clues that may wait for JavaScript. */
  readonly clueQueueBytes: number;
}

/** Counters since the previous drain. */
export interface CaptureCounters {
  readonly packets: number;
  /** IP bytes of the decoded packets: equals the sum over the flows of the same drain. */
  readonly bytes: number;
  readonly droppedPackets: number;
  readonly interfaceDroppedPackets: number;
  readonly malformedPackets: number;
  readonly otherFrames: number;
  readonly evictedFlows: number;
  readonly refusedClues: number;
}

export interface Drained {
  readonly flows: readonly FlowRecord[];
  readonly counters: CaptureCounters;
}

/** Why a capture ended without being closed: the interface went down or away, or the kernel said no. */
export interface CaptureFailure {
  readonly code: 'interface-vanished' | 'capture-failed';
  readonly message: string;
}

/** A running live capture: its own thread, its own ring, its own flow table. */
export interface Capture extends Disposable {
  /** Takes what happened since the last call. Never blocks on the network. */
  drain(): Drained;
  /** Takes the clues that wait. */
  takeClues(): readonly Clue[];
  close(): void;
}

/** Errors of {@link NativeAddon.openCapture} carry one of these as `code`. */
export type OpenCaptureErrorCode = 'no-capture-rights' | 'unknown-interface' | 'bad-filter' | 'capture-failed';

/** Decodes a capture file that is pushed in pieces: pcap (both byte orders, µs and ns) and pcapng. */
export interface FileDecoder extends Disposable {
  /**
   * Decodes one piece (any split is fine) and returns the clues it held. Throws with code `not-a-capture`, `damaged`
   * or `unsupported`; what was decoded before stays countable.
   */
  push(piece: Uint8Array): readonly Clue[];
  /** Takes all flows and counters so far; flows evicted earlier are among them. */
  finish(): FileSummary;
}

export interface FileSummary extends Drained {
  /** DLT numbers met, in order of first appearance. */
  readonly linkTypes: readonly string[];
  readonly truncated: boolean;
}

/** One socket as INET_DIAG tells it (linux/inet_diag.h). */
export interface SocketRecord {
  readonly family: 4 | 6;
  readonly protocol: number;
  readonly state: number;
  readonly localAddress: string;
  readonly localPort: number;
  readonly remoteAddress: string;
  readonly remotePort: number;
  readonly interfaceIndex: number;
  readonly uid: number;
  readonly inode: number;
  /** INET_DIAG_SKV6ONLY, which the kernel tells of listening and unconnected IPv6 sockets; absent where it does not. */
  readonly ipv6Only?: boolean;
  /** SO_COOKIE as decimal text (64 bits). */
  readonly cookie: string;
  /** Smoothed round-trip time in microseconds of a TCP socket with INET_DIAG_INFO; 0 where unknown. */
  readonly roundTripMicroseconds: number;
  readonly retransmits: number;
}
