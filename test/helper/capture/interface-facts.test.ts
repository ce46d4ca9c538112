import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { InterfaceCounters } from '../../../helper/capture/interface-counters.ts';
import { readInterfaceFacts, refreshInterfaceFacts } from '../../../helper/capture/interface-facts.ts';
import { Interfaces } from '../../../helper/capture/interfaces.ts';
import { readLocalAddresses } from '../../../helper/capture/local-addresses.ts';
import { FakeSysfs } from '../support/fake-sysfs.ts';

describe('what sysfs tells of an interface', () => {
  const cases: readonly (readonly [string, Readonly<Record<string, string>>, string])[] = [
    ['a network card', { device: '->../../../virtio2' }, 'physical'],
    ['Wi-Fi', { device: '->../../../phy0', uevent: 'DEVTYPE=wlan' }, 'physical'],
    ['a switch port, whose bytes cross its conduit', { device: '->../../../dsa', uevent: 'DEVTYPE=dsa' }, 'virtual'],
    ['tun', { type: '65534', tun_flags: '0x1001' }, 'tunnel'],
    ['tap', { tun_flags: '0x1002' }, 'tunnel'],
    ['WireGuard', { type: '65534', uevent: 'DEVTYPE=wireguard' }, 'tunnel'],
    ['VXLAN', { uevent: 'DEVTYPE=vxlan' }, 'tunnel'],
    ['IPIP', { type: '768' }, 'tunnel'],
    ['GRE', { type: '778' }, 'tunnel'],
    ['PPP', { type: '512' }, 'tunnel'],
    ['a bridge', { bridge: '/', uevent: 'DEVTYPE=bridge' }, 'bridge'],
    ['veth', { iflink: '6' }, 'veth'],
    ['a VLAN', { iflink: '2', uevent: 'DEVTYPE=vlan', lower_eth0: '->../eth0' }, 'virtual'],
    ['a bond', { bonding: '/', uevent: 'DEVTYPE=bond', lower_eth0: '->../eth0' }, 'virtual'],
    ['dummy', {}, 'virtual'],
    ['loopback', { type: '772' }, 'loopback'],
  ];
  for (const [name, files, kind] of cases) {
    it(`${name} is ${kind}`, () => {
      using sysfs = new FakeSysfs();
      sysfs.add('x0', files);
      assert.equal(readInterfaceFacts(sysfs.classNet, 'x0')?.kind, kind);
    });
  }

  it('is read again in full where an interface of the same name was made anew', () => {
    using sysfs = new FakeSysfs();
    sysfs.add('x0', { iflink: '6' });
    const known = readInterfaceFacts(sysfs.classNet, 'x0');
    assert.ok(known);
    sysfs.add('x0', { ifindex: '7', iflink: '7', type: '65534', tun_flags: '1' });
    assert.deepEqual([known.kind, refreshInterfaceFacts(sysfs.classNet, known)?.kind], ['veth', 'tunnel']);
    sysfs.remove('x0');
    assert.equal(refreshInterfaceFacts(sysfs.classNet, known), null);
  });

  it('leaves out files that are no interface', () => {
    using sysfs = new FakeSysfs();
    writeFileSync(`${sysfs.classNet}/bonding_masters`, '');
    sysfs.add('eth0', { device: '->../x' });
    const seen = new Interfaces(sysfs.classNet).refresh(readLocalAddresses(() => ({})));
    assert.deepEqual(seen.map((one) => one.name), ['eth0']);
  });
});

describe('the addresses of the machine', () => {
  const local = readLocalAddresses(() => ({
    eth0: [
      { address: '192.0.2.2', netmask: '255.255.255.0', family: 'IPv4', mac: '', internal: false, cidr: '192.0.2.2/24' },
      { address: 'FD00::2', netmask: 'ffff:ffff:ffff:ffff::', family: 'IPv6', mac: '', internal: false, cidr: 'fd00::2/64', scopeid: 0 },
    ],
    ppp0: [{ address: '198.51.100.1', netmask: '255.255.255.255', family: 'IPv4', mac: '', internal: false, cidr: '198.51.100.1/32' }],
  }));

  it('are canonical, with loopback and the broadcast address of each subnet', () => {
    for (const address of ['192.0.2.2', 'fd00::2', '192.0.2.255', '127.0.0.1', '127.9.9.9', '::1', '198.51.100.1']) assert.ok(local.isLocal(address), address);
    for (const address of ['192.0.2.3', '192.0.2.0', 'fd00::3', '198.51.100.255', '128.0.0.1']) assert.ok(!local.isLocal(address), address);
    assert.deepEqual(local.byInterface.get('eth0'), ['192.0.2.2', 'fd00::2']);
  });
});

describe("the kernel's byte counters", () => {
  it('are told as differences, and a counter that fell began anew', () => {
    using sysfs = new FakeSysfs();
    const set = (rx: number, tx: number): void => sysfs.add('eth0', { 'statistics/rx_bytes': String(rx), 'statistics/tx_bytes': String(tx) });
    const counters = new InterfaceCounters(sysfs.classNet);
    set(1000, 500);
    counters.follow(['eth0']);
    set(1300, 600);
    assert.deepEqual(counters.since('eth0'), { rxBytes: 300, txBytes: 100 });
    set(40, 20);
    assert.deepEqual(counters.since('eth0'), { rxBytes: 40, txBytes: 20 });
    sysfs.remove('eth0');
    assert.deepEqual(counters.since('eth0'), { rxBytes: 0, txBytes: 0 });
  });
});
