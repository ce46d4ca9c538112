import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { appOf, keptHttp } from '../../../core/attribution/index.ts';
import type { AttributedFlow, MeasuredInterval } from '../../../core/attribution/index.ts';
import { withholding } from '../../../core/settings/index.ts';
import { epochMs } from '../../../protocol/units.ts';
import { backup, curl, deltaOf, processOf } from '../../service/measurements.ts';

const context = { home: { kind: 'none' }, parent: null } as const;
const open = appOf(processOf(curl, '/usr/bin/open'), context);
const secret = appOf(processOf(backup, '/usr/bin/secret'), context);

function flowOf(owner: AttributedFlow['owner'], host: string | null, remote = '203.0.113.7'): AttributedFlow {
  const name = host === null ? null : ({ name: host, source: 'http-host' } as const);
  return { delta: deltaOf({ flow: 1, rx: 1, tx: 1, at: 1, remote }), owner, name, scope: 'internet', placement: 'edge', network: 'eth0', country: null };
}

const by = (app: typeof open): AttributedFlow['owner'] => ({ certainty: 'exact', app, pid: 1, reason: null });
const byNobody: AttributedFlow['owner'] = { certainty: 'unknown', app: null, pid: null, reason: 'no-socket' };

function intervalOf(flows: readonly AttributedFlow[], hosts: readonly string[]): MeasuredInterval {
  const http = hosts.map((host) => ({ host, requests: 2, responses: 1, methods: { GET: 2 }, sections: { '/a': 2 }, statuses: { 200: 1 } }));
  return { time: epochMs(1000), intervalSeconds: 1, paused: false, flows, http, interfaces: [] };
}

function named(interval: MeasuredInterval, excluded: { readonly apps?: string[]; readonly domains?: string[] }): unknown {
  const kept = keptHttp(interval, withholding({ excludedApps: excluded.apps ?? [], excludedDomains: excluded.domains ?? [] }));
  assert.equal(kept.reduce((sum, { requests }) => sum + requests, 0), interval.http.length * 2, 'requests in equal requests out');
  return kept.map(({ host }) => host);
}

describe('plain HTTP as it is kept', () => {
  const flows = [flowOf(by(open), 'open.example'), flowOf(by(secret), 'secret.example'), flowOf(by(secret), 'both.example'), flowOf(by(open), 'both.example')];
  const interval = intervalOf(flows, ['open.example', 'secret.example', 'both.example', 'nobody.example']);

  it('has every host where nothing is withheld', () => {
    assert.equal(keptHttp(interval, null), interval.http);
    assert.deepEqual(named(interval, {}), ['both.example', 'nobody.example', 'open.example', 'secret.example']);
  });

  it('does not name a domain that is withheld', () => {
    assert.deepEqual(named(interval, { domains: ['open.example', 'example.net'] }), ['both.example', 'nobody.example', 'secret.example', null]);
  });

  it('names only hosts that others met, where an app is withheld: the helper does not tell whose a request was', () => {
    assert.deepEqual(named(interval, { apps: ['/usr/bin/secret'] }), [null, 'open.example']);
    assert.deepEqual(named(intervalOf([flowOf(byNobody, 'x.example')], ['x.example']), { apps: ['/usr/bin/secret'] }), [null]);
    assert.deepEqual(named(intervalOf([flowOf(by(open), null, '192.0.2.9')], ['192.0.2.9']), { apps: ['/usr/bin/secret'] }), ['192.0.2.9']);
  });
});
