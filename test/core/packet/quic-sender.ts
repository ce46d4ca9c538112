import { createCipheriv, createHmac, hkdfSync } from 'node:crypto';
import { ascii, concat, hex } from './clues.ts';
import { two } from './messages.ts';

/** Protects Initial packets as a client does (RFC 9001 5), with Node's own HKDF: apart from what is tested. */

export interface SenderVersion {
  readonly number: number;
  readonly salt: string;
  readonly label: string;
  /** The first byte of an Initial packet with a packet number of four bytes, without protection. */
  readonly firstByte: number;
}

export const version1: SenderVersion = { number: 1, salt: '38762cf7f55934b34d179ae6a4c80cadccbb7f0a', label: 'quic', firstByte: 0xc3 };
export const version2: SenderVersion = { number: 0x6b3343cf, salt: '0dede3def700a6db819381be6e269dcbf9bd2ed9', label: 'quicv2', firstByte: 0xd3 };
export const draft29: SenderVersion = { number: 0xff00001d, salt: 'afbfec289993d24c9e9786f19c6111e04390a899', label: 'quic', firstByte: 0xc3 };
export const draft27: SenderVersion = { number: 0xff00001b, salt: 'c3eef712c72ebb5a11a7d2432bb46365bef9f502', label: 'quic', firstByte: 0xc3 };

function hkdfLabel(label: string, length: number): Uint8Array {
  const full = ascii(`tls13 ${label}`);
  return concat(two(length), Uint8Array.of(full.length), full, Uint8Array.of(0));
}

/** HKDF-Expand-Label by way of RFC 5869's expand step alone, which Node has only in `hkdfSync` together with extract. */
function initialSecrets(version: SenderVersion, id: Uint8Array): { readonly key: Uint8Array; readonly iv: Uint8Array; readonly headerProtection: Uint8Array } {
  const client = new Uint8Array(hkdfSync('sha256', id, hex(version.salt), hkdfLabel('client in', 32), 32));
  const expand = (label: string, length: number): Uint8Array => expandOnly(client, hkdfLabel(`${version.label} ${label}`, length), length);
  return { key: expand('key', 16), iv: expand('iv', 12), headerProtection: expand('hp', 16) };
}

function expandOnly(secret: Uint8Array, label: Uint8Array, length: number): Uint8Array {
  return createHmac('sha256', secret).update(label).update(Uint8Array.of(1)).digest().subarray(0, length);
}

/** Four bytes, big-endian. */
export function four(value: number): Uint8Array {
  return Uint8Array.of((value >>> 24) & 0xff, (value >>> 16) & 0xff, (value >>> 8) & 0xff, value & 0xff);
}

export interface InitialToSend {
  readonly version: SenderVersion;
  /** Destination ID in the header. */
  readonly destinationId: Uint8Array;
  /** Where the keys come from: the first destination ID of the connection. */
  readonly keysFrom?: Uint8Array;
  readonly token?: Uint8Array;
  readonly packetNumber?: number;
  readonly content: Uint8Array;
}

/** A protected Initial packet, ready for a datagram. */
export function initialPacket({ version, destinationId, keysFrom = destinationId, token = new Uint8Array(0), packetNumber = 2, content }: InitialToSend): Uint8Array {
  const { key, iv, headerProtection } = initialSecrets(version, keysFrom);
  const length = 4 + content.length + 16;
  const header = concat(
    Uint8Array.of(version.firstByte),
    four(version.number),
    Uint8Array.of(destinationId.length),
    destinationId,
    Uint8Array.of(0, token.length),
    token,
    two(0x4000 | length),
    four(packetNumber),
  );
  const nonce = iv.slice();
  four(packetNumber).forEach((byte, index) => (nonce[8 + index] = (nonce[8 + index] ?? 0) ^ byte));
  const cipher = createCipheriv('aes-128-gcm', key, nonce);
  cipher.setAAD(header);
  const sealed = concat(cipher.update(content), cipher.final(), cipher.getAuthTag());
  const mask = createCipheriv('aes-128-ecb', headerProtection, null).update(sealed.subarray(0, 16));
  const packet = concat(header, sealed);
  packet[0] = (packet[0] ?? 0) ^ ((mask[0] ?? 0) & 0x0f);
  for (let index = 0; index < 4; index += 1) packet[header.length - 4 + index] = (packet[header.length - 4 + index] ?? 0) ^ (mask[1 + index] ?? 0);
  return packet;
}

/** A CRYPTO frame (RFC 9000 19.6) with part of a handshake. */
export function cryptoFrame(handshake: Uint8Array, from: number, to: number): Uint8Array {
  const part = handshake.subarray(from, to);
  return concat(Uint8Array.of(6), two(0x4000 | from), two(0x4000 | part.length), part);
}
