import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, afterEach, beforeEach, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { AppClient, LiveEvent, PrivacyMode, Report, SnapshotEvent } from '../../protocol/app.ts';
import type { HelperMessage } from '../../protocol/helper.ts';
import { epochMs } from '../../protocol/units.ts';
import { connectToService } from '../../service/index.ts';
import { openMode } from '../../service/live-feed.ts';
import { createLog } from '../../service/log.ts';
import { ModeKeeper } from '../../service/mode-keeper.ts';
import { PrivacyFile, privacyPathOf } from '../../service/privacy-file.ts';
import { Troubles } from '../../service/troubles.ts';
import { DrivenClock, until } from './driven-clock.ts';
import { curl, exactly, processOf, second, serverName, statusOf } from './measurements.ts';
import { ReplayHelper } from './replay-helper.ts';
import { ServiceBench } from './service-bench.ts';
import { readReport } from './history/scene.ts';

/** The pause and the private mode last until they are over, whatever becomes of the service meanwhile. */

const start = Date.UTC(2026, 4, 1, 12);
const hour = 3_600_000;

function modeOf(bench: ServiceBench): Promise<PrivacyMode> {
  return bench.running.service.client.query('mode', {});
}

/** Names, and a second of traffic that they belong to, ending at `time`. */
function secrets(time: number): readonly HelperMessage[] {
  const remote = '198.51.100.66';
  return [
    { kind: 'interfaces', interfaces: [statusOf('eth0', 'physical')] },
    { kind: 'processes', processes: [processOf(curl, '/usr/bin/secret-app')] },
    { kind: 'names', names: [serverName(1, 'secret.example', time - 500)] },
    { kind: 'names', names: [{ kind: 'address', source: 'dns', name: 'secret.example', address: remote, ttlSeconds: 300, time: epochMs(time - 600), flow: null }] },
    ...second(time, [{ flow: 1, rx: 1000, tx: 10, owner: exactly(curl), remote, opened: true }]),
  ];
}

describe('over a restart', () => {
  for (const [what, command, key] of [['the private mode', 'beginPrivate', 'private'], ['a pause', 'pause', 'paused']] as const) {
    it(`${what} goes on until it is switched off, and since when it began`, async () => {
      await using bench = await ServiceBench.start(start);
      await bench.running.service.client.command(command, {});
      await bench.stop();
      await bench.clock.advance(hour);
      await bench.serve();
      assert.deepEqual(await modeOf(bench), { ...openMode, [key]: { since: start, until: null } });
      await bench.running.service.client.command(key === 'private' ? 'endPrivate' : 'resume', {});
      await bench.stop();
      await bench.serve();
      assert.deepEqual(await modeOf(bench), openMode);
    });

    it(`${what} for a time ends at its time by the wall clock`, async () => {
      await using bench = await ServiceBench.start(start);
      await bench.running.service.client.command(command, { forSeconds: 1800 });
      await bench.stop();
      bench.clock.sleep(1_700_000);
      await bench.serve();
      assert.deepEqual(await modeOf(bench), { ...openMode, [key]: { since: start, until: start + 1_800_000 } });
      await bench.clock.advance(99_000);
      assert.notEqual((await modeOf(bench))[key], null);
      await bench.clock.advance(1000);
      assert.equal((await modeOf(bench))[key], null);
      assert.ok(!existsSync(privacyPathOf(path.join(bench.folder, 'history.sqlite'))), 'what is off leaves no file');
    });

    it(`${what} whose time has passed meanwhile is over`, async () => {
      await using bench = await ServiceBench.start(start);
      await bench.running.service.client.command(command, { forSeconds: 1800 });
      await bench.stop();
      bench.clock.sleep(1_800_000);
      await bench.serve();
      assert.deepEqual(await modeOf(bench), openMode);
      assert.ok(bench.running.helper.commands.every(({ kind }) => kind !== 'pause'));
    });
  }

  it('a pause is told to the helper before it is told what to capture', async () => {
    await using bench = await ServiceBench.start(start);
    assert.deepEqual(bench.running.helper.commands.map(({ kind }) => kind), ['hello', 'resume', 'configure'], 'a helper that was left paused measures again');
    await bench.running.service.client.command('pause', {});
    await bench.stop();
    await bench.serve();
    assert.deepEqual(bench.running.helper.commands.map(({ kind }) => kind), ['hello', 'pause', 'configure']);
  });

  it('whoever watches first is told of it', async () => {
    await using bench = await ServiceBench.start(start);
    const { private: begun } = await bench.running.service.client.command('beginPrivate', {});
    await bench.stop();
    await bench.serve();
    const events: AsyncIterator<LiveEvent> = bench.running.service.client.live()[Symbol.asyncIterator]();
    await bench.second({ flow: 1, rx: 5, tx: 5 });
    const first = await events.next();
    assert.ok(first.done !== true && first.value.kind !== 'alert');
    assert.deepEqual(first.value.mode.private, begun);
  });

  it('what was heard before its end is untold also where it ended meanwhile', async () => {
    await using bench = await ServiceBench.start(start);
    await bench.running.service.client.command('beginPrivate', { forSeconds: 10 });
    await bench.stop();
    bench.clock.sleep(10_100);
    await bench.serve();
    const receipts = bench.receipts.length;
    bench.running.helper.say(...secrets(start + 10_300));
    await until(() => bench.receipts.length > receipts, 'the interval is recorded');
    await bench.clock.advance(1000);
    const { rows } = await bench.running.service.client.query('report', { by: 'app', to: epochMs(start + hour) });
    assert.deepEqual(rows.map(({ key }) => key), [null]);
    await bench.stop();
    assert.ok(!bench.fileHolds('secret'));
  });
});

describe('the time of a mode', () => {
  it('is over when a machine that slept over its end wakes', async () => {
    await using bench = await ServiceBench.start(start);
    await bench.running.service.client.command('pause', { forSeconds: 1800 });
    bench.clock.sleep(8 * hour);
    await bench.clock.advance(1000);
    assert.equal((await modeOf(bench)).paused, null);
  });

  it('may be longer than any timer can wait', async () => {
    await using bench = await ServiceBench.start(start);
    const { private: begun } = await bench.running.service.client.command('beginPrivate', { forSeconds: 31 * 86_400 });
    assert.equal(begun?.until, start + 31 * 24 * hour);
    assert.ok(bench.clock.longestWait < 2 ** 31, 'setTimeout of Node calls at once what is to wait for more');
  });
});

describe('a service that is killed outright', () => {
  const program = fileURLToPath(new URL('serving-program.ts', import.meta.url));
  let folder: string;
  let helper: ReplayHelper;
  let child: ChildProcess | null = null;
  let client: AppClient | null = null;

  beforeEach(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'tidewatch-killed-'));
    helper = await ReplayHelper.listen(path.join(folder, 'helper.sock'));
  });
  afterEach(async () => {
    client?.close();
    if (child !== null) await ended('SIGKILL');
    await helper[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true });
  });

  async function serve(): Promise<AppClient> {
    const serving = spawn(process.execPath, [program, folder], { stdio: ['ignore', 'pipe', 'inherit'] });
    child = serving;
    await Promise.race([once(serving.stdout, 'data'), once(serving, 'exit').then(() => assert.fail('the service did not start'))]);
    client = await connectToService(path.join(folder, 'service.sock'));
    assert.ok(client !== null);
    return client;
  }

  async function ended(signal: 'SIGKILL' | null): Promise<void> {
    const ending = child;
    child = null;
    client?.close();
    client = null;
    if (ending === null || ending.exitCode !== null || ending.signalCode !== null) return;
    const exit = once(ending, 'exit');
    if (signal !== null) ending.kill(signal);
    await exit;
  }

  /** The files of the history in which a text occurs. */
  function filesWith(text: string): readonly string[] {
    return readdirSync(folder).filter((name) => name.startsWith('history') && readFileSync(path.join(folder, name)).includes(text));
  }

  async function measured(watching: AppClient): Promise<SnapshotEvent> {
    for await (const event of watching.live()) if (event.kind === 'snapshot' && event.snapshot.state !== 'not-measuring') return event;
    return assert.fail('the service ended');
  }

  /** Waits until the file has something of this: it is written when a report is asked for, at most once a second. */
  async function written(of: AppClient, isThere: (report: Report) => boolean): Promise<void> {
    for (let waited = 0; waited < 100; waited += 1) {
      if (isThere(await of.query('report', { by: 'host', from: epochMs(Date.now() - hour), to: epochMs(Date.now() + hour) }))) return;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    assert.fail('the history was not written');
  }

  const wroteTotals = ({ total }: Report): boolean => total.rxBytes > 0;
  const wroteGap = ({ gaps }: Report): boolean => gaps.some(({ reason }) => reason === 'paused');
  for (const [command, key, isThere, bytes] of [['beginPrivate', 'private', wroteTotals, 2020], ['pause', 'paused', wroteGap, 0]] as const) {
    it(`is as ${key} as before when it starts again, and no name reaches its files before, between or after`, async () => {
      const first = await serve();
      const begun = (await first.command(command, {}))[key];
      helper.say(...secrets(Date.now()));
      assert.deepEqual((await measured(first)).mode[key], begun);
      await written(first, isThere);
      await ended('SIGKILL');
      assert.deepEqual(filesWith('secret'), [], 'after the kill');
      const second = await serve();
      helper.say(...secrets(Date.now()));
      assert.deepEqual((await measured(second)).mode[key], begun);
      assert.deepEqual((await second.query('mode', {}))[key], begun);
      await second.command('stop', {});
      await ended(null);
      const { total, rows } = readReport(path.join(folder, 'history.sqlite'), { by: 'host' }, epochMs(Date.now() + hour));
      assert.equal(total.rxBytes + total.txBytes, bytes);
      assert.deepEqual(new Set(rows.map((row) => row.key)), new Set(bytes === 0 ? [] : ['(other addresses)']));
      for (const text of ['secret', '198.51.100.66']) assert.deepEqual(filesWith(text), [], `${text} at the end`);
    });
  }

  it('ends the private mode for good when that was answered', async () => {
    const first = await serve();
    await first.command('beginPrivate', {});
    await first.command('endPrivate', {});
    await ended('SIGKILL');
    assert.deepEqual(await (await serve()).query('mode', {}), openMode);
  });
});

describe('the file of the mode', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'tidewatch-mode-'));
  after(() => rmSync(folder, { recursive: true }));
  const file = path.join(folder, 'history.sqlite.privacy');
  const on: PrivacyMode = { paused: null, private: { since: epochMs(start), until: null } };

  beforeEach(() => rmSync(file, { recursive: true, force: true }));

  function keeperOn(clock: DrivenClock, troubles: Troubles): ModeKeeper {
    return new ModeKeeper({ clock, log: createLog('silent'), modes: new PrivacyFile(file), troubles });
  }

  it('is its owner\'s alone, and holds what was written last', () => {
    const store = new PrivacyFile(file);
    assert.deepEqual(store.read(), { kind: 'known', mode: openMode });
    assert.equal(store.write({ ...on, paused: { since: epochMs(start), until: epochMs(start + 1) } }), null);
    assert.equal(store.write(on), null);
    assert.deepEqual(store.read(), { kind: 'known', mode: on });
    assert.equal(statSync(file).mode & 0o777, 0o600);
    assert.deepEqual(readdirSync(folder), [path.basename(file)]);
  });

  for (const [what, content] of [['nothing', ''], ['half of it', '{"paused":null,"priv'], ['something else', '{"private":true}'], ['far too much', ' '.repeat(5000)]] as const) {
    it(`that holds ${what} means private, and says how to end that`, () => {
      writeFileSync(file, content);
      const troubles = new Troubles();
      const keeper = keeperOn(new DrivenClock(start), troubles);
      assert.deepEqual(keeper.restored(), on);
      assert.match(troubles.list()[0]?.remedy ?? '', /tidewatch private off/u);
      keeper.keep(on);
      assert.equal(troubles.list().length, 1, 'it is said until it is switched off');
      keeper.keep(openMode);
      assert.deepEqual(troubles.list(), []);
      assert.deepEqual(new PrivacyFile(file).read(), { kind: 'known', mode: openMode });
    });
  }

  it('that cannot be written is told of and tried again until it can', async () => {
    const clock = new DrivenClock(start);
    const troubles = new Troubles();
    mkdirSync(file);
    const keeper = keeperOn(clock, troubles);
    keeper.keep(on);
    assert.deepEqual(troubles.list().map(({ code }) => code), ['history-unwritable']);
    rmSync(file, { recursive: true });
    await clock.advance(10_000);
    assert.deepEqual(troubles.list(), []);
    assert.deepEqual(new PrivacyFile(file).read(), { kind: 'known', mode: on });
    assert.equal(clock.waiting, 0);
  });
});
