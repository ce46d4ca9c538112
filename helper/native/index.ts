/**
 * The typed face of the native addon. The addon counts packets and copies candidate payloads; it decides nothing about
 * names and owners. All numbers cross as little-endian buffers of fixed-size records, parsed in `records.ts`, `clues.ts`
 * and `sockets.ts`; headers by core/flow/header-records.ts.
 */
import type { Clue } from '../../core/packet/clue.ts';
import type { BelievedAnswers } from '../../core/packet/reading.ts';
import { addressBytes } from '../../core/flow/address.ts';
import { loadBinding } from './binding.ts';
import type { NativeBinding, NativeCapture, NativeFileDecoder } from './binding.ts';
import { readClues } from './clues.ts';
import { EndsCache } from './ends.ts';
import { readDrainCounters, readDrained, readFlows } from './records.ts';
import type { Drained, FlowRecord } from './records.ts';
import { readSockets } from './sockets.ts';
import type { SocketRecord } from './sockets.ts';

export { AddonMissingError } from './binding.ts';
export type { CaptureCounters, Drained, FlowRecord } from './records.ts';
export { noTcpInfo } from './sockets.ts';
export type { SocketRecord } from './sockets.ts';

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

/** Why a capture ended without being closed: the interface went down or away, or the kernel said no. */
export interface CaptureFailure {
  readonly code: 'interface-vanished' | 'capture-failed';
  readonly message: string;
}

/** Called on the JavaScript thread, never from within another call of the addon. */
export interface CaptureEvents {
  /** Clues wait; at most 20 times a second. */
  clues(): void;
  /** The capture has ended by itself; `drain` and `takeClues` still give what it counted. Called once. */
  failed(failure: CaptureFailure): void;
}

/** How many headers a capture keeps: the oldest give way. */
export interface HeaderBounds {
  /** From 65 536 to 2^30. */
  readonly bytes: number;
  /** From 1 to 3600; what is a tenth older may still be there. */
  readonly seconds: number;
}

/**
 * The headers of a capture's packets (link, network, transport; at most 128 bytes, and never a byte behind them), as records that
 * core/flow/header-records.ts reads. Packets that are not IP have none.
 */
export interface HeaderTap {
  /** As capture files number it. */
  readonly linkType: number;
  /** Keeps headers from now on; null: none, as in the beginning. What was kept before is let go. */
  keep(bounds: HeaderBounds | null): void;
  /** All that are kept. */
  held(): Uint8Array;
  /** Some 4 MiB of those that came since the last call, and how many gave way before they were taken. */
  fresh(): { readonly records: Uint8Array; readonly missed: number };
}

/** A running live capture: its own thread, its own ring, its own flow table. */
export interface Capture extends Disposable {
  /** Takes what happened since the last call. Never blocks on the network. After `close`, the rest. */
  drain(): Drained;
  /** Takes the clues that wait. */
  takeClues(): readonly Clue[];
  /** Absent where no packets are seen. */
  readonly headers?: HeaderTap;
  /** Stops the thread and waits for it; no event comes afterwards. A second call does nothing. */
  close(): void;
}

/** Errors of {@link NativeAddon.openCapture} carry one of these as `code`. */
export type OpenCaptureErrorCode = 'no-capture-rights' | 'unknown-interface' | 'bad-filter' | 'capture-failed';

/** Decodes a capture file that is pushed in pieces: pcap (both byte orders, µs and ns) and pcapng. */
export interface FileDecoder extends Disposable {
  /** Packets decoded so far. */
  readonly packets: number;
  /**
   * Decodes one piece (any split is fine) and returns the clues it held, valid until the next push: the beginning of
   * every flow that is not the part of another, and payloads. Throws with code `not-a-capture`, `damaged` or `unsupported`; what was decoded before stays countable.
   */
  push(piece: Uint8Array): readonly Clue[];
  /**
   * Takes all flows and counters so far; flows evicted earlier are among them. Throws with code `not-a-capture` where
   * the file was too short to be one.
   */
  finish(): FileSummary;
  /** The same, with flows that are made one by one as they are asked for. */
  finishStreaming(): StreamedSummary;
}

export interface FileSummary extends Drained {
  /** Link types met, in order of first appearance: libpcap's names in lower case (`en10mb`, `linux_sll2`, `raw`). */
  readonly linkTypes: readonly string[];
  /** The file ended in the middle of a record. */
  readonly truncated: boolean;
}

export interface StreamedSummary extends Omit<FileSummary, 'flows'> {
  readonly flows: Iterable<FlowRecord>;
}

export interface SocketQuery {
  readonly protocol: number;
  readonly localAddress: string;
  readonly localPort: number;
  readonly remoteAddress: string;
  readonly remotePort: number;
}

export interface FileDecoderOptions {
  readonly maximumFlows: number;
  readonly decapsulate: true;
  /** `all` leaves out the questions to name servers: who believes every answer (core/packet) does not need them. */
  readonly believedAnswers?: BelievedAnswers;
}

export interface NativeAddon {
  /** Opens and starts a capture. Throws an Error with an {@link OpenCaptureErrorCode} as `code`. */
  openCapture(options: CaptureOptions, events: CaptureEvents): Capture;
  createFileDecoder(options: FileDecoderOptions): FileDecoder;
  /** All sockets of an IP protocol and family in this network namespace. Throws with the errno's name as `code`. */
  dumpSockets(protocol: number, family: 4 | 6): readonly SocketRecord[];
  /** The socket the kernel would deliver to (TCP, UDP), or null. Throws like {@link NativeAddon.dumpSockets}. */
  findSocket(query: SocketQuery): SocketRecord | null;
  libpcapVersion(): string;
}

/** What a person reads when a file ends before its first four bytes. */
class NotACaptureError extends Error {
  readonly code = 'not-a-capture';
}

function headerTapOf(native: NativeCapture): HeaderTap {
  return {
    linkType: native.linkType(),
    keep: (bounds) => native.keepHeaders(bounds ?? { bytes: 0, seconds: 1 }),
    held: () => native.heldHeaders(),
    fresh: () => native.freshHeaders(),
  };
}

class LiveCapture implements Capture {
  readonly headers: HeaderTap;
  readonly #native: NativeCapture;
  readonly #cache = new EndsCache();

  constructor(binding: NativeBinding, options: CaptureOptions, events: CaptureEvents) {
    this.#native = new binding.LiveCapture(options, () => {
      const failure = this.#native.takeFailure();
      events.clues();
      if (failure !== null) events.failed(failure);
    });
    this.headers = headerTapOf(this.#native);
  }

  drain(): Drained {
    return readDrained(this.#native.drain(), this.#cache);
  }

  takeClues(): readonly Clue[] {
    return readClues(this.#native.takeClues(), this.#cache);
  }

  close(): void {
    this.#native.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }
}

class PushedFile implements FileDecoder {
  readonly #native: NativeFileDecoder;
  readonly #cache = new EndsCache();

  constructor(native: NativeFileDecoder) {
    this.#native = native;
  }

  get packets(): number {
    return this.#native.packets();
  }

  push(piece: Uint8Array): readonly Clue[] {
    return readClues(this.#native.push(piece), this.#cache);
  }

  finish(): FileSummary {
    const { flows, ...rest } = this.finishStreaming();
    return { ...rest, flows: [...flows] };
  }

  finishStreaming(): StreamedSummary {
    const { drained, linkTypes, truncated, recognised } = this.#native.finish();
    if (!recognised) throw new NotACaptureError('too short to be a capture');
    const names = [...new Set(linkTypes.map((name) => name.toLowerCase()))];
    return { flows: readFlows(drained, this.#cache), counters: readDrainCounters(drained), linkTypes: names, truncated };
  }

  [Symbol.dispose](): void {
    this.#native.close();
  }
}

function findSocket(binding: NativeBinding, query: SocketQuery): SocketRecord | null {
  const localAddress = addressBytes(query.localAddress);
  const remoteAddress = addressBytes(query.remoteAddress);
  if (localAddress === null || remoteAddress === null || localAddress.length !== remoteAddress.length) return null;
  const family = localAddress.length === 4 ? 4 : 6;
  const { protocol, localPort, remotePort } = query;
  const records = readSockets(binding.findSocket({ protocol, family, localAddress, localPort, remoteAddress, remotePort }));
  return records[0] ?? null;
}

/** Loads the native addon. Throws with code `addon-missing` and a message that names what to run. */
export function loadNative(): NativeAddon {
  const binding = loadBinding();
  return {
    openCapture: (options, events) => new LiveCapture(binding, options, events),
    createFileDecoder: ({ maximumFlows, believedAnswers }) =>
      new PushedFile(new binding.FileDecoder({ maximumFlows, questions: believedAnswers !== 'all' })),
    dumpSockets: (protocol, family) => readSockets(binding.dumpSockets({ protocol, family })),
    findSocket: (query) => findSocket(binding, query),
    libpcapVersion: () => binding.libpcapVersion(),
  };
}
