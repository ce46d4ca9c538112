import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { HttpHostSum } from '../../protocol/http.ts';
import { curl, deltaOf, exactly, processOf, serverName, tickOf } from './measurements.ts';
import { ServiceStage } from './service-stage.ts';

const start = Date.UTC(2026, 4, 1, 12);

const asked: HttpHostSum = { host: 'plain.example', requests: 2, responses: 1, methods: { GET: 2 }, sections: { '/a': 2 }, statuses: { 200: 1 } };

/** A second of one connection whose round-trip time is known. */
function say(stage: ServiceStage, at: number): void {
  const sketch = deltaOf({ flow: 1, rx: 1000, tx: 10, at: start + at - 1, owner: exactly(curl), opened: true });
  const flow = { ...sketch, roundTripMicroseconds: 12_000, retransmits: 1 };
  stage.helper.say(
    { kind: 'processes', processes: [processOf(curl, '/usr/bin/curl')] },
    { kind: 'http', hosts: [asked] },
    { kind: 'names', names: [serverName(1, 'www.example.org', start + at - 500)] },
    { kind: 'flows', flows: [flow] },
    tickOf(start + at, [flow]),
  );
}

describe('a running service', () => {
  it('tells live where a connection leads and what for, and answers the same from the history', async () => {
    await using stage = await ServiceStage.open(start, { countryOf: (address) => (address === '203.0.113.7' ? 'NL' : null) });
    const { client } = stage.service;
    say(stage, 1000);
    const { snapshot } = await stage.snapshot();
    assert.deepEqual(snapshot.connections.map(({ country, service }) => [country, service]), [['NL', 'https']]);
    await stage.clock.advance(10_000);
    const keys = async (by: 'country' | 'service'): Promise<unknown> => (await client.query('top', { by, limit: 9 })).rows.map(({ key, rxBytes }) => [key, rxBytes]);
    assert.deepEqual(await keys('country'), [['NL', 1000]]);
    assert.deepEqual(await keys('service'), [['https', 1000]]);
    const { rows } = await client.query('quality', { by: 'app', limit: 9 });
    assert.deepEqual(rows.map(({ key, samples, roundTripMicroseconds, retransmitShare }) => [key, samples, roundTripMicroseconds?.mean, retransmitShare]), [['/usr/bin/curl', 1, 12_000, 0.5]]);
    assert.deepEqual((await client.query('http', { limit: 9 })).hosts, [asked]);
    const { apps } = await client.query('apps', { limit: 9 });
    assert.deepEqual(apps.map(({ app, displayName, first }) => [app, displayName, first]), [['/usr/bin/curl', 'curl', start]]);
    const { cells } = await client.query('rhythm', {});
    // The first of May 2026 is a Friday.
    assert.equal(cells[4]?.[12]?.rxBytes, 1000);
    assert.equal((await client.query('historyFacts', {})).first, Date.UTC(2026, 4, 1));
    assert.deepEqual(await client.query('icon', { app: '/usr/bin/curl', size: 48 }), { icon: null });
  });

  it('goes on measuring while something is forgotten, and loses nothing of it', async () => {
    await using stage = await ServiceStage.open(start);
    const { client } = stage.service;
    say(stage, 1000);
    await stage.snapshot();
    const forgotten = client.command('forget', { kind: 'app', app: '/usr/bin/curl' });
    say(stage, 2000);
    assert.equal((await stage.snapshot()).snapshot.totals.rxBytes, 1000);
    assert.ok((await forgotten).rows > 0);
    await stage.clock.advance(10_000);
    assert.equal((await client.query('report', { by: 'app' })).total.rxBytes, 1000, 'what came after it is kept');
  });

  it('forgets one thing after the other, and ends only when nothing is being forgotten', async () => {
    const stage = await ServiceStage.open(start);
    const { client } = stage.service;
    say(stage, 1000);
    await stage.snapshot();
    const both = Promise.all([
      client.command('forget', { kind: 'domain', domain: 'example.org' }),
      client.command('forget', { kind: 'host', host: 'www.example.org' }),
      client.query('forgetPreview', { kind: 'app', app: '/usr/bin/curl' }),
    ]);
    const [first, second] = await both;
    assert.deepEqual([first.rows > 0, second.rows], [true, 0]);
    const last = client.command('forget', { kind: 'app', app: '/usr/bin/curl' });
    await stage[Symbol.asyncDispose]();
    await last.catch(() => null);
  });
});
