import type { Clue, FlowEnds } from '../../../core/packet/clue.ts';
import type { NameReader } from '../../../core/packet/index.ts';
import type { PayloadClue } from '../../../core/packet/reading.ts';
import type { NameSeen } from '../../../protocol/flow.ts';
import { flowId } from '../../../protocol/flow.ts';
import { epochMs } from '../../../protocol/units.ts';

/** A TCP connection of a client with a web server. */
export const webEnds: FlowEnds = { protocol: 6, a: '192.0.2.10', aPort: 40_000, b: '198.51.100.7', bPort: 443 };

/** A UDP exchange of a client with a name server. */
export const dnsEnds: FlowEnds = { protocol: 17, a: '192.0.2.10', aPort: 40_001, b: '192.0.2.1', bPort: 53 };

/** A clue with payload, of flow 1 from a to b unless told otherwise. */
export function clueOf(payload: Uint8Array, changes: Partial<PayloadClue> = {}): PayloadClue {
  return {
    kind: 'payload',
    flow: flowId(1),
    time: epochMs(1_700_000_000_000),
    ends: webEnds,
    direction: 'ab',
    sequence: 1000,
    syn: false,
    hopLimit: 64,
    wireLength: payload.length,
    payload,
    ...changes,
  };
}

/** The segments that carry a stream cut into pieces of the given sizes; the last takes the rest. */
export function segmentsOf(stream: Uint8Array, sizes: readonly number[], changes: Partial<PayloadClue> = {}): PayloadClue[] {
  const clues: PayloadClue[] = [];
  const begin = changes.sequence ?? 1000;
  let offset = 0;
  for (const size of [...sizes, stream.length]) {
    const payload = stream.subarray(offset, offset + Math.max(1, size));
    if (payload.length > 0) clues.push(clueOf(payload, { ...changes, sequence: (begin + offset) >>> 0 }));
    offset += payload.length;
  }
  return clues;
}

/** All that a reader tells of some clues. */
export function namesOf(reader: NameReader, clues: readonly Clue[]): readonly NameSeen[] {
  return clues.flatMap((clue) => [...reader.read(clue)]);
}

/** The names alone. */
export function textsOf(names: readonly NameSeen[]): readonly string[] {
  return names.map(({ name }) => name);
}

/** ASCII text as bytes. */
export function ascii(text: string): Uint8Array {
  return Uint8Array.from(text, (letter) => letter.codePointAt(0) ?? 0);
}

/** Bytes from hexadecimal text; white space is ignored. */
export function hex(text: string): Uint8Array {
  const digits = text.replaceAll(/\s/gu, '');
  return Uint8Array.from({ length: digits.length / 2 }, (_, index) => Number.parseInt(digits.slice(index * 2, index * 2 + 2), 16));
}

/** One array out of several. */
export function concat(...parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}
