import { sameBytes, uint16, uint32, uint8 } from './bytes.ts';
import { quicVersionOf } from './quic-version.ts';
import type { QuicVersion } from './quic-version.ts';

/** An Initial packet as it lies in its datagram, header protection and all (RFC 9000 17.2.2). */
export interface InitialPacket {
  readonly version: QuicVersion;
  readonly destinationId: Uint8Array;
  /** From the first byte of the header to the end of the packet. */
  readonly bytes: Uint8Array;
  /** Where in `bytes` the protected packet number begins. */
  readonly numberOffset: number;
}

/** Longest connection ID (RFC 9000 17.2). */
const maximumIdBytes = 20;

/** Packets looked at in one datagram; senders coalesce two or three. */
const maximumCoalesced = 8;

/** Packet number of one byte, and the tag: less cannot be a packet. */
const minimumLength = 17;

interface Varint {
  readonly value: number;
  readonly end: number;
}

/** A variable-length integer (RFC 9000 16); null where it is not whole, or beyond any length that matters here. */
export function readVarint(bytes: Uint8Array, offset: number): Varint | null {
  const first = uint8(bytes, offset);
  const size = 1 << (first >> 6);
  if (offset + size > bytes.length) return null;
  if (size === 1) return { value: first & 0x3f, end: offset + 1 };
  if (size === 2) return { value: uint16(bytes, offset) & 0x3fff, end: offset + 2 };
  if (size === 4) return { value: uint32(bytes, offset) % 2 ** 30, end: offset + 4 };
  const value = (uint32(bytes, offset) % 2 ** 30) * 2 ** 32 + uint32(bytes, offset + 4);
  return Number.isSafeInteger(value) ? { value, end: offset + 8 } : null;
}

/** Whether a UDP payload begins like a long header of a version that is read here. */
export function isQuicCandidate(datagram: Uint8Array): boolean {
  return (uint8(datagram, 0) & 0xc0) === 0xc0 && quicVersionOf(uint32(datagram, 1)) !== null;
}

interface LongHeader {
  readonly version: QuicVersion;
  readonly type: number;
  readonly destinationId: Uint8Array;
  /** What follows the source connection ID. */
  readonly end: number;
}

function readLongHeader(bytes: Uint8Array): LongHeader | null {
  const version = quicVersionOf(uint32(bytes, 1));
  if ((uint8(bytes, 0) & 0xc0) !== 0xc0 || version === null) return null;
  const destinationEnd = 6 + uint8(bytes, 5);
  const sourceEnd = destinationEnd + 1 + uint8(bytes, destinationEnd);
  const isTooLong = uint8(bytes, 5) > maximumIdBytes || uint8(bytes, destinationEnd) > maximumIdBytes;
  if (isTooLong || sourceEnd >= bytes.length) return null;
  return { version, type: (uint8(bytes, 0) >> 4) & 3, destinationId: bytes.subarray(6, destinationEnd), end: sourceEnd };
}

/** Where the Length field of a packet stands: an Initial has a token before it. */
function lengthOffset(bytes: Uint8Array, header: LongHeader): number | null {
  if (header.type !== header.version.types.initial) return header.end;
  const token = readVarint(bytes, header.end);
  return token === null || token.end + token.value > bytes.length ? null : token.end + token.value;
}

/**
 * The Initial packets of one UDP payload, with 0-RTT and Handshake packets beside them passed over (RFC 9000 12.2). A
 * Retry, a short header, an unknown version, another destination ID (receivers ignore that too) or anything broken ends
 * the datagram.
 */
export function initialPacketsOf(datagram: Uint8Array): readonly InitialPacket[] {
  const packets: InitialPacket[] = [];
  let rest = datagram;
  let firstId: Uint8Array | null = null;
  for (let count = 0; count < maximumCoalesced && rest.length > 0; count += 1) {
    const header = readLongHeader(rest);
    if (header === null || header.type === header.version.types.retry) break;
    firstId ??= header.destinationId;
    if (!sameBytes(header.destinationId, firstId)) break;
    const at = lengthOffset(rest, header);
    const length = at === null ? null : readVarint(rest, at);
    if (length === null || length.value < minimumLength || length.end + length.value > rest.length) break;
    const bytes = rest.subarray(0, length.end + length.value);
    const { version, destinationId } = header;
    if (header.type === version.types.initial) packets.push({ version, destinationId, bytes, numberOffset: length.end });
    rest = rest.subarray(bytes.length);
  }
  return packets;
}
