import { createCipheriv, createDecipheriv, hash } from 'node:crypto';
import type { QuicCrypto, SealedPacket } from '../../core/packet/index.ts';

const tagBytes = 16;
const hashBytes = 32;

/** Bytes of one SHA-256 block; longer keys would have to be hashed first, and here none is longer than 32. */
const blockBytes = 64;

/** The key in one block, each byte changed by `pad`. */
function paddedKey(key: Uint8Array, pad: number): Uint8Array {
  const block = new Uint8Array(blockBytes).fill(pad);
  key.forEach((byte, index) => (block[index] = byte ^ pad));
  return block;
}

/** HMAC (RFC 2104 2) out of two one-shot hashes: a quarter of what `createHmac` costs for so few bytes. */
function hmac(key: Uint8Array, ...parts: readonly Uint8Array[]): Uint8Array {
  const inner = hash('sha256', Buffer.concat([paddedKey(key, 0x36), ...parts]), 'buffer');
  return hash('sha256', Buffer.concat([paddedKey(key, 0x5c), inner]), 'buffer');
}

/** HkdfLabel with an empty context (RFC 8446 7.1). */
function hkdfLabel(label: string, length: number): Uint8Array {
  const full = Buffer.from(`tls13 ${label}`, 'latin1');
  return Buffer.concat([Buffer.of(length >> 8, length & 0xff, full.length), full, Buffer.of(0)]);
}

function expand(secret: Uint8Array, label: Uint8Array, length: number): Uint8Array {
  const output = Buffer.alloc(Math.ceil(length / hashBytes) * hashBytes);
  let block: Uint8Array = new Uint8Array(0);
  for (let index = 1; (index - 1) * hashBytes < length; index += 1) {
    block = hmac(secret, block, label, Uint8Array.of(index));
    output.set(block, (index - 1) * hashBytes);
  }
  return output.subarray(0, length);
}

function open({ key, nonce, associatedData, sealed }: SealedPacket): Uint8Array | null {
  if (sealed.length < tagBytes) return null;
  const decipher = createDecipheriv('aes-128-gcm', key, nonce, { authTagLength: tagBytes });
  decipher.setAAD(associatedData);
  decipher.setAuthTag(sealed.subarray(sealed.length - tagBytes));
  const plain = decipher.update(sealed.subarray(0, sealed.length - tagBytes));
  try {
    decipher.final();
    return plain;
  } catch {
    // OpenSSL says only "unable to authenticate data": the packet is not of this connection, or damaged.
    return null;
  }
}

/** {@link QuicCrypto} by the OpenSSL inside Node. */
export function createQuicCrypto(): QuicCrypto {
  return {
    hkdfExtract: (salt, keyMaterial) => hmac(salt, keyMaterial),
    hkdfExpandLabel: (secret, label, length) => expand(secret, hkdfLabel(label, length), length),
    aes128EcbBlock: (key, block) => createCipheriv('aes-128-ecb', key, null).setAutoPadding(false).update(block),
    aes128GcmOpen: open,
  };
}
