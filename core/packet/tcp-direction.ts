import { ByteStream, sequenceDistance } from './byte-stream.ts';
import { GrowingBytes, copied, joined, noBytes, uint16, uint8 } from './bytes.ts';
import { readDnsMessage } from './dns-message.ts';
import type { DnsMessage } from './dns-message.ts';
import { DnsStream } from './dns-stream.ts';
import { HttpStream, httpStart } from './http-stream.ts';
import type { HttpHead } from './http-stream.ts';
import { ClientHelloReader, findClientHello } from './tls-client-hello.ts';
import type { ClientHello } from './tls-client-hello.ts';

/** What one direction of a TCP connection told. */
export type TcpFinding =
  | { readonly kind: 'hello'; readonly hello: ClientHello }
  | { readonly kind: 'head'; readonly head: HttpHead }
  | { readonly kind: 'dns'; readonly message: DnsMessage };

/** One segment of one direction. */
export interface TcpSegment {
  readonly sequence: number;
  readonly syn: boolean;
  readonly payload: Uint8Array;
  /** Bytes of payload on the wire: more than `payload.length` where the capture cut the packet. */
  readonly wireLength: number;
}

/** After this much of an unknown protocol nothing is looked for any more: STARTTLS and proxies talk less before TLS. */
const maximumOpaqueBytes = 65_536;

/** Unknown bytes kept in case an earlier segment turns up: the capture began in mid-stream, or out of order. */
const maximumRetainedBytes = 4096;

/** Bytes of a ClientHello's beginning that the search in unknown bytes may find cut in two. */
const searchOverlap = 10;

/**
 * Behind the beginning of a connection a capture hands on only the packets that begin with a request: a gap before one
 * is then what was never handed on, not what is late.
 */
const wholeBytes = 16_384;

/** This many segments behind a gap mean that what is missing will not come. */
const hopelessGapSegments = 16;

/** Longest header of the PROXY protocol, version 1 (haproxy.org, proxy-protocol.txt 2.1). */
const maximumProxyLineBytes = 107;
/** `PROXY ` in ASCII. */
const proxyLineStart = Uint8Array.of(0x50, 0x52, 0x4f, 0x58, 0x59, 0x20);
const proxyBinaryStart = Uint8Array.of(0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d, 0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a);
const proxyBinaryHeaderBytes = 16;

type Mode = 'start' | 'tls' | 'http' | 'dns' | 'opaque' | 'done';

type Beginning = { readonly kind: 'tls' | 'http' | 'opaque' | 'more' } | { readonly kind: 'proxy'; readonly length: number };

function startsWith(bytes: Uint8Array, start: Uint8Array): boolean {
  return start.every((byte, index) => index >= bytes.length || bytes[index] === byte);
}

/** Length of the PROXY protocol header that the bytes begin with; 0 for none, null where it is not whole yet. */
function proxyHeaderLength(bytes: Uint8Array): number | null {
  if (startsWith(bytes, proxyBinaryStart)) {
    if (bytes.length < proxyBinaryHeaderBytes) return null;
    const length = proxyBinaryHeaderBytes + uint16(bytes, 14);
    return bytes.length < length ? null : length;
  }
  if (!startsWith(bytes, proxyLineStart)) return 0;
  const end = bytes.indexOf(10);
  if (end >= 0) return end + 1;
  return bytes.length < maximumProxyLineBytes ? null : 0;
}

/** Tells the protocol by the first bytes of a stream. */
function recognise(bytes: Uint8Array): Beginning {
  const proxyLength = proxyHeaderLength(bytes);
  if (proxyLength === null) return { kind: 'more' };
  if (proxyLength > 0) return { kind: 'proxy', length: proxyLength };
  if (uint8(bytes, 0) === 22) {
    if (bytes.length < 6) return { kind: 'more' };
    return { kind: uint8(bytes, 1) === 3 && uint8(bytes, 5) === 1 ? 'tls' : 'opaque' };
  }
  const start = httpStart(bytes);
  if (start === 'more') return { kind: 'more' };
  return { kind: start === 'neither' ? 'opaque' : 'http' };
}

/** Reads one direction of a TCP connection, whatever protocol it turns out to speak. */
export class TcpDirection {
  readonly #stream = new ByteStream();
  #mode: Mode;
  #begin: number | null = null;
  #sawSyn = false;
  /** What was given out while the protocol was unknown. */
  readonly #retained = new GrowingBytes(maximumRetainedBytes);
  #undecided: Uint8Array = noBytes;
  #tail: Uint8Array = noBytes;
  #opaqueBytes = 0;
  #hello: ClientHelloReader | null = null;
  #http: HttpStream | null = null;
  #dns: DnsStream | null = null;

  /** `dns` reads length-prefixed DNS messages from the first byte on; `any` finds out. */
  constructor(expected: 'any' | 'dns') {
    this.#mode = expected === 'dns' ? 'dns' : 'start';
    if (expected === 'dns') this.#dns = new DnsStream();
  }

  /** Bytes kept for what is still to come. */
  get heldBytes(): number {
    const readers = (this.#hello?.heldBytes ?? 0) + (this.#http?.heldBytes ?? 0) + (this.#dns?.heldBytes ?? 0);
    return this.#stream.waitingBytes + this.#retained.length + this.#undecided.length + this.#tail.length + readers;
  }

  /** Nothing more will be found here. */
  get isDone(): boolean {
    return this.#mode === 'done';
  }

  /** Takes one segment and returns what it completed. */
  push(segment: TcpSegment): readonly TcpFinding[] {
    if (this.#mode === 'done') return [];
    this.#beginAt(segment);
    const passed = this.#isFarHead(segment) ? [...this.#passGap(Number.POSITIVE_INFINITY), ...this.#readAll(this.#stream.skip(segment.sequence))] : [];
    const findings = [...passed, ...this.#readAll(this.#stream.push(segment.sequence, segment.payload))];
    if (segment.wireLength > segment.payload.length) return [...findings, ...this.#passCut(segment)];
    if (this.#stream.waitingSegments < hopelessGapSegments) return findings;
    return [...findings, ...this.#passGap(Number.POSITIVE_INFINITY), ...this.#readAll(this.#stream.skip())];
  }

  /** The other side answered: where something is missing in a ClientHello, it will not be sent again. */
  answered(): readonly TcpFinding[] {
    return this.#mode === 'tls' && this.#stream.hasGap ? this.#passGap(Number.POSITIVE_INFINITY) : [];
  }

  #beginAt(segment: TcpSegment): void {
    if (segment.syn) this.#sawSyn = true;
    if (this.#begin === null) {
      this.#begin = segment.sequence;
      return;
    }
    const isBefore = sequenceDistance(segment.sequence, this.#begin) < 0;
    const isUnknown = this.#mode === 'start' || this.#mode === 'opaque';
    const keptAll = this.#retained.length === (((this.#stream.next ?? 0) - this.#begin) >>> 0);
    if (!isBefore || !isUnknown || !keptAll || (this.#sawSyn && !segment.syn)) return;
    if (sequenceDistance(this.#begin, segment.sequence) > maximumOpaqueBytes) return;
    this.#stream.beginEarlier(segment.sequence, this.#begin, this.#retained.bytes);
    this.#begin = segment.sequence;
    this.#mode = 'start';
    this.#retained.clear();
    this.#undecided = noBytes;
    this.#tail = noBytes;
    this.#opaqueBytes = 0;
  }

  #isFarHead({ sequence, payload }: TcpSegment): boolean {
    const isAhead = sequenceDistance(sequence, this.#stream.next ?? sequence) > 0;
    const isFar = sequenceDistance(sequence, this.#begin ?? sequence) >= wholeBytes;
    return isAhead && isFar && this.#mode !== 'tls' && ['request', 'response'].includes(httpStart(payload));
  }

  /** The capture kept only the beginning of this packet: what is known must do, and the rest is passed over. */
  #passCut(segment: TcpSegment): readonly TcpFinding[] {
    const end = (segment.sequence + segment.payload.length) >>> 0;
    if (this.#stream.next !== end) return [];
    const findings = this.#passGap(segment.wireLength - segment.payload.length);
    return [...findings, ...this.#readAll(this.#stream.skip((segment.sequence + segment.wireLength) >>> 0))];
  }

  #passGap(missingBytes: number): readonly TcpFinding[] {
    if (this.#mode === 'tls') {
      const hello = this.#hello?.salvage() ?? null;
      this.#finish();
      return hello === null ? [] : [{ kind: 'hello', hello }];
    }
    this.#http?.gap(missingBytes);
    this.#undecided = noBytes;
    this.#tail = noBytes;
    if (this.#mode === 'dns') this.#finish();
    else if (this.#mode === 'start') this.#mode = 'opaque';
    return [];
  }

  #readAll(pieces: readonly Uint8Array[]): readonly TcpFinding[] {
    if (pieces.length === 1) return this.#read(pieces[0] ?? noBytes);
    return pieces.flatMap((piece) => [...this.#read(piece)]);
  }

  #read(piece: Uint8Array): readonly TcpFinding[] {
    switch (this.#mode) {
      case 'start':
        this.#retained.append(piece);
        return this.#readStart(piece);
      case 'tls':
        return this.#readTls(piece);
      case 'http':
        return this.#readHttp(piece);
      case 'dns':
        return this.#readDns(piece);
      case 'opaque':
        this.#retained.append(piece);
        return this.#readOpaque(piece);
      case 'done':
        break;
    }
    return [];
  }

  #readStart(piece: Uint8Array): readonly TcpFinding[] {
    const bytes = this.#undecided.length === 0 ? piece : joined(this.#undecided, piece);
    const beginning = recognise(bytes);
    this.#undecided = noBytes;
    switch (beginning.kind) {
      case 'more':
        this.#undecided = copied(bytes);
        return [];
      case 'proxy':
        return beginning.length < bytes.length ? this.#readStart(bytes.subarray(beginning.length)) : [];
      case 'tls':
        return this.#beginTls(bytes);
      case 'http':
        return this.#beginHttp(bytes);
      case 'opaque':
        break;
    }
    this.#mode = 'opaque';
    return this.#readOpaque(bytes);
  }

  #beginTls(bytes: Uint8Array): readonly TcpFinding[] {
    this.#mode = 'tls';
    this.#hello = new ClientHelloReader();
    return this.#readTls(bytes);
  }

  #beginHttp(bytes: Uint8Array): readonly TcpFinding[] {
    this.#mode = 'http';
    this.#http = new HttpStream();
    return this.#readHttp(bytes);
  }

  #readTls(piece: Uint8Array): readonly TcpFinding[] {
    const outcome = this.#hello?.push(piece) ?? { kind: 'not-tls' };
    if (outcome.kind === 'more') return [];
    this.#hello = null;
    if (outcome.kind === 'not-tls') {
      this.#mode = 'opaque';
      return [];
    }
    this.#finish();
    return [{ kind: 'hello', hello: outcome.hello }];
  }

  #readHttp(piece: Uint8Array): readonly TcpFinding[] {
    const { heads, rest } = this.#http?.push(piece) ?? { heads: [], rest: piece };
    const findings = heads.map((head): TcpFinding => ({ kind: 'head', head }));
    if (this.#http?.isTunnel !== true) return findings;
    this.#http = null;
    this.#mode = 'opaque';
    return rest.length === 0 ? findings : [...findings, ...this.#readOpaque(rest)];
  }

  #readDns(piece: Uint8Array): readonly TcpFinding[] {
    const findings: TcpFinding[] = [];
    this.#dns?.push(piece, (bytes) => {
      const message = readDnsMessage(bytes);
      if (message !== null) findings.push({ kind: 'dns', message });
    });
    if (this.#dns?.isBroken === true) this.#finish();
    return findings;
  }

  /** Looks for TLS or HTTP that begins behind an unknown preamble. */
  #readOpaque(piece: Uint8Array): readonly TcpFinding[] {
    const bytes = this.#tail.length === 0 ? piece : joined(this.#tail, piece);
    const at = findClientHello(bytes);
    if (at >= 0) return this.#beginTls(bytes.subarray(at));
    if (httpStart(piece) === 'request') return this.#beginHttp(piece);
    this.#tail = copied(bytes.subarray(-searchOverlap));
    this.#opaqueBytes += piece.length;
    if (this.#opaqueBytes > maximumOpaqueBytes) this.#finish();
    return [];
  }

  #finish(): void {
    this.#mode = 'done';
    this.#stream.clear();
    this.#retained.clear();
    this.#undecided = noBytes;
    this.#tail = noBytes;
    this.#hello = null;
    this.#http = null;
    this.#dns = null;
  }
}
