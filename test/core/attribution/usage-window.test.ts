import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { UsageWindow, appOf, keptUsage, privateInterval } from '../../../core/attribution/index.ts';
import type { AttributedFlow, MeasuredInterval } from '../../../core/attribution/index.ts';
import { createNaming } from '../../../core/naming/index.ts';
import { epochMs } from '../../../protocol/units.ts';
import type { FlowDelta } from '../../../protocol/flow.ts';
import { curl, deltaOf, processOf } from '../../service/measurements.ts';

const app = appOf(processOf(curl, '/usr/bin/curl'), { home: { kind: 'none' }, parent: null });

function flowOf(delta: Partial<FlowDelta>, more: Partial<AttributedFlow> = {}): AttributedFlow {
  return {
    delta: { ...deltaOf({ flow: 1, rx: 10, tx: 5, at: 1000 }), ...delta },
    owner: { certainty: 'exact', app, pid: 1, reason: null },
    name: null,
    scope: 'internet',
    placement: 'edge',
    network: 'eth0',
    country: 'DE',
    ...more,
  };
}

function intervalOf(flows: readonly AttributedFlow[]): MeasuredInterval {
  return { time: epochMs(1000), intervalSeconds: 1, paused: false, flows, http: [], interfaces: [] };
}

function usagesOf(...flows: AttributedFlow[]): ReturnType<UsageWindow['take']> {
  const window = new UsageWindow(createNaming());
  for (const flow of flows) window.add(intervalOf([flow]));
  return window.take(epochMs(2000));
}

describe('the usage that goes into the history', () => {
  it('says what a connection was for, as far as its ports tell', () => {
    const key = deltaOf({ flow: 1, rx: 1, tx: 1, at: 1 }).key;
    for (const [protocol, localPort, remotePort, service] of [
      [6, 40_000, 443, 'https'],
      [17, 40_000, 443, 'https'],
      [17, 123, 123, 'ntp'],
      [6, 22, 50_000, 'ssh'],
      [6, 5432, 40_001, 'postgresql'],
      [17, 40_000, 50_001, 'udp'],
      [6, 33_434, 45_000, 'tcp'],
      [1, null, null, 'icmp'],
      [255, null, null, null],
    ] as const) {
      const [usage] = usagesOf(flowOf({ key: { ...key, protocol, localPort, remotePort } }));
      assert.equal(usage?.service, service, `${protocol} ${localPort} ${remotePort}`);
    }
  });

  it('says where the remote end lies; own networks lie in no country, and what nobody knows is left out', () => {
    const countryIn = (more: Partial<AttributedFlow>): unknown => {
      const host = usagesOf(flowOf({}, more))[0]?.host;
      return host !== undefined && 'country' in host ? host.country : undefined;
    };
    assert.equal(countryIn({}), 'DE');
    assert.equal(countryIn({ scope: 'lan', country: null }), 'none');
    assert.equal(countryIn({ country: null }), undefined);
  });

  it('sums round-trip times and retransmits of TCP, and of nothing else', () => {
    const [usage] = usagesOf(
      flowOf({ roundTripMicroseconds: 3000, retransmits: 1 }),
      flowOf({ roundTripMicroseconds: 1000 }),
      flowOf({ retransmits: 2 }),
    );
    assert.deepEqual(usage?.quality, { samples: 2, least: 1000, sum: 4000, most: 3000, retransmits: 3, packets: 6 });
    const key = { ...deltaOf({ flow: 1, rx: 1, tx: 1, at: 1 }).key, protocol: 17 };
    assert.equal(usagesOf(flowOf({ key, roundTripMicroseconds: 5 }))[0]?.quality, null);
    assert.equal(usagesOf(flowOf({ roundTripMicroseconds: 5 }, { placement: 'loopback', scope: 'loopback' }))[0]?.quality, null);
  });

  it('says none of it in the private mode', () => {
    const window = new UsageWindow(createNaming());
    window.add(privateInterval(intervalOf([flowOf({ roundTripMicroseconds: 3000, retransmits: 1 })])));
    const [usage] = window.take(epochMs(2000));
    assert.ok(usage !== undefined);
    const { service, quality, host } = keptUsage(usage);
    assert.deepEqual([service, quality, host], [null, null, { kind: 'other-addresses' }]);
  });
});
