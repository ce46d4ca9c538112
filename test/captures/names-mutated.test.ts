import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { createNaming } from '../../core/naming/index.ts';
import { createNameReader, nameReaderLimits } from '../../core/packet/index.ts';
import type { Clue } from '../../core/packet/index.ts';
import { createQuicCrypto } from '../../helper/capture/quic-crypto.ts';
import { loadNative } from '../../helper/native/index.ts';
import { defaultMaximumFileFlows } from '../../helper/native/limits.ts';
import { NameSeen } from '../../protocol/flow.ts';
import { knownCaptures, pendingCaptures } from './captures.ts';

/** Payloads changed for each run: with the runs below some 10 000 over all captures. */
const changesPerRun = 40;

type PayloadClue = Extract<Clue, { kind: 'payload' }>;

function cluesOf(path: string): readonly PayloadClue[] {
  const decoder = loadNative().createFileDecoder({ maximumFlows: defaultMaximumFileFlows, decapsulate: true });
  const clues = decoder.push(readFileSync(path)).filter((clue) => clue.kind === 'payload').map((clue) => ({ ...clue, payload: new Uint8Array(clue.payload) }));
  decoder[Symbol.dispose]();
  return clues;
}

/** One change: which clue, where in it, what instead, and how much of it is cut off. */
const anyChange = fc.record({ clue: fc.nat(), at: fc.nat(), to: fc.nat(255), cut: fc.oneof(fc.constant(0), fc.nat(1400)) });

function changed(clues: readonly PayloadClue[], changes: readonly { clue: number; at: number; to: number; cut: number }[]): readonly PayloadClue[] {
  const mutated = [...clues];
  for (const { clue: number, at, to, cut } of changes) {
    const clue = mutated[number % mutated.length];
    if (clue === undefined || clue.payload.length === 0) continue;
    const payload = new Uint8Array(clue.payload.subarray(0, Math.max(1, clue.payload.length - cut)));
    payload[at % payload.length] = to;
    mutated[number % mutated.length] = { ...clue, payload };
  }
  return mutated;
}

describe('the clues of every known capture, changed and cut at random', { skip: pendingCaptures }, () => {
  for (const { name, path } of pendingCaptures === undefined ? knownCaptures() : []) {
    it(`${name}: give valid names within the bounds, and no error`, () => {
      const clues = cluesOf(path);
      fc.assert(
        fc.property(fc.array(anyChange, { minLength: changesPerRun, maxLength: changesPerRun }), (changes) => {
          const reader = createNameReader({ quicCrypto: createQuicCrypto(), believedAnswers: 'all' });
          const naming = createNaming();
          for (const clue of changed(clues, changes)) {
            for (const seen of reader.read(clue)) naming.see(NameSeen.parse(seen), null);
            assert.ok(reader.heldBytes >= 0 && reader.heldBytes <= nameReaderLimits.maximumHeldBytes);
          }
        }),
        { numRuns: 6 },
      );
    });
  }
});
