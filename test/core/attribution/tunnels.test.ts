import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { appOf } from '../../../core/attribution/index.ts';
import type { AttributedFlow } from '../../../core/attribution/index.ts';
import { kernelApp } from '../../../core/attribution/kernel-traffic.ts';
import { creditTunnels, defaultTunnelLimits, noTunnelsYet } from '../../../core/attribution/tunnels.ts';
import type { TunnelLimits, TunnelState } from '../../../core/attribution/tunnels.ts';
import type { Scope } from '../../../protocol/app.ts';
import { ProcessKey } from '../../../protocol/flow.ts';
import type { InterfaceStatus, TunnelCarrier } from '../../../protocol/helper.ts';
import { deltaOf, exactly, processOf, statusOf } from '../../service/measurements.ts';

const start = Date.UTC(2026, 4, 1, 12);
const vpn = ProcessKey.parse('50@1');
const curl = ProcessKey.parse('100@1');
const executables: ReadonlyMap<ProcessKey, string> = new Map([[vpn, '/usr/sbin/openvpn'], [curl, '/usr/bin/curl']]);
const held: TunnelCarrier = { kind: 'processes', processes: [vpn] };

interface Sketch {
  readonly flow: number;
  readonly rx?: number;
  readonly tx?: number;
  /** Null for the kernel. */
  readonly owner?: ProcessKey | null;
  readonly at?: string;
  readonly scope?: Scope;
  readonly protocol?: number;
  readonly second?: number;
}

function flowOf({ flow, rx = 0, tx = 0, owner = curl, at = 'eth0', scope = 'internet', protocol = 6, second = 0 }: Sketch): AttributedFlow {
  const reference = owner === null ? ({ certainty: 'unknown', reason: 'kernel' } as const) : exactly(owner);
  const delta = deltaOf({ flow, rx, tx, at: start + second * 1000, interface: at, owner: reference });
  const placement = at.startsWith('tun') ? 'inside' : 'edge';
  const key = { ...delta.key, protocol };
  return {
    delta: { ...delta, key, rxPackets: Math.ceil(rx / 1500), txPackets: Math.ceil(tx / 1500), opened: second === 0 },
    owner:
      owner === null
        ? { certainty: 'inferred', app: kernelApp(key), pid: null, reason: 'kernel' }
        : { certainty: 'exact', app: appOf(processOf(owner, executables.get(owner) ?? null)), pid: 1, reason: null },
    name: null,
    scope,
    placement,
    network: at,
    country: null,
  };
}

function interfaces(carrier?: TunnelCarrier): InterfaceStatus[] {
  const tunnel = { ...statusOf('tun0', 'tunnel'), state: 'capturing' as const };
  return [statusOf('eth0', 'physical'), statusOf('wlan0', 'physical'), carrier === undefined ? tunnel : { ...tunnel, carrier }];
}

/** Runs intervals one after the other and tells the edge of each: whose, down, up. */
function run(intervals: readonly (readonly AttributedFlow[])[], carrier: TunnelCarrier | undefined = held, limits?: TunnelLimits): readonly AttributedFlow[][] {
  let state: TunnelState = noTunnelsYet;
  return intervals.map((flows) => {
    const done = creditTunnels(state, { flows, interfaces: interfaces(carrier) }, limits);
    state = done.state;
    return done.flows.filter(({ placement }) => placement === 'edge');
  });
}

const rowsOf = (flows: readonly AttributedFlow[]): readonly unknown[] =>
  flows.map(({ owner, delta }) => [owner.app?.app, delta.rxBytes, delta.txBytes]);

const overhead = 'vpn-overhead:/usr/sbin/openvpn';

describe('the traffic of a VPN', () => {
  it('is whose it is inside, and what the VPN adds is a row of its own', () => {
    const [edge = []] = run([[flowOf({ flow: 1, rx: 1100, tx: 160, owner: vpn }), flowOf({ flow: 2, rx: 1000, tx: 100, at: 'tun0' })]]);
    assert.deepEqual(rowsOf(edge), [['/usr/bin/curl', 1000, 100], [overhead, 100, 60]]);
    assert.equal(edge[1]?.owner.app?.displayName, 'VPN overhead');
  });

  it('keeps the way of the bytes: the network and the scope of the flow that carried them', () => {
    const [edge = []] = run([[flowOf({ flow: 1, rx: 1100, owner: vpn }), flowOf({ flow: 2, rx: 1000, at: 'tun0', scope: 'lan' })]]);
    assert.deepEqual(edge.map(({ scope, network }) => [scope, network]), [['internet', 'eth0'], ['internet', 'eth0']]);
  });

  it('shows the flows inside as they are, and leaves others alone', () => {
    const other = flowOf({ flow: 3, rx: 7 });
    const inside = flowOf({ flow: 2, rx: 1000, at: 'tun0' });
    const { flows } = creditTunnels(noTunnelsYet, { flows: [flowOf({ flow: 1, rx: 1100, owner: vpn }), inside, other], interfaces: interfaces(held) });
    assert.ok(flows.includes(inside) && flows.includes(other));
  });

  it('waits for bytes that cross the edge in the next interval', () => {
    const [first = [], second = []] = run([
      [flowOf({ flow: 1, tx: 600, owner: vpn }), flowOf({ flow: 2, tx: 1000, at: 'tun0' })],
      [flowOf({ flow: 1, tx: 700, owner: vpn, second: 1 })],
    ]);
    assert.deepEqual(rowsOf(first).filter((row) => Array.isArray(row) && row[2] > 0), [['/usr/bin/curl', 0, 600]]);
    assert.deepEqual(rowsOf(second), [['/usr/bin/curl', 0, 400], [overhead, 0, 300]]);
    assert.equal(second[0]?.delta.lastSeen, start + 1000);
    assert.deepEqual([first[0]?.delta.opened, second[0]?.delta.opened], [true, false]);
  });

  it('waits no longer than its bound', () => {
    const silence = Array.from({ length: defaultTunnelLimits.waitingIntervals }, (_, index) => [flowOf({ flow: 1, owner: vpn, second: index + 1 })]);
    const all = run([
      [flowOf({ flow: 1, tx: 600, owner: vpn }), flowOf({ flow: 2, tx: 1000, at: 'tun0' })],
      ...silence,
      [flowOf({ flow: 1, tx: 700, owner: vpn })],
    ]);
    assert.deepEqual(rowsOf(all.at(-1) ?? []), [[overhead, 0, 700]]);
  });

  it('forgets the oldest of what waits where that is too much', () => {
    const flows = [2, 3, 4].map((flow) => flowOf({ flow, tx: 10, at: 'tun0' }));
    const limits = { waitingFlows: 2, waitingIntervals: 10 };
    const [, second = []] = run([[flowOf({ flow: 1, owner: vpn }), ...flows], [flowOf({ flow: 1, tx: 25, owner: vpn })]], held, limits);
    assert.deepEqual(second.map(({ delta }) => [delta.flow, delta.txBytes]), [[3, 10], [4, 10], [1, 5]]);
  });

  const untouched: readonly (readonly [string, readonly AttributedFlow[], TunnelCarrier | undefined])[] = [
    ['nothing tells what carries the tunnel', [flowOf({ flow: 1, rx: 9, owner: vpn }), flowOf({ flow: 2, rx: 5, at: 'tun0' })], undefined],
    ['nothing at the edge is of who carries it', [flowOf({ flow: 1, rx: 9 }), flowOf({ flow: 2, rx: 5, at: 'tun0' })], held],
    ['the kernel carries it, and TCP cannot be WireGuard', [flowOf({ flow: 1, rx: 9, owner: null }), flowOf({ flow: 2, rx: 5, at: 'tun0' })], { kind: 'wireguard' }],
  ];
  for (const [what, flows, carrier] of untouched) {
    it(`stays as it was measured where ${what}`, () => {
      assert.deepEqual(creditTunnels(noTunnelsYet, { flows, interfaces: interfaces(carrier) }).flows, flows);
    });
  }

  it('is found for WireGuard and for tunnels of IP protocols by what the kernel sends', () => {
    const inside = flowOf({ flow: 2, rx: 1000, at: 'tun0' });
    const udp = flowOf({ flow: 1, rx: 1100, protocol: 17, owner: null });
    const gre = flowOf({ flow: 1, rx: 1100, protocol: 47, owner: null });
    const carriers: readonly (readonly [AttributedFlow, TunnelCarrier])[] = [
      [udp, { kind: 'wireguard' }],
      [gre, { kind: 'protocol', protocols: [47], remoteAddress: gre.delta.key.remoteAddress }],
      [gre, { kind: 'protocol', protocols: [47], remoteAddress: null }],
    ];
    for (const [outer, carrier] of carriers) {
      const [edge = []] = run([[outer, inside]], carrier);
      assert.deepEqual(edge.map(({ delta }) => delta.rxBytes), [1000, 100]);
    }
    const [elsewhere = []] = run([[gre, inside]], { kind: 'protocol', protocols: [47], remoteAddress: '192.0.2.99' });
    assert.deepEqual(elsewhere, [gre]);
  });

  it('is conserved in every interval, by direction, network and scope, and credits nobody more than crossed the tunnel', () => {
    const size = fc.nat({ max: 3000 });
    const outer = fc.record({ flow: fc.constantFrom(1, 2, 3), rx: size, tx: size, owner: fc.constantFrom(vpn, curl), at: fc.constantFrom('eth0', 'wlan0'), scope: fc.constantFrom<Scope>('internet', 'lan', 'multicast') });
    const inner = fc.record({ flow: fc.constantFrom(11, 12, 13), rx: size, tx: size, at: fc.constant('tun0') });
    const interval = fc.array(fc.oneof(outer, inner), { maxLength: 8 }).map((sketches) => sketches.map(flowOf));
    const sums = (flows: readonly AttributedFlow[]): ReadonlyMap<string, number> => {
      const by = new Map<string, number>();
      for (const { delta, network, scope } of flows) {
        for (const counter of ['rxBytes', 'txBytes', 'rxPackets', 'txPackets'] as const) {
          assert.ok(delta[counter] >= 0 && Number.isInteger(delta[counter]));
          const key = `${network} ${scope} ${counter}`;
          by.set(key, (by.get(key) ?? 0) + delta[counter]);
        }
      }
      return by;
    };
    fc.assert(
      fc.property(fc.array(interval, { maxLength: 20 }), (intervals) => {
        const credited = new Map<number, number>();
        const crossed = new Map<number, number>();
        for (const [index, edge] of run(intervals).entries()) {
          const flows = intervals[index] ?? [];
          assert.deepEqual(sums(edge), sums(flows.filter(({ placement }) => placement === 'edge')));
          for (const { delta, placement } of flows) if (placement === 'inside') crossed.set(delta.flow, (crossed.get(delta.flow) ?? 0) + delta.rxBytes);
          for (const { delta } of edge) if (delta.flow > 10) credited.set(delta.flow, (credited.get(delta.flow) ?? 0) + delta.rxBytes);
          for (const [flow, bytes] of credited) assert.ok(bytes <= (crossed.get(flow) ?? 0));
        }
      }),
      { numRuns: 300 },
    );
  });
});
