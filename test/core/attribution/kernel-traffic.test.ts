import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { kernelApp } from '../../../core/attribution/kernel-traffic.ts';

const icmp = 1;
const tcp = 6;
const udp = 17;
const esp = 50;

describe('what is the kernel\'s own', () => {
  const flows: readonly (readonly [number, number | null, number | null, string, string])[] = [
    [tcp, 801, 2049, 'kernel:nfs', 'kernel: NFS'],
    [tcp, 2049, 801, 'kernel:nfs', 'kernel: NFS'],
    [udp, 51_820, 40_000, 'kernel:wireguard', 'kernel: WireGuard'],
    [udp, 40_000, 51_820, 'kernel:wireguard', 'kernel: WireGuard'],
    [udp, 55_000, 4789, 'kernel:vxlan', 'kernel: VXLAN'],
    [tcp, 40_000, 445, 'kernel:smb', 'kernel: SMB'],
    [esp, null, null, 'kernel:ipsec', 'kernel: IPsec'],
    [icmp, null, null, 'kernel:icmp', 'kernel: ICMP'],
    [tcp, 40_000, 51_820, 'kernel', 'kernel'],
    [udp, 1, 2, 'kernel', 'kernel'],
  ];
  for (const [protocol, localPort, remotePort, app, displayName] of flows) {
    it(`is ${displayName} for protocol ${protocol}, ports ${localPort} and ${remotePort}`, () => {
      const key = { interface: 'eth0', protocol, localAddress: '192.0.2.1', localPort, remoteAddress: '192.0.2.2', remotePort };
      assert.deepEqual(kernelApp(key), { app, displayName, exe: null });
    });
  }
});
