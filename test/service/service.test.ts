import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { createScopes } from '../../core/flow/scope.ts';
import type { LiveEvent, Snapshot } from '../../protocol/app.ts';
import type { CaptureConfiguration } from '../../protocol/helper.ts';
import { epochMs } from '../../protocol/units.ts';
import { createService } from '../../service/create-service.ts';
import type { Service } from '../../service/create-service.ts';
import { openHelperLink } from '../../service/helper-link.ts';
import type { HelperSource } from '../../service/helper-process.ts';
import { History, systemCalendar } from '../../service/history/index.ts';
import { connectToService } from '../../service/index.ts';
import { createLog } from '../../service/log.ts';
import { PrivacyFile, privacyPathOf } from '../../service/privacy-file.ts';
import { ServiceError } from '../../service/service-error.ts';
import { DrivenClock, settled } from './driven-clock.ts';
import { backup, curl, exactly, processOf, second, serverName, statusOf } from './measurements.ts';
import { ReplayHelper } from './replay-helper.ts';
import type { ReplayOptions } from './replay-helper.ts';
import { readReport } from './history/scene.ts';

const start = Date.UTC(2026, 4, 1, 12);
const configuration: CaptureConfiguration = { interfaces: 'edges', filter: '', promiscuous: false, loopback: false };

let folder: string;
let clock: DrivenClock;
let service: Service | null;
const helpers: ReplayHelper[] = [];

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'tidewatch-service-'));
  clock = new DrivenClock(start);
  service = null;
  asked = [];
});

afterEach(async () => {
  await service?.stop();
  for (const helper of helpers.splice(0)) await helper[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
});

const historyPath = (): string => path.join(folder, 'history.sqlite');
const socketPath = (): string => path.join(folder, 'service.sock');
const helperPath = (): string => path.join(folder, 'helper.sock');

async function helperWith(options: ReplayOptions = {}): Promise<ReplayHelper> {
  const helper = await ReplayHelper.listen(helperPath(), options);
  helpers.push(helper);
  return helper;
}

/** When a helper was asked for, on the driven clock. */
let asked: number[];

/** Finds the replay helper; where none listens, says so as a real source does. */
const source: HelperSource = {
  connect: async () => {
    asked.push(clock.monotonic());
    const link = await openHelperLink(helperPath());
    if (link === null) throw new ServiceError('helper-failed', 'the helper did not start');
    return link;
  },
  [Symbol.asyncDispose]: async () => undefined,
};

async function serve(): Promise<Service> {
  const history = new History({ path: historyPath(), calendar: systemCalendar({ TZ: 'UTC' }), now: clock.now(), pid: process.pid });
  service = await createService({
    clock,
    log: createLog('silent'),
    helper: source,
    history,
    modes: new PrivacyFile(privacyPathOf(historyPath())),
    scopeOf: createScopes([]),
    home: { kind: 'none' },
    configuration,
    socketPath: socketPath(),
    historyPath: historyPath(),
    pid: process.pid,
  });
  return service;
}

/** The next snapshots, as a client of the service sees them. */
function watch(of: Service): () => Promise<Snapshot> {
  const events: AsyncIterator<LiveEvent> = of.client.live()[Symbol.asyncIterator]();
  return async () => {
    for (;;) {
      const next = await events.next();
      assert.ok(next.done !== true, 'the service still tells what it sees');
      if (next.value.kind === 'snapshot') return next.value.snapshot;
    }
  };
}

/** Waits until the service has said that its helper is gone, and waits for another. */
async function helperLost(running: Service): Promise<void> {
  for await (const event of running.client.live()) {
    if (event.kind === 'notice' && event.troubles.some(({ code }) => code === 'helper-lost')) break;
  }
  await settled();
}

/** Ends the helper, and waits until the service has noticed. */
async function loseHelper(helper: ReplayHelper, running: Service): Promise<void> {
  const noticed = helperLost(running);
  await helper[Symbol.asyncDispose]();
  helpers.pop();
  await noticed;
}

async function serviceError(promise: Promise<unknown>, code: string): Promise<ServiceError> {
  const error: unknown = await promise.then(() => null, (reason: unknown) => reason);
  assert.ok(error instanceof ServiceError, `a ServiceError, not ${String(error)}`);
  assert.equal(error.code, code);
  return error;
}

describe('a service', () => {
  it('shows who used how much, through which name, and keeps it', async () => {
    const helper = await helperWith();
    const running = await serve();
    const snapshots = watch(running);
    helper.say({ kind: 'interfaces', interfaces: [statusOf('eth0', 'physical')] });
    helper.say({ kind: 'processes', processes: [processOf(curl, '/usr/bin/curl'), processOf(backup, '/usr/bin/python3', ['python3', 'backup.py'])] });
    helper.say({ kind: 'names', names: [serverName(1, 'cdn.example.org', start)] });
    helper.say(...second(start + 1000, [
      { flow: 1, rx: 9000, tx: 100, owner: exactly(curl), opened: true },
      { flow: 2, rx: 50, tx: 700, owner: exactly(backup), remote: '192.168.1.4', opened: true },
      { flow: 3, rx: 30, tx: 0 },
    ]));
    const snapshot = await snapshots();
    assert.equal(snapshot.state, 'measuring');
    assert.deepEqual(snapshot.totals, { rxBytes: 9080, txBytes: 800 });
    assert.deepEqual(
      snapshot.apps.map(({ app, displayName, rxBytes, reason }) => ({ app, displayName, rxBytes, reason })),
      [
        { app: '/usr/bin/curl', displayName: 'curl', rxBytes: 9000, reason: null },
        { app: 'script:backup.py', displayName: 'backup.py (python)', rxBytes: 50, reason: null },
        { app: null, displayName: null, rxBytes: 30, reason: 'no-socket' },
      ],
    );
    assert.deepEqual(snapshot.domains.map(({ domain, rxBytes }) => [domain, rxBytes]), [['cdn.example.org', 9000], [null, 80]]);
    await clock.advance(2000);
    const report = await running.client.query('report', { by: 'app' });
    assert.deepEqual(report.total, { rxBytes: 9080, txBytes: 800, rxPackets: 3, txPackets: 3, connections: 2 });
    assert.deepEqual(report.rows.map(({ key }) => key), ['/usr/bin/curl', 'script:backup.py', null]);
  });

  it('names in the history what a flow did before its name came', async () => {
    const helper = await helperWith();
    const running = await serve();
    const snapshots = watch(running);
    helper.say({ kind: 'interfaces', interfaces: [statusOf('eth0', 'physical')] });
    helper.say(...second(start + 1000, [{ flow: 1, rx: 500, tx: 0 }]));
    assert.deepEqual((await snapshots()).domains.map(({ domain }) => domain), [null]);
    helper.say({ kind: 'names', names: [serverName(1, 'late.example.org', start + 1500)] });
    helper.say(...second(start + 2000, [{ flow: 1, rx: 20, tx: 0, closed: true }]));
    assert.deepEqual((await snapshots()).domains.map(({ domain }) => domain), ['late.example.org']);
    await clock.advance(10_000);
    const report = readReport(historyPath(), { by: 'host' }, clock.now());
    assert.deepEqual(report.rows.map(({ key, rxBytes }) => [key, rxBytes]), [['late.example.org', 520]]);
  });

  it('keeps the time without a helper as a gap, not as zero, and says meanwhile that it does not measure', async () => {
    const helper = await helperWith();
    const running = await serve();
    const snapshots = watch(running);
    helper.say({ kind: 'interfaces', interfaces: [statusOf('eth0', 'physical')] });
    await clock.advance(1000);
    helper.say(...second(start + 1000, [{ flow: 1, rx: 100, tx: 0 }]));
    await snapshots();
    await loseHelper(helper, running);
    await clock.advance(1000);
    const silent = await snapshots();
    assert.equal(silent.state, 'not-measuring');
    assert.deepEqual(silent.troubles.map(({ code }) => code), ['helper-lost']);
    const another = await helperWith({ pid: 4712, startedAt: 2 });
    for (let waited = 0; another.connections === 0 && waited < 60; waited += 1) await clock.advance(1000);
    await another.configured(1);
    const back = clock.now() + 1000;
    another.say({ kind: 'interfaces', interfaces: [statusOf('eth0', 'physical')] }, ...second(back, [{ flow: 1, rx: 7, tx: 0 }]));
    let seen = await snapshots();
    while (seen.state !== 'measuring') seen = await snapshots();
    assert.deepEqual(seen.troubles, []);
    await clock.advance(11_000);
    const report = readReport(historyPath(), { by: 'app' }, clock.now());
    assert.equal(report.total.rxBytes, 107);
    const [gap] = report.gaps.filter(({ reason }) => reason === 'helper-down');
    assert.deepEqual([gap?.from, gap?.to], [start + 1000, back - 1000]);
  });

  it('waits longer after each helper that cannot be had, up to half a minute', async () => {
    const helper = await helperWith();
    const running = await serve();
    await loseHelper(helper, running);
    for (let waited = 0; waited < 130; waited += 1) await clock.advance(1000);
    const pauses = asked.slice(1).map((time, index) => time - (asked[index] ?? 0));
    assert.deepEqual(pauses, [500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000]);
  });

  it('loses nothing but the connection to a malformed line', async () => {
    const helper = await helperWith();
    const running = await serve();
    const snapshots = watch(running);
    const [flows, tick] = second(start + 2000, [{ flow: 1, rx: 40, tx: 2 }]);
    assert.ok(flows !== undefined && tick !== undefined);
    helper.say({ kind: 'interfaces', interfaces: [statusOf('eth0', 'physical')] });
    helper.say(...second(start + 1000, [{ flow: 1, rx: 100, tx: 0 }]), flows);
    const noticed = helperLost(running);
    helper.sayRaw('{"kind":"flows","flows":[{"rxBytes":-1}]}\n');
    assert.equal((await snapshots()).totals.rxBytes, 100);
    assert.equal((await snapshots()).totals.rxBytes, 40, 'what came before the line is measured');
    await noticed;
    await clock.advance(500);
    await helper.configured(2);
    helper.say(...second(start + 3000, [{ flow: 1, rx: 1, tx: 0 }]));
    await clock.advance(1000);
    let seen = await snapshots();
    while (seen.state !== 'measuring') seen = await snapshots();
    assert.equal(seen.totals.rxBytes, 1);
    await service?.stop();
    assert.equal(readReport(historyPath(), { by: 'app' }, clock.now()).total.rxBytes, 141);
  });

  it('counts the last bytes of an interface that has vanished, and says that it has', async () => {
    const helper = await helperWith();
    const running = await serve();
    const snapshots = watch(running);
    helper.say({ kind: 'interfaces', interfaces: [statusOf('wlan0', 'physical')] });
    helper.say(...second(start + 1000, [{ flow: 1, rx: 100, tx: 0, interface: 'wlan0' }]));
    await snapshots();
    helper.say({ kind: 'interfaces', interfaces: [] });
    helper.say({ kind: 'trouble', trouble: { code: 'interface-vanished', subject: 'wlan0', message: 'wlan0 is gone', remedy: 'plug it in again', over: false } });
    helper.say(...second(start + 2000, [{ flow: 1, rx: 11, tx: 0, interface: 'wlan0', closed: true }]));
    const last = await snapshots();
    assert.equal(last.totals.rxBytes, 11);
    assert.equal(last.coverage.capturedBytes, 11);
    assert.deepEqual(last.troubles.map(({ code, subject }) => [code, subject]), [['interface-vanished', 'wlan0']]);
    helper.say({ kind: 'trouble', trouble: { code: 'interface-vanished', subject: 'wlan0', message: '', remedy: '', over: true } });
    helper.say(...second(start + 3000, []));
    assert.deepEqual((await snapshots()).troubles, []);
  });

  it('shows loopback apart, keeps it by its scope, and has it in no total', async () => {
    const helper = await helperWith();
    const running = await serve();
    const snapshots = watch(running);
    helper.say({ kind: 'interfaces', interfaces: [statusOf('eth0', 'physical'), statusOf('lo', 'loopback')] });
    helper.say(...second(start + 1000, [
      { flow: 1, rx: 10, tx: 0 },
      { flow: 2, rx: 5000, tx: 5000, interface: 'lo', remote: '127.0.0.1' },
    ]));
    const snapshot = await snapshots();
    assert.deepEqual(snapshot.totals, { rxBytes: 10, txBytes: 0 });
    assert.deepEqual(snapshot.inside.totals, { rxBytes: 5000, txBytes: 5000 });
    await clock.advance(10_000);
    assert.equal(readReport(historyPath(), { by: 'app' }, clock.now()).total.rxBytes, 10);
  });

  it('tells of a silent helper instead of leaving the old picture', async () => {
    const helper = await helperWith();
    const running = await serve();
    const snapshots = watch(running);
    helper.say(...second(start + 1000, []));
    assert.equal((await snapshots()).state, 'measuring');
    await clock.advance(4000);
    assert.equal((await snapshots()).state, 'not-measuring');
  });

  for (const [code, fatal] of [['unknown-interface', 'unknown-interface'], ['bad-filter', 'bad-filter'], ['no-capture-rights', 'no-rights']] as const) {
    it(`does not start with the trouble "${code}", and leaves nothing behind`, async () => {
      await helperWith({ onConfigure: [{ kind: 'trouble', trouble: { code, subject: 'x', message: 'it is so', remedy: 'do that', over: false } }] });
      const error = await serviceError(serve(), fatal);
      assert.equal(error.message, 'it is so; do that');
      assert.deepEqual(readdirSync(folder).filter((name) => name === 'service.sock'), []);
      assert.equal(clock.waiting, 0);
    });
  }

  it('refuses a helper of another protocol, and names it', async () => {
    await helperWith({ protocol: 99, pid: 321 });
    assert.match((await serviceError(serve(), 'helper-refused')).message, /speaks protocol 99.*sudo kill 321/u);
  });

  it('says why a helper refused it', async () => {
    await helperWith({ refuse: 'another service is connected' });
    assert.match((await serviceError(serve(), 'helper-refused')).message, /another service is connected/u);
  });

  it('is alone: a second one on the same socket is told who is there', async () => {
    await helperWith();
    await serve();
    const { refuseLiving } = await import('../../service/app-server.ts');
    const error = await serviceError(refuseLiving(socketPath()), 'already-running');
    assert.match(error.message, new RegExp(`pid ${process.pid}`, 'u'));
  });

  it('takes the place of a socket that a dead instance left', async () => {
    await helperWith();
    const { createServer } = await import('node:net');
    const { renameSync } = await import('node:fs');
    const dead = createServer();
    await new Promise<void>((resolve) => dead.listen(`${socketPath()}.made`, resolve));
    renameSync(`${socketPath()}.made`, socketPath());
    await new Promise((resolve) => dead.close(resolve));
    const running = await serve();
    const client = await connectToService(socketPath());
    assert.equal((await client?.query('identify', {}))?.pid, process.pid);
    client?.close();
    await running.stop();
  });

  it('ends with everything written, no socket, and nothing that waits', async () => {
    const helper = await helperWith();
    const running = await serve();
    const snapshots = watch(running);
    helper.say(...second(start + 1000, [{ flow: 1, rx: 77, tx: 0 }]));
    await snapshots();
    await running.stop();
    assert.equal(readReport(historyPath(), { by: 'scope' }, epochMs(start + 5000)).total.rxBytes, 77);
    assert.equal(clock.waiting, 0);
    assert.equal(await connectToService(socketPath()), null);
    assert.deepEqual(readdirSync(folder).filter((name) => name === 'service.sock'), []);
  });
});
