import assert from 'node:assert/strict';
import { readdirSync, watch } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import type { TestContext } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import Database from 'better-sqlite3';
import { epochMs } from '../../protocol/units.ts';
import { readReport } from '../service/history/scene.ts';
import { connectToService } from '../../service/index.ts';
import type { AppClient, Report } from '../../protocol/app.ts';
import { startCounters } from './harness/counters.ts';
import type { Counters } from './harness/counters.ts';
import { createNetwork, linkName, peerAddresses } from './harness/namespace.ts';
import type { Network } from './harness/namespace.ts';
import { projectRoot } from './harness/program.ts';
import type { Program } from './harness/program.ts';
import { scenarioOptions } from './harness/requirements.ts';
import { helperPid, install, reportOf, startTidewatch } from './harness/tidewatch.ts';
import type { Installation } from './harness/tidewatch.ts';
import { until } from './harness/until.ts';

const streamer = `${projectRoot}test/scenario/clients/steady-stream.ts`;
/** More of them by TIDEWATCH_KILL_ROUNDS, to look for what happens seldom. */
const kills = Number(process.env['TIDEWATCH_KILL_ROUNDS'] ?? 20);

/** The service writes when it is asked for a report and its last write is a second ago: a way to know when it writes. */
const writesAgainAfterMs = 1000;

async function startStream(network: Network): Promise<Program> {
  const stream = network.client.start(process.execPath, [streamer, peerAddresses.com, '7009']);
  await until('the stream to flow', 5000, () => stream.stdout.includes('sending'));
  return stream;
}

async function startService(installation: Installation): Promise<Program> {
  const service = startTidewatch(installation, ['serve', '--interface', linkName]);
  await until('the service to measure', 20_000, () => {
    if (!service.running) throw new Error(`serve ended: ${service.stderr}`);
    return service.stdout.includes('measures');
  });
  return service;
}

async function clientOf(installation: Installation): Promise<AppClient> {
  return await until('the service to listen', 5000, () => connectToService(installation.environment['TIDEWATCH_SOCKET'] ?? ''));
}

/** Kills the service outright and waits until it and its helper are gone. */
async function kill(installation: Installation, service: Program): Promise<void> {
  service.kill('SIGKILL');
  await service.ended;
  await until('the helper to follow', 5000, () => helperPid(installation) === null);
}

/**
 * Kills the service in the middle of a write: at the `change`-th change of SQLite's log (sqlite.org/wal.html) after a question
 * that makes it write, or when the answer is there. Says which it was.
 */
async function killInAWrite(installation: Installation, service: Program, client: AppClient, change: number): Promise<'before' | 'after'> {
  const watcher = watch(installation.folder);
  let changes = 0;
  watcher.on('change', (_kind, name) => {
    if (String(name).endsWith('-wal')) changes += 1;
    if (changes === change) service.kill('SIGKILL');
  });
  const answered = await client.query('report', { by: 'app' }).then(() => 'after' as const, () => 'before' as const);
  await kill(installation, service);
  watcher.close();
  return answered;
}

/** Opens the history as it was left, has SQLite check all of it, and adds it up. */
function openClean(installation: Installation): Report {
  const database = new Database(installation.historyPath, { readonly: true });
  try {
    assert.equal(database.pragma('integrity_check', { simple: true }), 'ok');
  } finally {
    database.close();
  }
  const known = readdirSync(installation.folder).filter((name) => !/^(?:history\.sqlite(?:-wal|-shm|\.lock)?|helper\.sock|service\.sock)$/u.test(name));
  assert.deepEqual(known, [], 'no history was set aside as damaged');
  return readReport(installation.historyPath, { by: 'app' }, epochMs(Date.now()));
}

describe('a service that is killed outright loses next to nothing', scenarioOptions(60_000 + kills * 5000), () => {
  let network: Network;
  let counters: Counters<'all'>;
  before(() => {
    network = createNetwork();
    counters = startCounters(network.peer, { all: {} });
  });
  after(() => network[Symbol.dispose]());

  it(`${kills} times in a row in the middle of a write: the history opens clean and holds all that was written`, async (test: TestContext) => {
    const installation = install(network);
    await using stream = await startStream(network);
    let written = 0;
    let unanswered = 0;
    const killedAt: number[] = [];
    for (let round = 0; round < kills; round += 1) {
      const service = await startService(installation);
      const client = await clientOf(installation);
      const { total } = await until('the history to grow', 10_000, async () => {
        const report = await client.query('report', { by: 'app' });
        return report.total.txBytes > written && report;
      });
      assert.ok(total.txBytes > written);
      written = total.txBytes;
      await delay(writesAgainAfterMs + 20);
      if ((await killInAWrite(installation, service, client, 1 + (round % 2))) === 'before') unanswered += 1;
      killedAt.push(Date.now());
      client.close();
      const left = openClean(installation);
      assert.ok(left.total.txBytes >= written, `round ${round}: ${left.total.txBytes} bytes are left of ${written} that were written`);
      written = left.total.txBytes;
    }
    assert.ok(stream.running, 'there was traffic all along');
    const gaps = (await reportOf(installation, 'app')).gaps.filter((gap) => gap.reason === 'service-down');
    // After the last kill nobody has come back yet to say how long the gap is.
    const untold = killedAt.slice(0, -1).filter((time) => !gaps.some((gap) => gap.from <= time && time <= gap.to));
    assert.deepEqual(untold, [], `each kill lies in a gap: ${JSON.stringify(gaps)}`);
    test.diagnostic(`${unanswered} of ${kills} kills came before the write was answered for; ${written} bytes kept`);
  });

  it('at the worst moment, just before it would write: no more than ten seconds are missing', async (test: TestContext) => {
    const installation = install(network);
    const service = await startService(installation);
    counters.reset();
    const begin = performance.now();
    await using stream = await startStream(network);
    const written = (): number => readReport(installation.historyPath, { by: 'app' }, epochMs(Date.now())).total.txBytes;
    const nextWrite = async (): Promise<number> => {
      const before = written();
      await until('the next write', 20_000, () => written() > before);
      return performance.now();
    };
    const first = await nextWrite();
    const second = await nextWrite();
    await delay(second - first - 300);
    const sent = counters.read().all.txBytes;
    const seconds = (performance.now() - begin) / 1000;
    await kill(installation, service);
    const kept = openClean(installation).total.txBytes;
    const missing = ((sent - kept) / sent) * seconds;
    assert.ok(stream.running, 'there was traffic all along');
    test.diagnostic(`it writes every ${((second - first) / 1000).toFixed(1)} s; killed 0.3 s before: the last ${missing.toFixed(1)} s are missing`);
    assert.ok(missing <= 10, `the last ${missing.toFixed(2)} s are missing`);
  });
});
