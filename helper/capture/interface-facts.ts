import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { InterfaceKind } from '../../protocol/helper.ts';

/** What sysfs tells of one interface. */
export interface InterfaceFacts {
  readonly name: string;
  /** Kernel's number of it: another one after an interface of the same name was made anew. */
  readonly index: number;
  readonly kind: InterfaceKind;
  /** A bonding device: its members carry its bytes, in halves that may go different ways. */
  readonly bond: boolean;
  /** IFF_UP: switched on by its administrator, whether or not a cable is in it. */
  readonly up: boolean;
  /** Name of the bridge, bond or like device that this one is a member of; null for none. */
  readonly master: string | null;
  /** Stands on another interface of this namespace (VLAN, macvlan, bond, bridge): its bytes cross that one. */
  readonly stacked: boolean;
}

/** Hardware types of linux/if_arp.h that are tunnels: PPP, IPIP, IP6IP6, SIT, IPGRE, IP6GRE, and NONE (tun, WireGuard, xfrm). */
const tunnelTypes = new Set([512, 768, 769, 776, 778, 823, 65_534]);
const loopbackType = 772;
const ethernetType = 1;
/** DEVTYPE values of tunnels that have an Ethernet type. */
const tunnelDeviceTypes = new Set(['wireguard', 'vxlan', 'geneve', 'gtp', 'ppp', 'bareudp', 'amt', 'ovpn']);
/** IFF_UP in linux/if.h. */
const flagUp = 1;

/** The text of one attribute, or null where the driver or the moment has none: attributes come and go with the interface. */
function attribute(folder: string, name: string): string | null {
  try {
    return readFileSync(join(folder, name), 'latin1').trim();
  } catch {
    return null;
  }
}

function numberOf(folder: string, name: string): number {
  return Number(attribute(folder, name) ?? Number.NaN);
}

function masterOf(folder: string): string | null {
  try {
    return basename(readlinkSync(join(folder, 'master')));
  } catch {
    return null;
  }
}

function deviceType(folder: string): string | null {
  return /^DEVTYPE=(.+)$/mu.exec(attribute(folder, 'uevent') ?? '')?.[1] ?? null;
}

/**
 * What the interface is. A switch port behind a conduit (DSA) has a device, too, but its bytes cross the conduit.
 * A veth says nothing of itself: it is an Ethernet device without type whose peer (`iflink`) is another index.
 */
function classify(folder: string, entries: ReadonlySet<string>, standsOnOther: boolean): InterfaceKind {
  const type = numberOf(folder, 'type');
  const devtype = deviceType(folder);
  if (type === loopbackType) return 'loopback';
  if (entries.has('device') && devtype !== 'dsa') return 'physical';
  if (entries.has('tun_flags') || tunnelTypes.has(type) || tunnelDeviceTypes.has(devtype ?? '')) return 'tunnel';
  if (entries.has('bridge')) return 'bridge';
  const hasPeer = numberOf(folder, 'iflink') !== numberOf(folder, 'ifindex');
  return type === ethernetType && devtype === null && hasPeer && !standsOnOther ? 'veth' : 'virtual';
}

/** Reads everything about one interface; null where it has gone. Costs eight small reads. */
export function readInterfaceFacts(classNet: string, name: string): InterfaceFacts | null {
  const folder = join(classNet, name);
  let entries: ReadonlySet<string>;
  try {
    entries = new Set(readdirSync(folder));
  } catch {
    return null;
  }
  const stacked = [...entries].some((entry) => entry.startsWith('lower_'));
  const index = numberOf(folder, 'ifindex');
  if (!Number.isInteger(index)) return null;
  return {
    name,
    index,
    kind: classify(folder, entries, stacked),
    bond: entries.has('bonding'),
    up: (numberOf(folder, 'flags') & flagUp) !== 0,
    master: masterOf(folder),
    stacked,
  };
}

/**
 * Reads what changes while an interface lives (up, member of). Three reads. Where the index differs, an interface of the same
 * name was made anew, and everything is read; null where it has gone.
 */
export function refreshInterfaceFacts(classNet: string, known: InterfaceFacts): InterfaceFacts | null {
  const folder = join(classNet, known.name);
  if (numberOf(folder, 'ifindex') !== known.index) return readInterfaceFacts(classNet, known.name);
  const up = (numberOf(folder, 'flags') & flagUp) !== 0;
  const master = masterOf(folder);
  return up === known.up && master === known.master ? known : { ...known, up, master };
}
