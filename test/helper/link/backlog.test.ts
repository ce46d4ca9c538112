import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { HttpSeen } from '../../../core/packet/index.ts';
import { FlowDelta, flowId } from '../../../protocol/flow.ts';
import type { NameSeen } from '../../../protocol/flow.ts';
import { epochMs } from '../../../protocol/units.ts';
import { Backlog } from '../../../helper/link/backlog.ts';
import type { Delivery, OwnedDelta } from '../../../helper/link/backlog.ts';
import { delta, interval } from '../support/deltas.ts';
import { described } from '../support/records.ts';

const small = { flows: 4, remotes: 3, names: 3 };

function owned(one: FlowDelta): OwnedDelta {
  return { delta: one, process: null };
}

function add(backlog: Backlog, ...flows: readonly FlowDelta[]): void {
  backlog.add({ flows: flows.map(owned), interfaces: [], foldedFlows: 0, seconds: 1 });
}

/** Bytes and packets by interface, of any list of deltas. */
function sums(flows: readonly FlowDelta[]): Record<string, readonly number[]> {
  const found: Record<string, readonly number[]> = {};
  for (const { key, rxBytes, txBytes, rxPackets, txPackets } of flows) {
    const [rx = 0, tx = 0, rxp = 0, txp = 0] = found[key.interface] ?? [];
    found[key.interface] = [rx + rxBytes, tx + txBytes, rxp + rxPackets, txp + txPackets];
  }
  return found;
}

const anyDelta = fc
  .record({
    flow: fc.integer({ min: 1, max: 40 }),
    rxBytes: fc.nat(),
    txBytes: fc.nat(),
    rxPackets: fc.nat(),
    txPackets: fc.nat(),
    opened: fc.boolean(),
    closed: fc.boolean(),
  })
  .map(({ flow, ...part }) =>
    delta(flow, {
      ...part,
      key: { ...delta(1).key, interface: flow % 2 === 0 ? 'eth0' : 'wlan0', protocol: flow % 3 === 0 ? 17 : 6, remoteAddress: `198.51.100.${flow}` },
    }),
  );

describe('the backlog', () => {
  it('never loses a byte or a packet, however little room it has', () => {
    fc.assert(
      fc.property(fc.array(anyDelta, { maxLength: 200 }), fc.nat(8), fc.nat(8), (deltas, flows, remotes) => {
        const backlog = new Backlog({ flows, remotes, names: 1 });
        add(backlog, ...deltas);
        const delivery = backlog.take();
        assert.deepEqual(sums(delivery.flows), sums(deltas));
        assert.ok(delivery.flows.length <= flows + remotes + 2);
        for (const one of delivery.flows) assert.deepEqual(FlowDelta.parse(one), one);
        assert.equal(new Set(delivery.flows.map((one) => one.flow)).size, delivery.flows.length);
      }),
    );
  });

  it('adds up the deltas of one flow', () => {
    const backlog = new Backlog();
    add(backlog, delta(1, { opened: true, lastSeen: epochMs(2000), retransmits: 1 }));
    add(backlog, delta(1, { closed: true, firstSeen: epochMs(1000), lastSeen: epochMs(9000), retransmits: 2, roundTripMicroseconds: 7 }));
    const expected = delta(1, { rxBytes: 20, txBytes: 10, rxPackets: 4, txPackets: 2, opened: true, closed: true, lastSeen: epochMs(9000) });
    assert.deepEqual(backlog.take().flows, [{ ...expected, retransmits: 3, roundTripMicroseconds: 7 }]);
  });

  it('keeps an owner that was known though the later delta knows none', () => {
    const curl = described(10);
    const backlog = new Backlog();
    backlog.add({ flows: [{ delta: delta(1, { owner: { certainty: 'exact', process: curl.key } }), process: curl }], interfaces: [], foldedFlows: 0, seconds: 1 });
    add(backlog, delta(1));
    const delivery = backlog.take();
    assert.deepEqual(delivery.flows[0]?.owner, { certainty: 'exact', process: curl.key });
    assert.deepEqual(delivery.processes, [curl]);
  });

  it('folds the flows beyond its bound by remote address, then by interface, counts them, and says so', () => {
    const backlog = new Backlog({ flows: 1, remotes: 1, names: 1 });
    const to = (flow: number, remoteAddress: string): FlowDelta => delta(flow, { key: { ...delta(1).key, remoteAddress } });
    add(backlog, to(1, '198.51.100.1'), to(2, '198.51.100.2'), to(3, '198.51.100.2'), to(4, '198.51.100.3'), to(5, '198.51.100.4'));
    const { flows, foldedFlows } = backlog.take();
    assert.deepEqual(
      flows.map(({ key, rxBytes, owner }) => [key.remoteAddress, key.protocol, key.remotePort, rxBytes, 'reason' in owner && owner.reason]),
      [
        ['198.51.100.1', 6, 443, 10, 'no-socket'],
        ['198.51.100.2', 6, null, 20, 'folded'],
        ['0.0.0.0', 255, null, 20, 'folded'],
      ],
    );
    assert.equal(foldedFlows, 4);
  });

  it('sums the intervals of each interface, and their true lengths', () => {
    const backlog = new Backlog();
    for (let second = 0; second < 3; second += 1) backlog.add({ flows: [], interfaces: [interval('eth0'), interval('wlan0')], foldedFlows: 0, seconds: 1.5 });
    const { interfaces, seconds } = backlog.take();
    assert.equal(seconds, 4.5);
    assert.deepEqual(interfaces[0], interval('eth0', { packets: 9, bytes: 45, interfaceRxBytes: 300, interfaceTxBytes: 150 }));
    assert.equal(interfaces.length, 2);
  });

  it('gives up the oldest name for the newest, and keeps one of two alike', () => {
    const backlog = new Backlog(small);
    const name = (flow: number): NameSeen => ({ kind: 'flow', flow: flowId(flow), source: 'tls-sni', name: `n${flow}.example`, time: epochMs(flow), encryptedClientHello: false });
    for (const flow of [1, 2, 2, 3, 4]) backlog.addName(name(flow));
    assert.deepEqual(backlog.take().names.map((one) => one.name), ['n2.example', 'n3.example', 'n4.example']);
  });

  it('adds up what plain HTTP was asked for while nobody listens, in bounded room, and loses no request', () => {
    const backlog = new Backlog(small);
    const request = (host: string): HttpSeen => ({ kind: 'request', flow: flowId(1), time: epochMs(1), host, method: 'GET', section: '/a', status: null });
    for (let number = 0; number < 5000; number += 1) backlog.addHttp([request(`h${number % 2500}.example`), request('often.example')]);
    const { http } = backlog.take();
    assert.ok(http.length <= 1025, `${http.length} rows`);
    assert.equal(http.reduce((sum, { requests }) => sum + requests, 0), 10_000);
    assert.equal(http.find(({ host }) => host === 'often.example')?.requests, 5000);
  });

  it('is empty after it was taken', () => {
    const backlog = new Backlog(small);
    backlog.addHttp([{ kind: 'request', flow: flowId(1), time: epochMs(1), host: 'a.example', method: 'GET', section: '/a', status: null }]);
    for (let flow = 0; flow < 20; flow += 1) add(backlog, delta(flow));
    backlog.take();
    const nothing: Delivery = { processes: [], names: [], flows: [], http: [], interfaces: [], seconds: 0, foldedFlows: 0 };
    assert.deepEqual(backlog.take(), nothing);
  });
});
