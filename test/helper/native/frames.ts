/** Frames made by hand, header by header, so that a test says which bytes it means. */
import { addressBytes } from '../../../core/flow/address.ts';

export type Bytes = Uint8Array;

export function bytes(...parts: readonly (number | Bytes | readonly number[])[]): Bytes {
  return Uint8Array.from(parts.flatMap((part) => (typeof part === 'number' ? [part] : [...part])));
}

export function big16(value: number): Bytes {
  return bytes((value >>> 8) & 0xff, value & 0xff);
}

export function big32(value: number): Bytes {
  return bytes(big16(value >>> 16), big16(value & 0xffff));
}

export function zeros(count: number): Bytes {
  return new Uint8Array(count);
}

function address(text: string): Bytes {
  const found = addressBytes(text);
  if (found === null) throw new Error(`${text} is no address`);
  return found;
}

export interface IpFields {
  readonly source?: string;
  readonly destination?: string;
  readonly protocol?: number;
  readonly hopLimit?: number;
  /** What the header claims, where it is not the truth. */
  readonly claimedLength?: number;
  readonly id?: number;
  /** Offset in bytes, and whether more fragments follow. */
  readonly fragment?: { readonly offset: number; readonly more: boolean };
  /** IPv4 only: a multiple of four bytes. */
  readonly options?: Bytes;
}

export function ipv4(fields: IpFields, payload: Bytes): Bytes {
  const { options = zeros(0), fragment = { offset: 0, more: false } } = fields;
  const headerLength = 20 + options.length;
  return bytes(
    0x40 | (headerLength / 4),
    0,
    big16(fields.claimedLength ?? headerLength + payload.length),
    big16(fields.id ?? 0),
    big16((fragment.more ? 0x2000 : 0) | (fragment.offset / 8)),
    fields.hopLimit ?? 64,
    fields.protocol ?? 17,
    0,
    0,
    address(fields.source ?? '192.0.2.1'),
    address(fields.destination ?? '192.0.2.2'),
    options,
    payload,
  );
}

/** `payload` begins with the extension headers, if any; `protocol` is the first next header. */
export function ipv6(fields: IpFields, payload: Bytes): Bytes {
  return bytes(
    0x60,
    0,
    0,
    0,
    big16(fields.claimedLength ?? payload.length),
    fields.protocol ?? 17,
    fields.hopLimit ?? 64,
    address(fields.source ?? '2001:db8::1'),
    address(fields.destination ?? '2001:db8::2'),
    payload,
  );
}

export function udp(sourcePort: number, destinationPort: number, payload: Bytes = zeros(0)): Bytes {
  return bytes(big16(sourcePort), big16(destinationPort), big16(8 + payload.length), 0, 0, payload);
}

export interface TcpFields {
  readonly sourcePort?: number;
  readonly destinationPort?: number;
  readonly sequence?: number;
  readonly acknowledgment?: number;
  /** Letters of the flags that are set: S, A, F, R, P. */
  readonly flags?: string;
}

const flagBits: Readonly<Record<string, number>> = { F: 1, S: 2, R: 4, P: 8, A: 16 };

export function tcp(fields: TcpFields, payload: Bytes = zeros(0)): Bytes {
  const flags = (fields.flags ?? 'A').split('').reduce((bits, letter) => bits | (flagBits[letter] ?? 0), 0);
  return bytes(
    big16(fields.sourcePort ?? 40000),
    big16(fields.destinationPort ?? 443),
    big32(fields.sequence ?? 0),
    big32(fields.acknowledgment ?? 0),
    0x50,
    flags,
    big16(65535),
    0,
    0,
    0,
    0,
    payload,
  );
}

export function ethernet(etherType: number, payload: Bytes): Bytes {
  return bytes(zeros(12), big16(etherType), payload);
}

export function ascii(text: string): Bytes {
  return Uint8Array.from(text, (letter) => letter.charCodeAt(0));
}
