import type { FlowKey } from '../../protocol/flow.ts';
import { identity } from './identity.ts';
import type { App } from './identity.ts';

/**
 * What the kernel itself sends and receives. That it is the kernel's, the helper says (no process holds the socket, or there
 * is none); which part of it, is said here only where a protocol number or a registered port leaves no doubt. The ports
 * below are served by the kernel's own sockets, and by those of programs (which are not the kernel's).
 */

const tcp = 6;
const udp = 17;

/** Parts told by the port that the service has, at whichever end. IANA "Service Name and Transport Protocol Port Number". */
const byPort: ReadonlyMap<string, string> = new Map([
  [`${tcp} 2049`, 'NFS'],
  [`${udp} 2049`, 'NFS'],
  [`${tcp} 445`, 'SMB'],
  [`${tcp} 3260`, 'iSCSI'],
  [`${tcp} 4420`, 'NVMe'],
  [`${tcp} 10809`, 'NBD'],
  [`${tcp} 6789`, 'Ceph'],
  [`${tcp} 3300`, 'Ceph'],
  [`${udp} 7001`, 'AFS'],
  [`${udp} 51820`, 'WireGuard'],
  [`${udp} 4789`, 'VXLAN'],
  [`${udp} 8472`, 'VXLAN'],
  [`${udp} 6081`, 'GENEVE'],
  [`${udp} 1701`, 'L2TP'],
  [`${udp} 2152`, 'GTP'],
  [`${udp} 4500`, 'IPsec'],
]);

/** Parts told by the IP protocol alone. IANA "Assigned Internet Protocol Numbers". */
const byProtocol: ReadonlyMap<number, string> = new Map([
  [1, 'ICMP'],
  [2, 'IGMP'],
  [58, 'ICMPv6'],
  [4, 'IP tunnel'],
  [41, 'IPv6 tunnel'],
  [47, 'GRE'],
  [50, 'IPsec'],
  [51, 'IPsec'],
  [115, 'L2TP'],
]);

function partOf({ protocol, localPort, remotePort }: FlowKey): string | null {
  return byProtocol.get(protocol) ?? byPort.get(`${protocol} ${localPort}`) ?? byPort.get(`${protocol} ${remotePort}`) ?? null;
}

/** The kernel as the app of a flow that is its own: "kernel: NFS", or "kernel" where nothing tells which part. */
export function kernelApp(key: FlowKey): App {
  const part = partOf(key);
  if (part === null) return { ...identity('kernel', 'kernel'), exe: null };
  return { ...identity(`kernel:${part.toLowerCase().replaceAll(' ', '-')}`, `kernel: ${part}`), exe: null };
}
