import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { edgeNames } from '../../../helper/capture/edges.ts';
import type { AddressedInterface } from '../../../helper/capture/edges.ts';

function one(name: string, part: Partial<AddressedInterface> = {}): AddressedInterface {
  return { name, index: 1, kind: 'physical', bond: false, up: true, master: null, stacked: false, addresses: [], ...part };
}

function edges(...interfaces: readonly AddressedInterface[]): readonly string[] {
  return [...edgeNames(interfaces)].toSorted();
}

const routable = { addresses: ['192.0.2.2'] };

describe('the edges of a machine', () => {
  it('are its physical interfaces, with or without address', () => {
    assert.deepEqual(edges(one('eth0'), one('wlan0', routable), one('lo', { kind: 'loopback' })), ['eth0', 'wlan0']);
  });

  it('leave out everything virtual where a physical interface is up', () => {
    const virtual = [one('docker0', { kind: 'bridge', ...routable }), one('veth1', { kind: 'veth', ...routable }), one('wg0', { kind: 'tunnel', ...routable })];
    assert.deepEqual(edges(one('eth0'), ...virtual), ['eth0']);
  });

  it('take the physical port of a bridge, not the bridge, which never sees what passes between its ports', () => {
    assert.deepEqual(edges(one('eth0', { master: 'br0' }), one('br0', { kind: 'bridge', stacked: true, ...routable })), ['eth0']);
  });

  it('take a bond, not its members, between which one connection may be split', () => {
    const bond = one('bond0', { kind: 'virtual', bond: true, stacked: true, ...routable });
    assert.deepEqual(edges(one('eth0', { master: 'bond0' }), one('eth1', { master: 'bond0' }), bond), ['bond0']);
  });

  it('take a bond once when it is the port of a bridge', () => {
    const bond = one('bond0', { kind: 'virtual', bond: true, stacked: true, master: 'br0' });
    assert.deepEqual(edges(one('eth0', { master: 'bond0' }), bond, one('br0', { kind: 'bridge', stacked: true })), ['bond0']);
  });

  it('leave out a bond of nothing physical', () => {
    assert.deepEqual(edges(one('eth0'), one('bond0', { kind: 'virtual', bond: true })), ['eth0']);
  });

  it('leave out the virtual function below a synthetic interface', () => {
    assert.deepEqual(edges(one('eth0'), one('enP1s2', { master: 'eth0' })), ['eth0']);
  });

  it('are the interfaces with a way out where nothing physical is up, as in a container', () => {
    const down = one('eth9', { up: false });
    assert.deepEqual(edges(down, one('eth0', { kind: 'veth', ...routable })), ['eth0', 'eth9']);
    assert.deepEqual(edges(one('eth0', { kind: 'veth', addresses: ['fe80::1'] })), []);
    assert.deepEqual(edges(one('eth0', { kind: 'veth', ...routable }), one('eth0.5', { kind: 'virtual', stacked: true, ...routable })), ['eth0']);
  });

  it('are tunnels where there is nothing else, as in a rootless container', () => {
    assert.deepEqual(edges(one('tap0', { kind: 'tunnel', ...routable })), ['tap0']);
    assert.deepEqual(edges(one('tap0', { kind: 'tunnel', ...routable }), one('eth0', { kind: 'veth', ...routable })), ['eth0']);
  });
});
