import { readFileSync } from 'node:fs';

/** What one interface has moved since it is there. Bytes with their link-layer headers. */
export interface InterfaceTotals {
  readonly rxBytes: number;
  readonly rxPackets: number;
  readonly txBytes: number;
  readonly txPackets: number;
}

/** Hardware types of linux/if_arp.h whose frames have an Ethernet header: Ethernet itself, and loopback. */
const withEthernetHeader = new Set(['1', '772']);
const ethernetHeaderBytes = 14;

/** Every interface's counters by name, from one reading of /proc/net/dev (proc_pid_net(5)). */
export function readInterfaceTotals(path = '/proc/net/dev'): ReadonlyMap<string, InterfaceTotals> {
  const all = new Map<string, InterfaceTotals>();
  for (const line of readFileSync(path, 'latin1').split('\n').slice(2)) {
    const colon = line.indexOf(':');
    if (colon < 0) continue;
    const numbers = line.slice(colon + 1).trim().split(/\s+/u).map(Number);
    const [rxBytes = Number.NaN, rxPackets = Number.NaN] = numbers;
    const [txBytes = Number.NaN, txPackets = Number.NaN] = numbers.slice(8);
    if (![rxBytes, rxPackets, txBytes, txPackets].every((each) => Number.isSafeInteger(each) && each >= 0)) continue;
    all.set(line.slice(0, colon).trim(), { rxBytes, rxPackets, txBytes, txPackets });
  }
  return all;
}

/** Bytes of link-layer header in each frame that the counters of an interface count: 0 where its frames begin with the IP header. */
export function linkHeaderBytes(name: string, classNet = '/sys/class/net'): number {
  try {
    return withEthernetHeader.has(readFileSync(`${classNet}/${name}/type`, 'latin1').trim()) ? ethernetHeaderBytes : 0;
  } catch {
    return 0;
  }
}
