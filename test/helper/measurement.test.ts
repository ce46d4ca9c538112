import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import fc from 'fast-check';
import { createNameReader } from '../../core/packet/index.ts';
import { FlowDelta, flowId } from '../../protocol/flow.ts';
import type { HelperMessage } from '../../protocol/helper.ts';
import { epochMs } from '../../protocol/units.ts';
import { Captures } from '../../helper/capture/captures.ts';
import { InterfaceCounters } from '../../helper/capture/interface-counters.ts';
import { Interfaces } from '../../helper/capture/interfaces.ts';
import { readLocalAddresses } from '../../helper/capture/local-addresses.ts';
import { createQuicCrypto } from '../../helper/capture/quic-crypto.ts';
import { Troubles } from '../../helper/capture/troubles.ts';
import { Backlog } from '../../helper/link/backlog.ts';
import type { Delivery } from '../../helper/link/backlog.ts';
import { Measurement } from '../../helper/measurement.ts';
import { Owners } from '../../helper/sockets/owners.ts';
import { FakeOpener } from './support/fake-captures.ts';
import { FakeSysfs } from './support/fake-sysfs.ts';
import { flowRecord } from './support/flow-record.ts';
import { described } from './support/records.ts';

const bounds = { snapLength: 2048, ringBytes: 1024, maximumFlows: 16, clueQueueBytes: 1024 };
const curl = described(10);

/** A measurement of one pretended card, whose flows all belong to curl. */
class Bench implements Disposable {
  readonly sysfs = new FakeSysfs();
  readonly opener = new FakeOpener();
  readonly told: HelperMessage[] = [];
  readonly backlog = new Backlog();
  readonly measurement: Measurement;
  /** Addresses of the card. */
  addresses = ['192.0.2.2/24'];
  now = 0;

  constructor() {
    this.sysfs.add('eth0', { device: '->../card', ifindex: '2' });
    const troubles = new Troubles(() => undefined);
    const exact = { certainty: 'exact', process: curl } as const;
    const monotonic = (): number => this.now;
    const owners = new Owners({ sources: [{ name: 'test', limit: () => null, find: (questions) => questions.map(() => exact) }], monotonic });
    this.measurement = new Measurement({
      interfaces: new Interfaces(this.sysfs.classNet),
      readAddresses: () => readLocalAddresses(() => ({ eth0: this.addresses.map((cidr) => ({ address: cidr.split('/')[0] ?? '', netmask: '', family: 'IPv4', mac: '', internal: false, cidr })) })),
      captures: new Captures({ opener: this.opener, bounds, troubles, cluesWait: () => undefined }),
      counters: new InterfaceCounters(this.sysfs.classNet),
      names: createNameReader({ quicCrypto: createQuicCrypto() }),
      owners,
      troubles,
      backlog: this.backlog,
      tell: (message) => this.told.push(message),
      monotonic,
    });
    this.measurement.configure({ interfaces: 'edges', filter: '', promiscuous: false, loopback: false });
  }

  second(): Delivery {
    this.now += 1000;
    this.measurement.second(epochMs(this.now));
    return this.backlog.take();
  }

  [Symbol.dispose](): void {
    this.sysfs[Symbol.dispose]();
  }
}

describe('a measurement', () => {
  let bench: Bench;
  beforeEach(() => {
    bench = new Bench();
  });
  afterEach(() => bench[Symbol.dispose]());

  it('turns flows so that this machine is the local end, and names their owner', () => {
    bench.opener.of('eth0').count(flowRecord(1), flowRecord(2, { ends: { protocol: 17, a: '198.51.100.9', aPort: 5, b: '192.0.2.2', bPort: 7 } }));
    const { flows, processes } = bench.second();
    assert.deepEqual(flows.map(({ key, rxBytes, txBytes }) => [key.localPort, key.remoteAddress, rxBytes, txBytes]), [
      [40_000, '198.51.100.7', 3000, 100],
      [7, '198.51.100.9', 100, 3000],
    ]);
    assert.deepEqual([flows[0]?.owner, processes], [{ certainty: 'exact', process: curl.key }, [curl]]);
    for (const flow of flows) assert.deepEqual(FlowDelta.parse(flow), flow);
  });

  it('never loses a byte between the records and the deltas', () => {
    const address = fc.constantFrom('192.0.2.2', '198.51.100.7', '10.0.0.1', '224.0.0.251');
    const record = fc
      .record({ flow: fc.integer({ min: 1, max: 20 }), a: address, b: address, bytesAb: fc.nat(), bytesBa: fc.nat(), closed: fc.boolean() })
      .map(({ flow, a, b, ...part }) => flowRecord(flow, { ...part, ends: { protocol: 6, a, aPort: 1, b, bPort: 2 } }));
    fc.assert(
      fc.property(fc.array(record), (records) => {
        bench.opener.of('eth0').count(...records);
        const { flows, interfaces } = bench.second();
        const sum = (numbers: readonly number[]): number => numbers.reduce((total, one) => total + one, 0);
        const counted = sum(records.map((one) => one.bytesAb + one.bytesBa));
        assert.equal(sum(flows.map((flow) => flow.rxBytes + flow.txBytes)), counted);
        assert.equal(interfaces[0]?.bytes, counted);
      }),
    );
  });

  it('keeps which end is local though the address goes away', () => {
    bench.opener.of('eth0').count(flowRecord(1));
    bench.second();
    bench.addresses = ['192.0.2.99/24'];
    bench.opener.of('eth0').count(flowRecord(1, { opened: false }));
    assert.equal(bench.second().flows[0]?.rxBytes, 3000);
  });

  it('knows an address that came within the second as its own', () => {
    bench.addresses = [];
    bench.second();
    const ends = { protocol: 6, a: '198.51.100.7', aPort: 1, b: '192.0.2.2', bPort: 2 };
    bench.opener.of('eth0').hint({ kind: 'opened', flow: flowId(1), time: epochMs(1), ends });
    bench.measurement.takeClues();
    bench.addresses = ['192.0.2.2/24'];
    bench.opener.of('eth0').count(flowRecord(1, { ends }));
    assert.equal(bench.second().flows[0]?.key.localAddress, '192.0.2.2');
  });

  it('says that traffic between others is not of this host', () => {
    bench.opener.of('eth0').count(flowRecord(1, { ends: { protocol: 6, a: '10.0.0.1', aPort: 1, b: '10.0.0.2', bPort: 2 } }));
    assert.deepEqual(bench.second().flows[0]?.owner, { certainty: 'unknown', reason: 'not-this-host' });
  });

  it('hands on what the capture had to fold, without owner, and counts it', () => {
    const ends = { protocol: 17, a: '0.0.0.0', aPort: null, b: '0.0.0.0', bPort: null };
    bench.opener.of('eth0').count(flowRecord(7, { ends, folded: true, opened: false, closed: true }));
    const { flows, foldedFlows } = bench.second();
    assert.deepEqual([flows[0]?.owner, foldedFlows], [{ certainty: 'unknown', reason: 'folded' }, 1]);
    assert.equal((flows[0]?.rxBytes ?? 0) + (flows[0]?.txBytes ?? 0), 3100);
  });

  it('finds names in payloads and forgets them when they were told', () => {
    const payload = new TextEncoder().encode('GET / HTTP/1.1\r\nHost: www.example.org\r\n\r\n');
    const clue = { kind: 'payload', flow: flowId(1), time: epochMs(1), ends: flowRecord(1).ends, direction: 'ab', sequence: 1, syn: false, hopLimit: 64, wireLength: payload.length, payload } as const;
    bench.opener.of('eth0').hint(clue);
    assert.deepEqual(bench.second().names.map(({ name }) => name), ['www.example.org']);
    assert.deepEqual(bench.second().names, []);
  });

  it('counts what plain HTTP was asked for and answered, each once', () => {
    const say = (text: string, direction: 'ab' | 'ba'): void => {
      const payload = new TextEncoder().encode(text);
      const clue = { kind: 'payload', flow: flowId(1), time: epochMs(1), ends: flowRecord(1).ends, sequence: 1, syn: false, hopLimit: 64, wireLength: payload.length } as const;
      bench.opener.of('eth0').hint({ ...clue, direction, payload });
    };
    say('GET /images/secret.png?secret HTTP/1.1\r\nHost: www.example.org\r\n\r\n', 'ab');
    const asked = { host: 'www.example.org', methods: { GET: 1 }, sections: { '/images': 1 } };
    assert.deepEqual(bench.second().http, [{ ...asked, requests: 1, responses: 0, statuses: {} }]);
    say('HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n', 'ba');
    assert.deepEqual(bench.second().http, [{ host: 'www.example.org', requests: 0, responses: 1, methods: {}, sections: {}, statuses: { 404: 1 } }]);
    assert.deepEqual(bench.second().http, []);
  });

  it('closes all flows of a capture that ends', () => {
    bench.opener.of('eth0').count(flowRecord(1));
    bench.measurement.pause();
    const { flows } = bench.second();
    assert.deepEqual(flows.map(({ closed, rxBytes }) => [closed, rxBytes]), [[true, 3000]]);
  });

  it('tells the interfaces when they change, and at no other time', () => {
    const before = bench.told.length;
    bench.second();
    bench.second();
    assert.equal(bench.told.length, before);
    bench.sysfs.add('wlan0', { device: '->../card', ifindex: '3' });
    bench.second();
    const told = bench.told.slice(before).map((message) => (message.kind === 'interfaces' ? message.interfaces.map(({ name, state }) => `${name} ${state}`) : []));
    assert.deepEqual(told, [['eth0 capturing', 'wlan0 capturing']]);
  });
});
