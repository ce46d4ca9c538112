import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Snapshot } from '../../protocol/app.ts';
import type { NameSeen } from '../../protocol/flow.ts';
import type { HelperMessage } from '../../protocol/helper.ts';
import { epochMs } from '../../protocol/units.ts';
import { curl, exactly, processOf, second, serverName } from './measurements.ts';
import type { FlowSketch } from './measurements.ts';
import { ServiceStage } from './service-stage.ts';

const start = Date.UTC(2026, 4, 1, 12);

/** A second of one app with one named host, ending `at` milliseconds after the beginning. */
function named(flow: number, name: string, at: number): readonly HelperMessage[] {
  const sketch: Omit<FlowSketch, 'at'> = { flow, rx: 1000, tx: 10, owner: exactly(curl), remote: '198.51.100.66', opened: true };
  return [
    { kind: 'processes', processes: [processOf(curl, '/usr/bin/secret-app')] },
    { kind: 'http', hosts: [{ host: name, requests: 1, responses: 0, methods: { GET: 1 }, sections: { '/secret': 1 }, statuses: {} }] },
    { kind: 'names', names: [serverName(flow, name, start + at - 500), dnsAnswer(name, start + at - 600)] },
    ...second(start + at, [sketch]),
  ];
}

function dnsAnswer(name: string, time: number): NameSeen {
  return { kind: 'address', source: 'dns', name, address: '198.51.100.66', ttlSeconds: 300, time: epochMs(time), flow: null };
}

describe('the private mode', () => {
  it('counts totals, and shows neither app nor host nor address', async () => {
    await using stage = await ServiceStage.open(start);
    const mode = await stage.service.client.command('beginPrivate', {});
    assert.deepEqual(mode.private, { since: start, until: null });
    const told = await stage.event();
    assert.deepEqual(told.kind === 'notice' && told.mode, mode, 'whoever watches is told at once');
    stage.helper.say(...named(1, 'secret.example', 1000));
    const { snapshot, mode: shown } = await stage.snapshot();
    assert.notEqual(shown.private, null);
    assert.deepEqual(snapshot.totals, { rxBytes: 1000, txBytes: 10 });
    assert.deepEqual(snapshot.apps.map(({ app, reason, rxBytes, pids }) => ({ app, reason, rxBytes, pids })), [{ app: null, reason: 'private', rxBytes: 1000, pids: [] }]);
    assert.deepEqual(snapshot.domains.map(({ domain, reason }) => ({ domain, reason })), [{ domain: null, reason: 'private' }]);
    assert.deepEqual(snapshot.connections, []);
    assert.deepEqual(snapshot.otherConnections, { connections: 1, rxBytes: 1000, txBytes: 10 });
    for (const text of ['secret', '198.51.100.66']) assert.ok(!JSON.stringify(snapshot).includes(text), text);
  });

  it('keeps the bytes, and no trace of a name in the files', async () => {
    await using stage = await ServiceStage.open(start);
    await stage.service.client.command('beginPrivate', {});
    stage.helper.say(...named(1, 'secret.example', 1000));
    await stage.snapshot();
    await stage.clock.advance(70_000);
    const report = await stage.service.client.query('report', { by: 'host' });
    assert.deepEqual(report.total, { rxBytes: 1000, txBytes: 10, rxPackets: 1, txPackets: 1, connections: 1 });
    assert.deepEqual(report.rows.map(({ key }) => key), ['(other addresses)']);
    assert.deepEqual((await stage.service.client.query('report', { by: 'app' })).rows.map(({ key }) => key), [null]);
    await stage.service.stop();
    for (const text of ['secret', '198.51.100.66']) assert.deepEqual(stage.filesWith(text), [], text);
  });

  it('ends by itself after its time, and what began before its end stays untold', async () => {
    await using stage = await ServiceStage.open(start);
    await stage.service.client.command('beginPrivate', { forSeconds: 30 });
    await stage.clock.advance(29_000);
    assert.notEqual((await stage.service.client.query('mode', {})).private, null);
    await stage.clock.advance(1500);
    assert.equal((await stage.service.client.query('mode', {})).private, null);
    const measured = async (): Promise<Snapshot> => {
      let { snapshot } = await stage.snapshot();
      while (snapshot.state !== 'measuring') ({ snapshot } = await stage.snapshot());
      return snapshot;
    };
    const domains = async (): Promise<unknown> => (await measured()).domains.map(({ domain, reason }) => domain ?? reason);
    stage.helper.say(...named(1, 'secret.example', 30_400));
    assert.deepEqual(await domains(), ['private'], 'the second in which it ended');
    stage.helper.say(...second(start + 31_400, [{ flow: 1, rx: 5, tx: 0, owner: exactly(curl), remote: '198.51.100.66' }]));
    assert.deepEqual(await domains(), ['no-name'], 'a name that was told in private is not remembered');
    stage.helper.say(...named(2, 'open.example', 32_400));
    const snapshot = await measured();
    assert.deepEqual([snapshot.domains.map(({ domain }) => domain), snapshot.http.map(({ host }) => host)], [['open.example'], ['open.example']]);
  });

  it('ends when it is switched off', async () => {
    await using stage = await ServiceStage.open(start);
    await stage.service.client.command('beginPrivate', { forSeconds: 3600 });
    assert.deepEqual(await stage.service.client.command('endPrivate', {}), { paused: null, private: null });
  });
});

describe('a pause', () => {
  it('tells the helper to rest, keeps nothing, and leaves a gap that says so', async () => {
    await using stage = await ServiceStage.open(start);
    stage.helper.say(...named(1, 'before.example', 1000));
    await stage.snapshot();
    await stage.clock.advance(1000);
    await stage.service.client.command('pause', {});
    await stage.told('pause');
    stage.helper.say(...named(2, 'during.example', 2000));
    let { snapshot } = await stage.snapshot();
    while (snapshot.time < start + 2000) ({ snapshot } = await stage.snapshot());
    assert.equal(snapshot.state, 'paused');
    assert.deepEqual(snapshot.totals, { rxBytes: 0, txBytes: 0 });
    await stage.clock.advance(1000);
    await stage.service.client.command('resume', {});
    await stage.told('resume', 2);
    stage.helper.say(...named(3, 'after.example', 3000));
    while (snapshot.state !== 'measuring') ({ snapshot } = await stage.snapshot());
    await stage.clock.advance(10_000);
    const report = await stage.service.client.query('report', { by: 'domain' });
    assert.deepEqual(new Set(report.rows.map(({ key }) => key)), new Set(['after.example', 'before.example']));
    assert.deepEqual(report.gaps.filter(({ reason }) => reason === 'paused'), [{ from: start + 1000, to: start + 2000, reason: 'paused' }]);
    await stage.service.stop();
    assert.deepEqual(stage.filesWith('during.example'), []);
  });

  it('ends by itself after its time', async () => {
    await using stage = await ServiceStage.open(start);
    const { paused } = await stage.service.client.command('pause', { forSeconds: 60 });
    assert.deepEqual(paused, { since: start, until: start + 60_000 });
    await stage.told('pause');
    await stage.clock.advance(60_000);
    await stage.told('resume', 2);
    assert.equal((await stage.service.client.query('mode', {})).paused, null);
  });

  it('holds for a helper that comes anew', async () => {
    await using stage = await ServiceStage.open(start);
    await stage.service.client.command('pause', {});
    await stage.told('pause');
    stage.helper.hangUp();
    for (let waited = 0; stage.helper.connections < 2 && waited < 60; waited += 1) await stage.clock.advance(1000);
    await stage.told('pause', 2);
  });
});

describe('forgetting', () => {
  const forgettables = [
    [{ kind: 'domain', domain: 'forget-me.example' }, 'forget-me.example'],
    [{ kind: 'host', host: 'cdn.forget-me.example' }, 'cdn.forget-me.example'],
    [{ kind: 'app', app: '/usr/bin/secret-app' }, 'secret-app'],
    [{ kind: 'range', from: epochMs(start), to: epochMs(start + 3_600_000) }, 'forget-me.example'],
  ] as const;

  for (const [what, text] of forgettables) {
    it(`leaves no trace of what was forgotten by ${what.kind}: not in the history, the names, the picture, or the files`, async () => {
      await using stage = await ServiceStage.open(start);
      const { client } = stage.service;
      stage.helper.say(...named(1, 'cdn.forget-me.example', 1000));
      await stage.snapshot();
      await stage.clock.advance(70_000);
      assert.notDeepEqual(stage.filesWith(text), [], 'it was in the files');
      const { rows } = await client.query('forgetPreview', what);
      assert.ok(rows > 0);
      assert.equal((await client.query('report', { by: 'app' })).total.rxBytes, 1000, 'the preview changes nothing');
      const forgotten = await client.command('forget', what);
      assert.equal(forgotten.rows, rows);
      assert.equal((await client.query('report', { by: 'app' })).total.rxBytes, 0);
      assert.deepEqual(stage.filesWith(text), [], 'while the service runs');
      assert.equal((await client.query('forgetPreview', what)).rows, 0);
      await stage.clock.advance(70_000);
      await stage.service.stop();
      assert.deepEqual(stage.filesWith(text), [], 'after it has written what it knew');
    });
  }

  it('takes the name from a connection that goes on, and the picture from whoever comes next', async () => {
    await using stage = await ServiceStage.open(start);
    stage.helper.say(...named(1, 'cdn.forget-me.example', 1000));
    assert.deepEqual((await stage.snapshot()).snapshot.domains.map(({ domain }) => domain), ['cdn.forget-me.example']);
    await stage.service.client.command('forget', { kind: 'domain', domain: 'forget-me.example' });
    const newcomer = stage.service.client.live()[Symbol.asyncIterator]();
    stage.helper.say(...second(start + 2000, [{ flow: 1, rx: 5, tx: 0, owner: exactly(curl), remote: '198.51.100.66' }]));
    let first = await newcomer.next();
    // An app that is new is told at once.
    while (first.done !== true && first.value.kind !== 'snapshot') first = await newcomer.next();
    assert.ok(first.done !== true && first.value.kind === 'snapshot');
    assert.equal(first.value.snapshot.time, start + 2000, 'the picture from before is not shown any more');
    assert.deepEqual(first.value.snapshot.domains.map(({ domain }) => domain), [null]);
  });
});

describe('the history through the app API', () => {
  it('answers lists, drill-downs, charts, comparisons and when something was seen, by the contract', async () => {
    await using stage = await ServiceStage.open(start);
    const { client } = stage.service;
    stage.helper.say(...named(1, 'cdn.first.example', 1000));
    await stage.snapshot();
    await stage.clock.advance(10_000);
    const ofApp = await client.query('top', { by: 'domain', limit: 5, filter: { app: '/usr/bin/secret-app' } });
    assert.deepEqual(ofApp.rows.map(({ label, rxBytes }) => [label, rxBytes]), [['first.example', 1000]]);
    const ofDomain = await client.query('top', { by: 'app', limit: 5, filter: { domain: 'first.example' } });
    assert.deepEqual(ofDomain.rows.map(({ key }) => key), ['/usr/bin/secret-app']);
    const chart = await client.query('steps', { step: 'minute', split: { by: 'app', limit: 3 } });
    assert.deepEqual(chart.steps.map(({ rxBytes, parts }) => [rxBytes, parts.length]), [[1000, 1]]);
    const compared = await client.query('compare', { by: 'app', limit: 5, from: epochMs(start - 60_000), to: epochMs(start + 60_000) });
    assert.deepEqual([compared.total.rxBytes, compared.previousTotal.rxBytes], [1000, 0]);
    assert.equal((await client.query('hours', {})).hours[12]?.rxBytes, 1000);
    assert.deepEqual(await client.query('seen', { what: 'domain', key: 'first.example' }), { seen: { first: start, last: start } });
    assert.deepEqual(await client.query('seen', { what: 'domain', key: 'never.example' }), { seen: null });
  });

  it('stops when it is asked to', async () => {
    await using stage = await ServiceStage.open(start);
    await stage.service.client.command('stop', {});
    await stage.service.stopAsked;
  });
});
