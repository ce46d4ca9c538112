import { addressBytes } from '../../../core/flow/address.ts';
import { ascii, concat } from './clues.ts';

/** Messages as senders write them, for the tests: written from the RFCs, apart from the parsers. */

/** Two bytes, big-endian. */
export function two(value: number): Uint8Array {
  return Uint8Array.of(value >> 8, value & 0xff);
}

/** A name on the wire without compression. */
export function wireName(name: string): Uint8Array {
  const labels = name === '' ? [] : name.split('.');
  return concat(...labels.map((label) => concat(Uint8Array.of(label.length), ascii(label))), Uint8Array.of(0));
}

export interface TestRecord {
  readonly owner: string | Uint8Array;
  readonly type: number;
  readonly class?: number;
  readonly ttl?: number;
  readonly data: Uint8Array;
}

export interface TestMessage {
  readonly id?: number;
  readonly flags?: number;
  readonly question?: { readonly name: string; readonly type: number; readonly class?: number };
  readonly answers?: readonly TestRecord[];
  readonly authorities?: readonly TestRecord[];
  readonly additional?: readonly TestRecord[];
}

function recordBytes({ owner, type, class: recordClass = 1, ttl = 300, data }: TestRecord): Uint8Array {
  const name = typeof owner === 'string' ? wireName(owner) : owner;
  const ttlBytes = Uint8Array.of((ttl >>> 24) & 0xff, (ttl >>> 16) & 0xff, (ttl >>> 8) & 0xff, ttl & 0xff);
  return concat(name, two(type), two(recordClass), ttlBytes, two(data.length), data);
}

/** A DNS message; `flags` 0x8180 is a usual answer, 0x0100 a usual question. */
export function dnsMessage({ id = 7, flags = 0x8180, question, answers = [], authorities = [], additional = [] }: TestMessage): Uint8Array {
  const counts = [question === undefined ? 0 : 1, answers.length, authorities.length, additional.length];
  const asked = question === undefined ? new Uint8Array(0) : concat(wireName(question.name), two(question.type), two(question.class ?? 1));
  const records = [...answers, ...authorities, ...additional].map((record) => recordBytes(record));
  return concat(two(id), two(flags), ...counts.map((count) => two(count)), asked, ...records);
}

/** An A or AAAA record. */
export function addressRecord(owner: string | Uint8Array, address: string, ttl = 300): TestRecord {
  const data = addressBytes(address) ?? new Uint8Array(0);
  return { owner, type: data.length === 4 ? 1 : 28, ttl, data };
}

export function cnameRecord(owner: string | Uint8Array, target: string, ttl = 300): TestRecord {
  return { owner, type: 5, ttl, data: wireName(target) };
}

/** An extension of a ClientHello. */
export function extension(type: number, body: Uint8Array): Uint8Array {
  return concat(two(type), two(body.length), body);
}

/** The server_name extension (RFC 6066 3). */
export function serverName(name: string): Uint8Array {
  const entry = concat(Uint8Array.of(0), two(name.length), ascii(name));
  return extension(0, concat(two(entry.length), entry));
}

/** A ClientHello as a handshake message, with the given extensions. */
export function clientHello(...extensions: readonly Uint8Array[]): Uint8Array {
  const all = concat(...extensions);
  const random = Uint8Array.from({ length: 32 }, (_, index) => (index * 7) & 0xff);
  const body = concat(two(0x0303), random, Uint8Array.of(4, 1, 2, 3, 4), two(4), two(0x1301), two(0x1302), Uint8Array.of(1, 0), two(all.length), all);
  return concat(Uint8Array.of(1, 0), two(body.length), body);
}

/** Handshake bytes in TLS records of at most `size` bytes. */
export function records(handshake: Uint8Array, size = 16_384): Uint8Array {
  const parts: Uint8Array[] = [];
  for (let offset = 0; offset < handshake.length; offset += size) {
    const part = handshake.subarray(offset, offset + size);
    parts.push(concat(Uint8Array.of(22, 3, 1), two(part.length), part));
  }
  return concat(...parts);
}

/** A ClientHello for a name in one record, with an extension before and behind. */
export function helloFor(name: string, ...more: readonly Uint8Array[]): Uint8Array {
  return records(clientHello(extension(0x0a0a, new Uint8Array(0)), serverName(name), extension(43, Uint8Array.of(2, 3, 4)), ...more));
}
