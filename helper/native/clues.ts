import type { EpochMs } from '../../protocol/units.ts';
import type { FlowId } from '../../protocol/flow.ts';
import type { Clue } from '../../core/packet/clue.ts';
import type { EndsCache } from './ends.ts';

// Layout: clue_queue.cc. A record is a multiple of eight bytes long.
const headerLength = 72;
const kindOpened = 1;
const flagFromB = 1;
const flagSyn = 2;
const flagHasPorts = 4;
const flagIpv6 = 8;

function readClue(bytes: Uint8Array, view: DataView, at: number, cache: EndsCache): Clue {
  const flags = view.getUint8(at + 33);
  const flow = view.getFloat64(at + 8, true);
  const time = view.getFloat64(at + 16, true) as EpochMs;
  const ends = cache.read(flow, bytes, view, {
    protocol: view.getUint8(at + 34),
    family: (flags & flagIpv6) !== 0 ? 6 : 4,
    hasPorts: (flags & flagHasPorts) !== 0,
    offset: at + 36,
  });
  if (view.getUint8(at + 32) === kindOpened) return { kind: 'opened', flow: flow as FlowId, time, ends };
  const begin = at + headerLength;
  return {
    kind: 'payload',
    flow: flow as FlowId,
    time,
    ends,
    direction: (flags & flagFromB) !== 0 ? 'ba' : 'ab',
    sequence: view.getUint32(at + 24, true),
    syn: (flags & flagSyn) !== 0,
    hopLimit: view.getUint8(at + 35),
    wireLength: view.getUint32(at + 28, true),
    payload: bytes.subarray(begin, begin + view.getUint32(at + 4, true)),
  };
}

/** Reads the clues of one buffer. Their payloads are views into it. Throws RangeError where it is cut. */
export function readClues(bytes: Uint8Array, cache: EndsCache): Clue[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const clues: Clue[] = [];
  for (let at = 0; at < bytes.length; at += view.getUint32(at, true)) clues.push(readClue(bytes, view, at, cache));
  return clues;
}
