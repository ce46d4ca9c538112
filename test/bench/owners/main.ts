/**
 * `npm run bench:owners`: who is named for 24 kinds of traffic, five trials each, beside other programs on the same traffic.
 * Then 500 processes of 50 ms, with all owner sources and without the first, and what the sources cost. Prints tables; asserts
 * nothing.
 * `npm run bench:owners -- --trials 1 --only udp --skip-brief --skip-cost` measures less.
 */
import { parseArgs } from 'node:util';
import { describeMachine } from '../machine.ts';
import { missingPrograms } from '../../scenario/harness/requirements.ts';
import { measureBrief } from './brief.ts';
import { measureCost } from './cost.ts';
import { startBandwhich, startNethogs, startTidewatchContender } from './contenders.ts';
import type { Contender } from './contenders.ts';
import { allKinds } from './kinds.ts';
import type { Kind } from './kinds.ts';
import { makePlace, movedBy, notOnThisKernel, peerHardware } from './place.ts';
import type { Place } from './place.ts';
import { scoreOf, summary } from './score.ts';
import type { Trial } from './score.ts';
import { isInstalled, printTable } from './words.ts';

async function startContenders(place: Place): Promise<readonly Contender[]> {
  const { client } = place.network;
  const contenders: Contender[] = [await startTidewatchContender(place.network)];
  if (isInstalled('nethogs')) contenders.push(await startNethogs(client));
  if (isInstalled('bandwhich')) contenders.push(await startBandwhich(client));
  return contenders;
}

/** One trial; null where this kernel lacks the kind. */
async function tryOnce(place: Place, kind: Kind, contenders: readonly Contender[]): Promise<ReadonlyMap<Contender, Trial> | null> {
  for (const contender of contenders) await contender.begin();
  place.counters.reset();
  place.takeLoopbackBytes();
  const outcome = await place.run(kind);
  if (outcome.code === notOnThisKernel) return null;
  const moved = movedBy(outcome);
  const told = await Promise.all(contenders.map(async (contender) => [contender, await contender.end()] as const));
  const all = place.counters.read()['all'];
  const truth = kind.place === 'loopback' ? place.takeLoopbackBytes() : (all?.rxBytes ?? 0) + (all?.txBytes ?? 0);
  if (truth < moved.sent) throw new Error(`${kind.name}: the counters saw ${truth} bytes, the generator sent ${moved.sent}`);
  return new Map(told.map(([contender, apps]) => [contender, scoreOf(apps, place.generator, truth)]));
}

async function measureKind(place: Place, kind: Kind, contenders: readonly Contender[], trials: number): Promise<readonly string[]> {
  const results: ReadonlyMap<Contender, Trial>[] = [];
  for (let trial = 0; trial < trials; trial += 1) {
    const result = await tryOnce(place, kind, contenders);
    if (result === null) return [kind.name, 'not on this kernel'];
    results.push(result);
  }
  const cells = contenders.map((contender) => summary(results.flatMap((result) => result.get(contender) ?? [])));
  const [truth = 0] = results.flatMap((result) => [...result.values()].map((trial) => trial.truth));
  return [kind.name, String(truth), ...cells];
}

async function measureKinds(trials: number, only: string): Promise<void> {
  using place = await makePlace();
  const contenders = await startContenders(place);
  const rows: (readonly string[])[] = [];
  try {
    for (const kind of allKinds(peerHardware(place.network)).filter(({ name }) => name.includes(only))) {
      const row = await measureKind(place, kind, contenders, trials);
      console.error(`bench: ${row.join('  ')}`);
      rows.push(row);
    }
  } finally {
    for (const contender of contenders) await contender[Symbol.asyncDispose]();
  }
  printTable(['traffic', 'IP bytes', ...contenders.map(({ name }) => name)], rows);
  if (!isInstalled('bandwhich')) console.log('bandwhich: pending: not installed here');
}

const { values } = parseArgs({
  options: {
    trials: { type: 'string', default: '5' },
    only: { type: 'string', default: '' },
    'skip-brief': { type: 'boolean', default: false },
    'skip-kinds': { type: 'boolean', default: false },
    'skip-cost': { type: 'boolean', default: false },
  },
});
const pending = process.getuid?.() === 0 ? missingPrograms(['ip', 'nft', 'cc', 'make', 'setpriv']) : 'pending: network namespaces need root';
if (pending !== null) {
  console.log(pending);
} else {
  console.log(`${describeMachine()}\n`);
  if (!values['skip-kinds']) await measureKinds(Number(values.trials), values.only);
  if (!values['skip-brief']) await measureBrief();
  if (!values['skip-cost']) await measureCost();
}
