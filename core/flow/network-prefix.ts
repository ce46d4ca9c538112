import { addressBytes } from './address.ts';

/** A range of addresses, as CIDR writes it (RFC 4632): the bytes of its first address and how many bits count. */
export interface NetworkPrefix {
  readonly bytes: Uint8Array;
  readonly bits: number;
}

/** Reads `192.168.0.0/16`, `fd00::/8` or a single address. Null where the text is neither. */
export function parseNetworkPrefix(text: string): NetworkPrefix | null {
  const [address = '', length, ...rest] = text.trim().split('/');
  const bytes = addressBytes(address);
  if (bytes === null || rest.length > 0) return null;
  if (length === undefined) return { bytes, bits: bytes.length * 8 };
  if (!/^\d{1,3}$/u.test(length) || Number(length) > bytes.length * 8) return null;
  return { bytes, bits: Number(length) };
}

/** Whether an address (as bytes, see `addressBytes`) lies in the prefix. Families never match each other. */
export function prefixContains(prefix: NetworkPrefix, address: Uint8Array): boolean {
  if (prefix.bytes.length !== address.length) return false;
  const whole = prefix.bits >> 3;
  for (let index = 0; index < whole; index += 1) if (prefix.bytes[index] !== address[index]) return false;
  const rest = prefix.bits & 7;
  if (rest === 0) return true;
  const mask = (0xff << (8 - rest)) & 0xff;
  return ((prefix.bytes[whole] ?? 0) & mask) === ((address[whole] ?? 0) & mask);
}
