import { copied, uint8 } from './bytes.ts';
import type { QuicCrypto } from './quic-crypto.ts';
import type { InitialPacket } from './quic-packet.ts';
import { readVarint } from './quic-packet.ts';
import type { QuicVersion } from './quic-version.ts';

/** The keys that protect a client's Initial packets. They follow from the packet, so anybody may compute them. */
export interface InitialKeys {
  readonly key: Uint8Array;
  readonly iv: Uint8Array;
  readonly headerProtection: Uint8Array;
}

/** The keys of a connection by the destination ID of the client's first packet (RFC 9001 5.2). */
export function clientInitialKeys(crypto: QuicCrypto, version: QuicVersion, destinationId: Uint8Array): InitialKeys {
  const secret = crypto.hkdfExpandLabel(crypto.hkdfExtract(version.salt, destinationId), 'client in', 32);
  return {
    key: crypto.hkdfExpandLabel(secret, version.labels.key, 16),
    iv: crypto.hkdfExpandLabel(secret, version.labels.iv, 12),
    headerProtection: crypto.hkdfExpandLabel(secret, version.labels.headerProtection, 16),
  };
}

const sampleBytes = 16;
const longestNumber = 4;

/** The content of an Initial packet (RFC 9001 5.3 and 5.4), or null where the keys do not fit. */
export function openInitial(crypto: QuicCrypto, keys: InitialKeys, { bytes, numberOffset }: InitialPacket): Uint8Array | null {
  const sampleStart = numberOffset + longestNumber;
  if (sampleStart + sampleBytes > bytes.length) return null;
  const mask = crypto.aes128EcbBlock(keys.headerProtection, bytes.subarray(sampleStart, sampleStart + sampleBytes));
  const first = uint8(bytes, 0) ^ (uint8(mask, 0) & 0x0f);
  const numberEnd = numberOffset + (first & 3) + 1;
  const header = copied(bytes.subarray(0, numberEnd));
  header[0] = first;
  const nonce = copied(keys.iv);
  for (let offset = numberOffset; offset < numberEnd; offset += 1) {
    const clear = uint8(bytes, offset) ^ uint8(mask, 1 + offset - numberOffset);
    header[offset] = clear;
    const place = nonce.length - (numberEnd - offset);
    nonce[place] = uint8(nonce, place) ^ clear;
  }
  return crypto.aes128GcmOpen({ key: keys.key, nonce, associatedData: header, sealed: bytes.subarray(numberEnd) });
}

/** A piece of the handshake's byte stream. */
export interface CryptoPiece {
  readonly offset: number;
  readonly bytes: Uint8Array;
}

/** Frames looked at in one packet: each costs a byte at least, but padding is passed over at once. */
const maximumFrames = 1024;

const framePadding = 0x00;
const framePing = 0x01;
const frameAck = 0x02;
const frameAckWithCounts = 0x03;
const frameCrypto = 0x06;

/** The end of an ACK frame (RFC 9000 19.3), or null. */
function acknowledgementEnd(content: Uint8Array, start: number, type: number): number | null {
  const counted = [readVarint(content, start)];
  counted.push(readVarint(content, counted[0]?.end ?? content.length));
  const ranges = readVarint(content, counted[1]?.end ?? content.length);
  const left = ranges === null ? 0 : 1 + ranges.value * 2 + (type === frameAckWithCounts ? 3 : 0);
  let end = ranges?.end ?? null;
  for (let index = 0; index < left && end !== null; index += 1) end = readVarint(content, end)?.end ?? null;
  return end;
}

/**
 * The CRYPTO frames of an Initial packet's content (RFC 9000 19.6), as views into it. A frame that may not stand here
 * ends the reading: what came before it is kept.
 */
export function cryptoPiecesOf(content: Uint8Array): readonly CryptoPiece[] {
  const pieces: CryptoPiece[] = [];
  let offset = 0;
  for (let count = 0; count < maximumFrames && offset < content.length; count += 1) {
    const type = uint8(content, offset);
    offset += 1;
    if (type === framePadding) {
      while (offset < content.length && content[offset] === framePadding) offset += 1;
    } else if (type === frameAck || type === frameAckWithCounts) {
      const end = acknowledgementEnd(content, offset, type);
      if (end === null) break;
      offset = end;
    } else if (type === frameCrypto) {
      const at = readVarint(content, offset);
      const length = at === null ? null : readVarint(content, at.end);
      if (at === null || length === null || length.end + length.value > content.length) break;
      pieces.push({ offset: at.value, bytes: content.subarray(length.end, length.end + length.value) });
      offset = length.end + length.value;
    } else if (type !== framePing) {
      break;
    }
  }
  return pieces;
}
