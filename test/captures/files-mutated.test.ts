import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { createNameReader, fileNameReaderLimits } from '../../core/packet/index.ts';
import type { NameReader } from '../../core/packet/index.ts';
import { createQuicCrypto } from '../../helper/capture/quic-crypto.ts';
import { loadNative } from '../../helper/native/index.ts';
import type { FileDecoder } from '../../helper/native/index.ts';
import { NameSeen } from '../../protocol/flow.ts';
import { knownCaptures, pendingCaptures } from './captures.ts';

/** Whole files, cut and changed, through the decoder and the reader of names: what helper/native/decode_main.cc does to the decoder alone. */

/** A small table, so that flows are evicted; pieces that cut records anywhere. */
const maximumFlows = 8;
const pieceLength = 4096;

/** Cut at every length up to the first, then at every so many bytes up to the second. */
const everyByteUntil = 512;
const cutsUntil = 65_536;
const cutStep = 61;

/** Changed copies of each file: over all captures some 10 000. */
const changedFiles = 220;
const maximumChanges = 16;
const changedUntil = 262_144;

/** Marsaglia's xorshift with 32 bits of state: a failure is found again in the next run, and in the sanitized program. */
class Random {
  #state = 2_463_534_242;

  below(bound: number): number {
    this.#state ^= this.#state << 13;
    this.#state ^= this.#state >>> 17;
    this.#state ^= this.#state << 5;
    return (this.#state >>> 0) % bound;
  }
}

function isRefusal(error: unknown): boolean {
  return error instanceof Error && 'code' in error && ['not-a-capture', 'damaged', 'unsupported'].includes(String(error.code));
}

/** Pushes a file until its end or until the decoder refuses it, and reads the names. */
function push(file: Uint8Array, decoder: FileDecoder, reader: NameReader): void {
  for (let offset = 0; offset < file.length; offset += pieceLength) {
    for (const clue of decoder.push(file.subarray(offset, offset + pieceLength))) {
      for (const name of reader.read(clue)) assert.ok(NameSeen.safeParse(name).success, `a name that is none: ${JSON.stringify(name)}`);
    }
  }
}

/** What is left of any file is counted and adds up, or is refused. Any other error fails the test, and so does a crash. */
function decode(file: Uint8Array): void {
  using decoder = loadNative().createFileDecoder({ maximumFlows, decapsulate: true });
  const reader = createNameReader({ quicCrypto: createQuicCrypto(), limits: fileNameReaderLimits, believedAnswers: 'all' });
  try {
    push(file, decoder, reader);
  } catch (error) {
    if (!isRefusal(error)) throw error;
  }
  try {
    const { flows, counters } = decoder.finish();
    const outer = flows.filter((flow) => !flow.inner);
    assert.equal(outer.reduce((sum, flow) => sum + flow.bytesAb + flow.bytesBa, 0), counters.bytes);
    assert.equal(outer.reduce((sum, flow) => sum + flow.packetsAb + flow.packetsBa, 0), counters.packets - counters.otherFrames);
  } catch (error) {
    if (!isRefusal(error)) throw error;
  }
}

function* cuts(file: Uint8Array): Generator<Uint8Array> {
  const end = Math.min(file.length, cutsUntil);
  for (let length = 1; length < end; length += length < everyByteUntil ? 1 : cutStep) yield file.subarray(0, length);
}

function* changed(file: Uint8Array): Generator<Uint8Array> {
  const random = new Random();
  const original = file.subarray(0, changedUntil);
  for (let number = 0; number < changedFiles && original.length > 0; number += 1) {
    const copy = Uint8Array.from(original);
    const changes = 1 + random.below(maximumChanges);
    for (let change = 0; change < changes; change += 1) {
      const at = random.below(copy.length);
      copy[at] = random.below(256);
    }
    yield copy;
  }
}


describe('every known capture as a file, cut and changed', { skip: pendingCaptures }, () => {
  for (const { name, path } of pendingCaptures === undefined ? knownCaptures() : []) {
    it(`${name}: ends in sums that add up, or in a refusal`, () => {
      const file = readFileSync(path);
      for (const cut of cuts(file)) decode(cut);
      for (const copy of changed(file)) decode(copy);
    });
  }
});
