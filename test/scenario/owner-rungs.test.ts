import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { startHelperWithout } from '../bench/owners/helper.ts';
import { allKinds } from '../bench/owners/kinds.ts';
import { briefRule, makePlace, movedBy } from '../bench/owners/place.ts';
import type { Place } from '../bench/owners/place.ts';
import { whyOwnerMapPending } from '../helper/ebpf/requirements.ts';
import { linkName, peerAddresses } from './harness/namespace.ts';
import { missingPrograms, scenarioOptions } from './harness/requirements.ts';
import { install, startLive } from './harness/tidewatch.ts';
import type { LiveLine } from './harness/tidewatch.ts';

interface Told {
  readonly lines: readonly LiveLine[];
  /** IP bytes by the counters in the peer's namespace. */
  readonly counted: number;
}

/** Runs `traffic` while a helper without some sources measures it. */
async function measured(leftOut: readonly string[], traffic: (place: Place) => Promise<void>, rules: readonly string[]): Promise<Told> {
  using place = await makePlace();
  const installation = install(place.network);
  await using helper = await startHelperWithout(installation, leftOut);
  await using run = await startLive(installation, ['--interface', linkName]);
  await run.settled();
  const begun = run.lines.length;
  place.counters.reset();
  await traffic(place);
  await run.settled();
  assert.ok(helper.running);
  const read = place.counters.read();
  const counted = rules.reduce((sum, rule) => sum + (read[rule]?.rxBytes ?? 0) + (read[rule]?.txBytes ?? 0), 0);
  return { lines: run.lines.slice(begun), counted };
}

function rows(lines: readonly LiveLine[]): readonly LiveLine['apps'][number][] {
  return lines.flatMap(({ apps }) => apps);
}

function bytes(row: { readonly rxBytes: number; readonly txBytes: number }): number {
  return row.rxBytes + row.txBytes;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

async function download(place: Place): Promise<void> {
  const [kind] = allKinds('').filter(({ name }) => name === 'bulk TCP down');
  assert.ok(kind);
  movedBy(await place.run(kind));
}

/** Sixty processes of 50 ms, ten apps in turn. */
async function brief(place: Place): Promise<void> {
  const spawner = place.generator.replace(/generate$/u, 'spawn');
  movedBy(await place.network.client.run(spawner, ['60', '8000', peerAddresses.com, '20000', ...place.briefs]));
}

const briefRules = Array.from({ length: 10 }, (_, index) => briefRule(index));
const isBrief = (row: LiveLine['apps'][number]): boolean => row.exe !== null && /\/brief\d$/u.test(row.exe);
const needed = scenarioOptions(120_000);
const options = { ...needed, skip: needed.skip === false ? (missingPrograms(['cc', 'make']) ?? false) : needed.skip };
const withMap = { ...options, skip: options.skip === false ? (whyOwnerMapPending() ?? false) : options.skip };

for (const leftOut of [[], ['owner-map'], ['owner-map', 'process-events']]) {
  describe(`Owner sources ${leftOut.length === 0 ? 'all together' : `without ${leftOut.join(' and ')}`}`, options, () => {
    it('name a download exactly, and every byte of it', async () => {
      const { lines, counted } = await measured(leftOut, download, ['all']);
      const own = rows(lines).filter((row) => row.exe?.endsWith('/generate'));
      assert.equal(sum(rows(lines).filter(({ reason }) => reason !== 'kernel').map(bytes)), counted);
      assert.equal(sum(own.map(bytes)), counted);
      assert.ok(sum(own.map((row) => bytes(row.exact))) >= counted * 0.99);
    });

    it('lose no byte of processes that live 50 ms, and never name another app', async () => {
      const { lines, counted } = await measured(leftOut, brief, briefRules);
      const told = rows(lines).filter(({ reason }) => reason !== 'kernel');
      assert.equal(sum(told.map(bytes)), counted);
      assert.deepEqual(told.filter((row) => row.exe !== null && !isBrief(row)), []);
    });
  });
}

describe('The owner map', withMap, () => {
  it('names all bytes of processes that live 50 ms exactly', async () => {
    const { lines, counted } = await measured([], brief, briefRules);
    const exact = sum(rows(lines).filter(isBrief).map((row) => bytes(row.exact)));
    assert.ok(exact >= counted * 0.995, `${exact} of ${counted} bytes are exact`);
  });
});
