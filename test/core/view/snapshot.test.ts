import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { AttributedFlow, MeasuredInterval, ResolvedOwner } from '../../../core/attribution/index.ts';
import { defaultViewLimits, silentSnapshot, snapshotOf } from '../../../core/view/index.ts';
import { AppId, Snapshot } from '../../../protocol/app.ts';
import type { OwnerReason } from '../../../protocol/flow.ts';
import type { HttpHostSum } from '../../../protocol/http.ts';
import { epochMs } from '../../../protocol/units.ts';
import { deltaOf, statusOf } from '../../service/measurements.ts';

const start = Date.UTC(2026, 4, 1, 12);

function owned(name: string, pid: number, reason: OwnerReason | null): ResolvedOwner {
  const app = { app: AppId.parse(`/usr/bin/${name}`), exe: `/usr/bin/${name}`, displayName: name };
  return reason === null ? { certainty: 'exact', app, pid, reason } : { certainty: 'inferred', app, pid, reason };
}

function flow(number: number, rx: number, owner: ResolvedOwner, name: AttributedFlow['name'] = null): AttributedFlow {
  return { delta: deltaOf({ flow: number, rx, tx: 0, at: start }), owner, name, scope: 'internet', placement: 'edge', network: 'eth0', country: null };
}

function interval(flows: readonly AttributedFlow[], paused = false): MeasuredInterval {
  return { time: epochMs(start), intervalSeconds: 1, paused, flows, http: [], interfaces: [{ status: statusOf('eth0', 'physical'), interval: null }] };
}

describe('a snapshot', () => {
  it('has the largest first, and equals in one order whatever order they came in', () => {
    const flows = [flow(1, 5, owned('b', 2, null)), flow(2, 5, owned('a', 1, null)), flow(3, 9, owned('c', 3, null))];
    const names = (all: readonly AttributedFlow[]): readonly (string | null)[] => snapshotOf(interval(all), []).apps.map(({ displayName }) => displayName);
    assert.deepEqual(names(flows), ['c', 'a', 'b']);
    assert.deepEqual(names(flows.toReversed()), ['c', 'a', 'b']);
  });

  it('shows how much of an app is exact, and the main reason why the rest is not', () => {
    const flows = [
      flow(1, 100, owned('curl', 7, null)),
      flow(2, 30, owned('curl', 5, 'shared-port')),
      flow(3, 50, owned('curl', 7, 'remembered')),
    ];
    const [row] = snapshotOf(interval(flows), []).apps;
    assert.deepEqual(row, {
      app: '/usr/bin/curl', displayName: 'curl', exe: '/usr/bin/curl', pids: [5, 7],
      rxBytes: 180, txBytes: 0, exact: { rxBytes: 100, txBytes: 0 }, reason: 'remembered',
    });
  });

  it('has one row of unknown owners for each reason', () => {
    const unknown = (reason: OwnerReason): ResolvedOwner => ({ certainty: 'unknown', app: null, pid: null, reason });
    const flows = [flow(1, 1, unknown('no-socket')), flow(2, 2, unknown('kernel')), flow(3, 4, unknown('no-socket'))];
    assert.deepEqual(snapshotOf(interval(flows), []).apps.map(({ app, reason, rxBytes }) => [app, reason, rxBytes]), [[null, 'no-socket', 5], [null, 'kernel', 2]]);
  });

  it('keeps the best evidence for a name', () => {
    const flows = [
      flow(1, 1, owned('a', 1, null), { name: 'example.org', source: 'dns' }),
      flow(2, 1, owned('a', 1, null), { name: 'example.org', source: 'tls-sni' }),
      flow(3, 1, owned('a', 1, null), { name: 'example.org', source: 'mdns' }),
    ];
    assert.deepEqual(snapshotOf(interval(flows), []).domains, [{ domain: 'example.org', rxBytes: 3, txBytes: 0, source: 'tls-sni', reason: null }]);
  });

  it('says what had no row of its own', () => {
    const flows = Array.from({ length: 5 }, (_, index) => flow(index, 10 - index, owned(`app${index}`, 1, null), { name: `h${index}.example`, source: 'dns' }));
    const snapshot = snapshotOf(interval(flows), [], { ...defaultViewLimits, apps: 2, domains: 3, connections: 4 });
    assert.deepEqual(snapshot.apps.map(({ app, reason, rxBytes }) => [app, reason, rxBytes]), [[null, 'folded', 21], ['/usr/bin/app0', null, 10], ['/usr/bin/app1', null, 9]]);
    assert.deepEqual(snapshot.domains.map(({ domain, reason, rxBytes }) => [domain, reason, rxBytes]), [[null, 'folded', 13], ['h0.example', null, 10], ['h1.example', null, 9], ['h2.example', null, 8]]);
    assert.deepEqual(snapshot.otherConnections, { connections: 1, rxBytes: 6, txBytes: 0 });
  });

  it('parts the totals by scope, also where most connections have no row', () => {
    const scopes = ['internet', 'lan', 'multicast', 'internet'] as const;
    const inside: AttributedFlow = { ...flow(99, 5000, owned('b', 2, null)), scope: 'loopback', placement: 'loopback' };
    const edge = Array.from({ length: 400 }, (_, index): AttributedFlow => {
      const made = flow(index, index + 1, owned('a', 1, null));
      return { ...made, delta: { ...made.delta, txBytes: 3 }, scope: scopes[index % 4] ?? 'lan' };
    });
    const { totals, scopes: told, connections } = snapshotOf(interval([...edge, inside]), [], { ...defaultViewLimits, connections: 2 });
    assert.equal(connections.length, 2);
    assert.deepEqual(told, {
      internet: { rxBytes: 40_100, txBytes: 600 },
      lan: { rxBytes: 20_000, txBytes: 300 },
      multicast: { rxBytes: 20_100, txBytes: 300 },
      loopback: { rxBytes: 0, txBytes: 0 },
    });
    assert.deepEqual(totals, { rxBytes: 80_200, txBytes: 1200 });
  });

  it('shows the hosts that plain HTTP asked most, and the others as one', () => {
    const sum = (host: string, requests: number): HttpHostSum => ({ host, requests, responses: 0, methods: { GET: requests }, sections: { '/': requests }, statuses: {} });
    const http = [sum('a.example', 5), sum('b.example', 3), sum('c.example', 2)];
    const shown = snapshotOf({ ...interval([]), http }, [], { ...defaultViewLimits, httpHosts: 1 });
    assert.deepEqual(shown.http.map(({ host, requests }) => [host, requests]), [['a.example', 5], [null, 5]]);
    assert.deepEqual(Snapshot.parse(shown), shown);
  });

  it('has no rows for flows that only closed', () => {
    assert.deepEqual(snapshotOf(interval([flow(1, 0, owned('a', 1, null))]), []).connections, []);
  });

  it('says whether it measures, is paused, or does not measure', () => {
    assert.equal(snapshotOf(interval([]), []).state, 'measuring');
    assert.equal(snapshotOf(interval([], true), []).state, 'paused');
    const silent = silentSnapshot({ time: epochMs(start), intervalSeconds: 1, interfaces: [statusOf('eth0', 'physical')], troubles: [] });
    assert.equal(silent.state, 'not-measuring');
    assert.ok(Snapshot.safeParse(silent).success);
  });

  it('is what the app protocol calls one, at its largest too', () => {
    const flows = Array.from({ length: 3000 }, (_, index) => flow(index, index + 1, owned(`app${index}`, index + 1, null), { name: `h${index}.example`, source: 'dns' }));
    const snapshot = snapshotOf(interval(flows), []);
    assert.ok(Snapshot.safeParse(snapshot).success);
    assert.ok(JSON.stringify(snapshot).length < 1_000_000, 'below a megabyte');
  });
});
