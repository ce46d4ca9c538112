import { linkName } from '../../scenario/harness/namespace.ts';
import { LiveRun, install } from '../../scenario/harness/tidewatch.ts';
import type { LiveLine } from '../../scenario/harness/tidewatch.ts';
import { exactBytes, startNethogs, toldByLines } from './contenders.ts';
import type { Told } from './contenders.ts';
import { startHelperWithout } from './helper.ts';
import { briefRule, makePlace, movedBy } from './place.ts';
import type { Place } from './place.ts';
import { isInstalled, printTable } from './words.ts';

const processes = 500;
/** A new one every 8 ms, so that about six live at one time. */
const intervalMicroseconds = 8000;
const bytesEach = 20_000;

/** What one run told: bytes and shares of the truth. */
interface Result {
  readonly truth: number;
  readonly right: number;
  readonly wrong: number;
  readonly exact: number | null;
}

/** The truth by app, from the counters of each app's port. More told of an app than it moved is somebody else's, told wrong. */
function resultOf(place: Place, told: Told, exact: number | null): Result {
  const counted = place.counters.read();
  let [truth, right, wrong] = [0, 0, 0];
  const ours = new Set<string | null>([null, 'kernel', ...place.briefs]);
  for (const [index, app] of place.briefs.entries()) {
    const own = counted[briefRule(index)];
    const moved = (own?.rxBytes ?? 0) + (own?.txBytes ?? 0);
    const named = told.get(app) ?? 0;
    truth += moved;
    right += Math.min(named, moved);
    wrong += Math.max(0, named - moved);
  }
  for (const [app, bytes] of told) if (!ours.has(app)) wrong += bytes;
  return { truth, right, wrong, exact };
}

async function spawnAll(place: Place): Promise<void> {
  const spawner = place.generator.replace(/generate$/u, 'spawn');
  const words = [String(processes), String(intervalMicroseconds), '198.51.100.11', String(bytesEach), ...place.briefs];
  movedBy(await place.network.client.run(spawner, words));
}

async function measureTidewatch(leftOut: readonly string[]): Promise<readonly Result[]> {
  using place = await makePlace();
  const installation = install(place.network);
  const helper = leftOut.length === 0 ? null : await startHelperWithout(installation, leftOut);
  await using run = new LiveRun(installation, ['--interface', linkName]);
  await using nethogs = leftOut.length === 0 && isInstalled('nethogs') ? await startNethogs(place.network.client) : null;
  await run.nextLine('the first snapshot', () => true);
  await run.settled();
  const begun = run.lines.length;
  place.counters.reset();
  await nethogs?.begin();
  await spawnAll(place);
  await run.settled();
  const lines: readonly LiveLine[] = run.lines.slice(begun);
  const results = [resultOf(place, toldByLines(lines), exactBytes(lines))];
  if (nethogs !== null) results.push(resultOf(place, await nethogs.end(), null));
  await helper?.stop();
  return results;
}

function row(name: string, { truth, right, wrong, exact }: Result): readonly string[] {
  const share = (bytes: number): string => `${((100 * bytes) / truth).toFixed(2)} %`;
  return [name, String(truth), share(right), exact === null ? '' : share(exact), `${wrong} B`];
}

/** 500 processes that live 50 ms and send 20 kB each, ten apps in turn: how much of it is told of whom. */
export async function measureBrief(): Promise<void> {
  console.error('bench: short-lived processes …');
  const [all, nethogs] = await measureTidewatch([]);
  const [listed] = await measureTidewatch(['owner-map']);
  const [polled] = await measureTidewatch(['owner-map', 'process-events']);
  const named = [
    ['Tidewatch', all],
    ['Tidewatch without eBPF', listed],
    ['Tidewatch without eBPF and process events', polled],
    ['nethogs', nethogs],
  ] as const;
  console.log(`${processes} processes of 50 ms, ${bytesEach} bytes each, ten apps:`);
  printTable(
    ['program', 'IP bytes', 'right', 'exact', 'wrong'],
    named.flatMap(([name, result]) => (result === undefined ? [] : [row(name, result)])),
  );
}
