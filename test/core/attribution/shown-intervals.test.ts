import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { appOf, mergedIntervals, pausedInterval, privateInterval } from '../../../core/attribution/index.ts';
import type { AttributedFlow, MeasuredInterval } from '../../../core/attribution/index.ts';
import { coverageOf, snapshotOf } from '../../../core/view/index.ts';
import type { HttpHostSum } from '../../../protocol/http.ts';
import { epochMs } from '../../../protocol/units.ts';
import { Pace } from '../../../service/pace.ts';
import { curl, deltaOf, processOf, statusOf, tickOf } from '../../service/measurements.ts';

const context = { home: { kind: 'none' }, parent: null } as const;
const app = appOf(processOf(curl, '/usr/bin/curl'), context);

interface Sketch {
  readonly flow: number;
  readonly rx: number;
  readonly tx: number;
  readonly inside: boolean;
  readonly host: string | null;
}

const sketches = fc.array(
  fc.record({
    flow: fc.nat(5),
    rx: fc.nat(1e9),
    tx: fc.nat(1e9),
    inside: fc.boolean(),
    host: fc.option(fc.constantFrom('a.example', 'b.example')),
  }),
  { maxLength: 20 },
);

function intervalOf(time: number, flows: readonly Sketch[]): MeasuredInterval {
  const attributed = flows.map(({ flow, rx, tx, inside, host }): AttributedFlow => ({
    delta: deltaOf({ flow, rx, tx, at: time - 1, opened: true }),
    owner: { certainty: 'exact', app, pid: 100, reason: null },
    name: host === null ? null : { name: host, source: 'tls-sni' },
    scope: 'internet',
    placement: inside ? 'inside' : 'edge',
    network: 'eth0',
    country: null,
  }));
  const { interfaces } = tickOf(time, attributed.filter(({ placement }) => placement === 'edge').map(({ delta }) => delta));
  return {
    time: epochMs(time),
    intervalSeconds: 1,
    paused: false,
    flows: attributed,
    http: flows.flatMap(({ host }) => (host === null ? [] : [{ host, requests: 1, responses: 1, methods: { GET: 1 }, sections: { '/example': 1 }, statuses: { 200: 1 } }])),
    interfaces: [{ status: statusOf('eth0', 'physical'), interval: interfaces[0] ?? null }],
  };
}

const nothing = { rxBytes: 0, txBytes: 0 };

function sum(rows: readonly { readonly rxBytes: number; readonly txBytes: number }[]): typeof nothing {
  return rows.reduce((total, row) => ({ rxBytes: total.rxBytes + row.rxBytes, txBytes: total.txBytes + row.txBytes }), nothing);
}

function requests(sums: readonly HttpHostSum[]): number {
  return sums.reduce((all, one) => all + one.requests, 0);
}

describe('two intervals that are shown as one', () => {
  it('have the bytes of both, in every sum', () => {
    fc.assert(
      fc.property(sketches, sketches, (earlier, later) => {
        const intervals = [intervalOf(1000, earlier), intervalOf(1200, later)] as const;
        const merged = mergedIntervals(...intervals);
        const [first, second, both] = [...intervals, merged].map((each) => snapshotOf(each, []));
        assert.ok(first !== undefined && second !== undefined && both !== undefined);
        assert.deepEqual(both.totals, sum([first.totals, second.totals]));
        assert.deepEqual(both.inside.totals, sum([first.inside.totals, second.inside.totals]));
        for (const rows of [both.apps, both.domains, [...both.connections, both.otherConnections]]) assert.deepEqual(sum(rows), both.totals);
        assert.equal(coverageOf(merged).capturedBytes, first.coverage.capturedBytes + second.coverage.capturedBytes);
        assert.equal(both.intervalSeconds, 2);
        assert.equal(requests(both.http), requests(first.http) + requests(second.http));
      }),
    );
  });
});

describe('a private interval', () => {
  it('has the bytes of what it was made from, and no word of whose they were', () => {
    fc.assert(
      fc.property(sketches, (flows) => {
        const open = intervalOf(1000, flows);
        const [told, untold] = [snapshotOf(open, []), snapshotOf(privateInterval(open), [])];
        assert.deepEqual(untold.totals, told.totals);
        for (const rows of [untold.apps, untold.domains, [...untold.connections, untold.otherConnections]]) assert.deepEqual(sum(rows), told.totals);
        assert.equal(untold.otherConnections.connections, told.connections.length + told.otherConnections.connections);
        assert.doesNotMatch(JSON.stringify({ ...untold, interfaces: [] }), /curl|example|203\.0/u);
      }),
    );
  });

  it('is not the one of a pause, which has nothing', () => {
    const paused = snapshotOf(pausedInterval(intervalOf(1000, [{ flow: 1, rx: 5, tx: 5, inside: false, host: null }])), []);
    assert.deepEqual([paused.state, paused.totals, paused.coverage.capturedBytes], ['paused', nothing, 0]);
  });
});

describe('the pace of what is shown', () => {
  it('is two pictures a second at most, and no byte is lost', () => {
    const pace = new Pace();
    const shown: MeasuredInterval[] = [];
    for (let time = 0; time < 10_000; time += 100) {
      const due = pace.due(intervalOf(time + 1, [{ flow: 1, rx: 1, tx: 0, inside: false, host: null }]));
      if (due !== null) shown.push(due);
    }
    const held = pace.takeHeld();
    const all = held === null ? shown : [...shown, held];
    assert.ok(shown.length <= 20, `${shown.length} in ten seconds`);
    assert.equal(all.reduce((bytes, each) => bytes + snapshotOf(each, []).totals.rxBytes, 0), 100);
  });

  it('shows an ordinary second at once, also after the clock was set back', () => {
    const pace = new Pace();
    assert.notEqual(pace.due(intervalOf(100_000, [])), null);
    assert.notEqual(pace.due(intervalOf(101_000, [])), null);
    assert.notEqual(pace.due(intervalOf(5000, [])), null);
  });

  it('does not wait for a clock that stands still', () => {
    const pace = new Pace();
    const shown = Array.from({ length: 20 }, () => pace.due(intervalOf(1000, []))).filter((due) => due !== null);
    assert.ok(shown.length >= 3);
  });
});
