import { GrowingBytes, latin1, uint16, uint24, uint8 } from './bytes.ts';
import { hostNameOf } from './host-name.ts';

/** What a ClientHello says of the server that is wanted (RFC 8446 4.1.2). */
export interface ClientHello {
  /** The server name (RFC 6066 3); null where there is none or it is no host name. */
  readonly name: string | null;
  /** The extension of Encrypted ClientHello is there (RFC 9849): `name` may be the outer name, or the extension GREASE. */
  readonly encryptedClientHello: boolean;
}

export type ClientHelloOutcome =
  | { readonly kind: 'more' }
  | { readonly kind: 'not-tls' }
  | { readonly kind: 'hello'; readonly hello: ClientHello };

/** Longest ClientHello that is put together: real ones have up to 12 kB, with post-quantum keys and tickets. */
export const maximumClientHelloBytes = 65_536;

const recordHeaderBytes = 5;
const handshakeHeaderBytes = 4;
const contentHandshake = 22;
const typeClientHello = 1;
/** 2^14 and the allowance of TLS 1.2 for compression and sealing (RFC 5246 6.2.3, RFC 8446 5.1). */
const maximumRecordBytes = 16_384 + 2048;
const extensionServerName = 0;
const extensionEncryptedClientHello = 0xfe0d;
/** Longest text looked at: a full name, a dot and a port. */
const maximumServerNameBytes = 260;

/** The first valid name of a server_name extension. */
function readServerName(bytes: Uint8Array, start: number, end: number): string | null {
  let offset = start + 2;
  while (offset + 3 <= end) {
    const length = uint16(bytes, offset + 1);
    const nameStart = offset + 3;
    if (nameStart + length > end) return null;
    const isHostName = uint8(bytes, offset) === 0;
    if (isHostName && length <= maximumServerNameBytes) return hostNameOf(latin1(bytes, nameStart, nameStart + length));
    offset = nameStart + length;
  }
  return null;
}

/** Offset of the first extension: behind version, random, session ID, cipher suites and compression methods. */
function extensionsStart(body: Uint8Array): number {
  const sessionEnd = 35 + uint8(body, 34);
  const suitesEnd = sessionEnd + 2 + uint16(body, sessionEnd);
  return suitesEnd + 1 + uint8(body, suitesEnd) + 2;
}

/**
 * Reads the body of a ClientHello, without its handshake header. A body that ends early, or contradicts itself, gives
 * what stood before that place.
 */
export function readClientHello(body: Uint8Array): ClientHello {
  let name: string | null = null;
  let encryptedClientHello = false;
  let offset = extensionsStart(body);
  while (offset + 4 <= body.length) {
    const type = uint16(body, offset);
    const start = offset + 4;
    const end = start + uint16(body, offset + 2);
    if (end > body.length) break;
    if (type === extensionServerName) name ??= readServerName(body, start, end);
    if (type === extensionEncryptedClientHello) encryptedClientHello = true;
    offset = end;
  }
  return { name, encryptedClientHello };
}

const more: ClientHelloOutcome = { kind: 'more' };
const notTls: ClientHelloOutcome = { kind: 'not-tls' };

/** Takes the ClientHello out of handshake bytes in any pieces: the content of TLS records, or of QUIC's CRYPTO frames. */
export class HandshakeReader {
  readonly #handshake = new GrowingBytes(maximumClientHelloBytes + handshakeHeaderBytes);

  get heldBytes(): number {
    return this.#handshake.length;
  }

  /** Takes the next bytes. After an outcome other than `more` the reader is not used again. */
  push(piece: Uint8Array): ClientHelloOutcome {
    // Nearly always the whole message lies in one piece: then it is read where it is.
    const whole = this.#handshake.length === 0 ? readHandshake(piece) : more;
    if (whole.kind !== 'more') return whole;
    return this.#handshake.append(piece) ? readHandshake(this.#handshake.bytes) : notTls;
  }

  /** What the bytes so far tell, where the rest will not come: the capture cut or lost it. */
  salvage(): ClientHello | null {
    const bytes = this.#handshake.bytes;
    return bytes.length > handshakeHeaderBytes ? readClientHello(bytes.subarray(handshakeHeaderBytes)) : null;
  }
}

/** Takes TLS records out of a byte stream in any pieces, and the ClientHello out of any number of records. */
export class ClientHelloReader {
  readonly #handshake = new HandshakeReader();
  #header: number[] = [];
  #recordLeft = 0;

  get heldBytes(): number {
    return this.#handshake.heldBytes;
  }

  /** Takes the next bytes of the client's stream. After an outcome other than `more` the reader is not used again. */
  push(piece: Uint8Array): ClientHelloOutcome {
    let offset = 0;
    while (offset < piece.length) {
      if (this.#recordLeft === 0) {
        this.#header.push(uint8(piece, offset));
        offset += 1;
        if (this.#header.length < recordHeaderBytes) continue;
        if (!this.#beginRecord()) return notTls;
        continue;
      }
      const part = piece.subarray(offset, offset + this.#recordLeft);
      this.#recordLeft -= part.length;
      offset += part.length;
      const outcome = this.#handshake.push(part);
      if (outcome.kind !== 'more') return outcome;
    }
    return more;
  }

  /** See {@link HandshakeReader.salvage}. */
  salvage(): ClientHello | null {
    return this.#handshake.salvage();
  }

  #beginRecord(): boolean {
    const [type = 0, major = 0, , high = 0, low = 0] = this.#header;
    this.#header = [];
    this.#recordLeft = (high << 8) | low;
    return type === contentHandshake && major === 3 && this.#recordLeft > 0 && this.#recordLeft <= maximumRecordBytes;
  }
}

function readHandshake(bytes: Uint8Array): ClientHelloOutcome {
  if (bytes.length > 0 && uint8(bytes, 0) !== typeClientHello) return notTls;
  if (bytes.length < handshakeHeaderBytes) return more;
  const length = uint24(bytes, 1);
  if (length > maximumClientHelloBytes) return notTls;
  const end = handshakeHeaderBytes + length;
  if (bytes.length < end) return more;
  return { kind: 'hello', hello: readClientHello(bytes.subarray(handshakeHeaderBytes, end)) };
}

/**
 * Where a TLS stream with a ClientHello begins in the bytes, or -1: record header, handshake header and version must
 * agree, which chance does about once in 2^60 places. For TLS that begins in mid-stream: STARTTLS, proxies, SOCKS.
 */
export function findClientHello(bytes: Uint8Array): number {
  let at = bytes.indexOf(contentHandshake);
  while (at >= 0 && at + 11 <= bytes.length) {
    const recordBytes = uint16(bytes, at + 3);
    const isRecord = uint8(bytes, at + 1) === 3 && uint8(bytes, at + 2) <= 4 && recordBytes >= 38 && recordBytes <= maximumRecordBytes;
    const isHello = uint8(bytes, at + 5) === typeClientHello && uint8(bytes, at + 6) === 0;
    if (isRecord && isHello && uint8(bytes, at + 9) === 3 && uint8(bytes, at + 10) <= 4) return at;
    at = bytes.indexOf(contentHandshake, at + 1);
  }
  return -1;
}
