import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { defaultJoiningLimits, Joining, UsageWindow } from '../../../core/attribution/index.ts';
import type { JoiningLimits, MeasuredInterval } from '../../../core/attribution/index.ts';
import { createScopes } from '../../../core/flow/scope.ts';
import { createNaming } from '../../../core/naming/index.ts';
import { coverageOf, snapshotOf } from '../../../core/view/index.ts';
import type { ByteCounts } from '../../../protocol/app.ts';
import { FlowId, OwnerReason, ProcessKey } from '../../../protocol/flow.ts';
import type { FlowDelta, NameSeen, OwnerReference } from '../../../protocol/flow.ts';
import { epochMs } from '../../../protocol/units.ts';
import { backup, curl, deltaOf, exactly, processOf, serverName, statusOf, tickOf } from '../../service/measurements.ts';

const start = Date.UTC(2026, 4, 1, 12);

interface Stage {
  readonly joining: Joining;
  readonly window: UsageWindow;
}

function stage(limits: Partial<JoiningLimits> = {}): Stage {
  const names = createNaming();
  const joining = new Joining({ names, scopeOf: createScopes([]), home: { kind: 'none' } }, { ...defaultJoiningLimits, ...limits });
  joining.interfaces([statusOf('eth0', 'physical'), statusOf('lo', 'loopback'), statusOf('docker0', 'bridge')]);
  joining.processes([processOf(curl, '/usr/bin/curl'), processOf(backup, '/usr/bin/rsync')]);
  return { joining, window: new UsageWindow(names) };
}

function close(joining: Joining, flows: readonly FlowDelta[], time = start + 1000): MeasuredInterval {
  joining.flows(flows);
  return joining.close(tickOf(time, flows));
}

function dnsAnswer(name: string, address: string, flow: number | null, time: number): NameSeen {
  return { kind: 'address', source: 'dns', name, address, ttlSeconds: 60, time: epochMs(time), flow: flow === null ? null : FlowId.parse(flow) };
}

describe('the joining of an interval', () => {
  it('credits a flow to the app of its process, with the reason where that is not sure', () => {
    const { joining } = stage();
    const inferred: OwnerReference = { certainty: 'inferred', process: backup, reason: 'shared-port' };
    const { flows } = close(joining, [
      deltaOf({ flow: 1, rx: 1, tx: 0, at: start, owner: exactly(curl) }),
      deltaOf({ flow: 2, rx: 1, tx: 0, at: start, owner: inferred }),
      deltaOf({ flow: 3, rx: 1, tx: 0, at: start, owner: { certainty: 'unknown', reason: 'no-socket' } }),
      deltaOf({ flow: 4, rx: 1, tx: 0, at: start, owner: { certainty: 'unknown', reason: 'kernel' } }),
    ]);
    assert.deepEqual(
      flows.map(({ owner }) => [owner.certainty, owner.app?.app ?? null, owner.pid, owner.reason]),
      [['exact', '/usr/bin/curl', 100, null], ['inferred', '/usr/bin/rsync', 200, 'shared-port'], ['unknown', null, null, 'no-socket'], ['inferred', 'kernel', null, 'kernel']],
    );
  });

  it('credits a part of an app to the app, through its ancestors, and only to one that was described', () => {
    const { joining } = stage();
    const key = (pid: number): ProcessKey => ProcessKey.parse(`${pid}@1`);
    const chrome = '/opt/google/chrome/chrome';
    const part = { commandLine: ['chrome', '--type=utility'] };
    joining.processes([
      { ...processOf(key(10), chrome), commandLine: ['chrome'] },
      { ...processOf(key(11), chrome), commandLine: ['chrome', '--type=zygote'], parent: key(10) },
      { ...processOf(key(12), '/opt/google/chrome/nacl_helper'), ...part, parent: key(11) },
      { ...processOf(key(13), '/opt/google/chrome/nacl_helper'), ...part, parent: key(9) },
    ]);
    const { flows } = close(joining, [12, 13].map((pid, flow) => deltaOf({ flow, rx: 1, tx: 0, at: start, owner: exactly(key(pid)) })));
    assert.deepEqual(flows.map(({ owner }) => [owner.app?.app, owner.pid]), [[chrome, 12], ['/opt/google/chrome/nacl_helper', 13]]);
  });

  it('makes the owner unknown where the helper names a process that it never described', () => {
    const { joining } = stage();
    const [flow] = close(joining, [deltaOf({ flow: 1, rx: 1, tx: 0, at: start, owner: exactly(ProcessKey.parse('9@9')) })]).flows;
    assert.deepEqual(flow?.owner, { certainty: 'unknown', app: null, pid: null, reason: 'process-ended' });
  });

  it('names a connection by the answer that its own app was given, told in the same second', () => {
    const { joining } = stage();
    joining.names([dnsAnswer('ours.example', '203.0.113.7', 8, start + 10), dnsAnswer('theirs.example', '203.0.113.7', 9, start + 20)]);
    const { flows } = close(joining, [
      deltaOf({ flow: 8, rx: 1, tx: 1, at: start, owner: exactly(curl), remote: '192.168.1.1' }),
      deltaOf({ flow: 9, rx: 1, tx: 1, at: start, owner: exactly(backup), remote: '192.168.1.1' }),
      deltaOf({ flow: 1, rx: 1, tx: 1, at: start + 100, owner: exactly(curl) }),
      deltaOf({ flow: 2, rx: 1, tx: 1, at: start + 100, owner: exactly(backup) }),
    ]);
    assert.deepEqual(flows.map(({ name }) => name?.name ?? null), [null, null, 'ours.example', 'theirs.example']);
  });

  it('knows where a flow was met: at the edge, inside, or on loopback, whatever its addresses', () => {
    const { joining } = stage();
    const { flows } = close(joining, [
      deltaOf({ flow: 1, rx: 1, tx: 0, at: start }),
      deltaOf({ flow: 2, rx: 1, tx: 0, at: start, interface: 'docker0', remote: '172.17.0.2' }),
      deltaOf({ flow: 3, rx: 1, tx: 0, at: start, interface: 'lo', remote: '192.0.2.1' }),
      deltaOf({ flow: 4, rx: 1, tx: 0, at: start, interface: 'usb0' }),
    ]);
    assert.deepEqual(flows.map(({ placement, scope }) => [placement, scope]), [
      ['edge', 'internet'], ['inside', 'lan'], ['loopback', 'loopback'], ['edge', 'internet'],
    ]);
  });

  it('counts what came to a group as multicast', () => {
    const { joining } = stage();
    const delta = deltaOf({ flow: 1, rx: 1, tx: 0, at: start, remote: '192.168.1.9' });
    const [flow] = close(joining, [{ ...delta, key: { ...delta.key, localAddress: '224.0.0.251' } }]).flows;
    assert.equal(flow?.scope, 'multicast');
  });

  it('starts flow numbers afresh with another helper', () => {
    const { joining } = stage();
    joining.names([serverName(1, 'old.example', start)]);
    assert.equal(close(joining, [deltaOf({ flow: 1, rx: 1, tx: 0, at: start })]).flows[0]?.name?.name, 'old.example');
    joining.restart();
    assert.equal(close(joining, [deltaOf({ flow: 1, rx: 1, tx: 0, at: start })]).flows[0]?.name, null);
  });

  it('adds up what plain HTTP was asked for, and gives up what has no interval', () => {
    const { joining } = stage();
    const asked = { host: 'www.example.org', requests: 1, responses: 0, methods: { GET: 1 }, sections: { '/a': 1 }, statuses: {} };
    joining.http([asked]);
    joining.http([asked]);
    assert.deepEqual(close(joining, []).http, [{ ...asked, requests: 2, methods: { GET: 2 }, sections: { '/a': 2 } }]);
    for (const lost of [() => joining.closeUnfinished(epochMs(start)), () => joining.restart()]) {
      joining.http([asked]);
      lost();
      assert.deepEqual(close(joining, []).http, []);
    }
  });

  it('closes what a helper left unfinished, and only once', () => {
    const { joining } = stage();
    joining.flows([deltaOf({ flow: 1, rx: 5, tx: 2, at: start + 400 })]);
    const interval = joining.closeUnfinished(epochMs(start));
    assert.equal(interval?.intervalSeconds, 0.4);
    assert.equal(interval === null ? null : coverageOf(interval).capturedBytes, 7);
    assert.equal(joining.closeUnfinished(epochMs(start)), null);
  });

  it('folds the flows that are too many by their interface, and loses no byte', () => {
    const { joining } = stage({ flowsPerInterval: 2 });
    const deltas = Array.from({ length: 9 }, (_, flow) => deltaOf({ flow, rx: flow, tx: 1, at: start, owner: exactly(curl) }));
    const interval = close(joining, deltas);
    assert.equal(interval.flows.length, 3);
    const snapshot = snapshotOf(interval, []);
    assert.deepEqual(snapshot.totals, { rxBytes: 36, txBytes: 9 });
    assert.equal(snapshot.apps.find(({ reason }) => reason === 'folded')?.rxBytes, 35);
  });

  it('forgets the processes that were not met for longest where they are too many', () => {
    const { joining } = stage({ processes: 2 });
    close(joining, [deltaOf({ flow: 1, rx: 1, tx: 0, at: start, owner: exactly(curl) })]);
    joining.processes([processOf(ProcessKey.parse('300@3'), '/usr/bin/wget')]);
    const { flows } = close(joining, [
      deltaOf({ flow: 1, rx: 1, tx: 0, at: start, owner: exactly(curl) }),
      deltaOf({ flow: 2, rx: 1, tx: 0, at: start, owner: exactly(backup) }),
    ]);
    assert.deepEqual(flows.map(({ owner }) => owner.app?.displayName ?? owner.reason), ['curl', 'process-ended']);
  });
});

describe('the window before the history', () => {
  it('adds up what a flow did in ten seconds, and counts its connection once', () => {
    const { joining, window } = stage();
    for (let second = 1; second <= 3; second += 1) {
      const delta = deltaOf({ flow: 1, rx: 10, tx: 1, at: start + second * 1000, owner: exactly(curl) });
      window.add(close(joining, [{ ...delta, opened: second === 1 }], start + second * 1000));
    }
    const usages = window.take(epochMs(start + 4000));
    assert.deepEqual(usages.map(({ rxBytes, txBytes, rxPackets, connections }) => [rxBytes, txBytes, rxPackets, connections]), [[30, 3, 3, 1]]);
    assert.equal(window.take(epochMs(start + 5000)).length, 0);
  });

  it('keeps apart what belongs to different ten seconds', () => {
    const { joining, window } = stage();
    for (const at of [start + 9000, start + 11_000]) window.add(close(joining, [deltaOf({ flow: 1, rx: 1, tx: 0, at })], at));
    assert.equal(window.take(epochMs(start + 12_000)).length, 2);
  });

  it('gives a name that came late to what the flow did before, also where the flow has closed since', () => {
    const { joining, window } = stage();
    window.add(close(joining, [deltaOf({ flow: 1, rx: 70, tx: 0, at: start + 500, closed: true })]));
    joining.names([dnsAnswer('late.example.org', '203.0.113.7', null, start + 1200)]);
    window.add(close(joining, [], start + 2000));
    assert.deepEqual(
      window.take(epochMs(start + 3000)).map(({ host }) => host),
      [{ kind: 'name', name: 'late.example.org', domain: 'example.org', source: 'dns' }],
    );
  });

  it('leaves out the inside of bridges, and keeps loopback by its scope', () => {
    const { joining, window } = stage();
    window.add(close(joining, [
      deltaOf({ flow: 1, rx: 1, tx: 0, at: start, interface: 'docker0' }),
      deltaOf({ flow: 2, rx: 2, tx: 0, at: start, interface: 'lo' }),
      deltaOf({ flow: 3, rx: 4, tx: 0, at: start }),
    ]));
    assert.deepEqual(window.take(epochMs(start + 2000)).map(({ scope, rxBytes }) => [scope, rxBytes]), [['loopback', 2], ['internet', 4]]);
  });
});

const owners: fc.Arbitrary<OwnerReference> = fc.oneof(
  fc.constantFrom(curl, backup, ProcessKey.parse('9@9')).map((process): OwnerReference => ({ certainty: 'exact', process })),
  fc.record({ process: fc.constantFrom(curl, backup), reason: fc.constantFrom(...OwnerReason.options) })
    .map(({ process, reason }): OwnerReference => ({ certainty: 'inferred', process, reason })),
  fc.constantFrom(...OwnerReason.options).map((reason): OwnerReference => ({ certainty: 'unknown', reason })),
);

const sketches = fc.array(
  fc.record({
    flow: fc.integer({ min: 0, max: 40 }),
    rx: fc.integer({ min: 0, max: 1e9 }),
    tx: fc.integer({ min: 0, max: 1e9 }),
    at: fc.integer({ min: start, max: start + 30_000 }),
    owner: owners,
    remote: fc.constantFrom('203.0.113.7', '192.168.1.4', '2001:db8::1', '224.0.0.251'),
    interface: fc.constantFrom('eth0', 'lo', 'docker0', 'usb0'),
  }),
  { maxLength: 60 },
);

const names = fc.array(
  fc.oneof(
    fc.record({ flow: fc.integer({ min: 0, max: 40 }), name: fc.constantFrom('a.example', 'b.example') }).map(({ flow, name }) => serverName(flow, name, start)),
    fc.record({ flow: fc.option(fc.integer({ min: 0, max: 40 }), { nil: null }), name: fc.constantFrom('c.example', 'd.example') })
      .map(({ flow, name }) => dnsAnswer(name, '203.0.113.7', flow, start)),
  ),
  { maxLength: 20 },
);

function sum(rows: readonly ByteCounts[]): ByteCounts {
  return rows.reduce((total, row) => ({ rxBytes: total.rxBytes + row.rxBytes, txBytes: total.txBytes + row.txBytes }), { rxBytes: 0, txBytes: 0 });
}

describe('bytes are conserved', () => {
  it('by app, by domain and by connection the sums are what the helper captured at the edge', () => {
    const limits = fc.record({ apps: fc.integer({ min: 0, max: 3 }), domains: fc.integer({ min: 0, max: 3 }), connections: fc.integer({ min: 0, max: 30 }), httpHosts: fc.nat(3), pids: fc.constant(4) });
    fc.assert(
      fc.property(sketches, names, limits, fc.integer({ min: 0, max: 60 }), (flowSketches, seen, view, flowsPerInterval) => {
        const { joining } = stage({ flowsPerInterval });
        joining.names(seen);
        const interval = close(joining, flowSketches.map(deltaOf));
        const snapshot = snapshotOf(interval, [], view);
        const edge = sum(flowSketches.filter((flow) => flow.interface === 'eth0' || flow.interface === 'usb0').map(({ rx, tx }) => ({ rxBytes: rx, txBytes: tx })));
        assert.deepEqual(snapshot.totals, edge);
        assert.deepEqual(sum(Object.values(snapshot.scopes ?? {})), edge);
        assert.deepEqual(sum(snapshot.apps), edge);
        assert.deepEqual(sum(snapshot.domains), edge);
        assert.deepEqual(sum([...snapshot.connections, snapshot.otherConnections]), edge);
        const { coverage } = snapshot;
        assert.equal(coverage.capturedBytes, edge.rxBytes + edge.txBytes);
        assert.equal(coverage.exactBytes + coverage.inferredBytes + coverage.unknownBytes, coverage.capturedBytes);
        const exact = sum(snapshot.apps.map((row) => row.exact));
        if (snapshot.apps.every(({ reason }) => reason !== 'folded')) assert.equal(exact.rxBytes + exact.txBytes, coverage.exactBytes);
        const inside = sum(snapshot.inside.apps);
        assert.deepEqual(inside, snapshot.inside.totals);
        assert.deepEqual(sum([...snapshot.inside.connections, snapshot.inside.otherConnections]), inside);
        assert.deepEqual(sum([edge, inside]), sum(flowSketches.map(({ rx, tx }) => ({ rxBytes: rx, txBytes: tx }))));
      }),
      { numRuns: 300 },
    );
  });

  it('on the way into the history too', () => {
    fc.assert(
      fc.property(fc.array(sketches, { maxLength: 4 }), names, (seconds, seen) => {
        const { joining, window } = stage();
        joining.names(seen);
        for (const [index, flowSketches] of seconds.entries()) window.add(close(joining, flowSketches.map(deltaOf), start + (index + 1) * 1000));
        const kept = seconds.flat().filter((flow) => flow.interface !== 'docker0').map(({ rx, tx }) => ({ rxBytes: rx, txBytes: tx }));
        assert.deepEqual(sum(window.take(epochMs(start + 60_000))), sum(kept));
      }),
    );
  });
});
