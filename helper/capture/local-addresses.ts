import { networkInterfaces } from 'node:os';
import type { NetworkInterfaceInfo } from 'node:os';
import { addressBytes, addressText, canonicalAddress } from '../../core/flow/address.ts';

/** What the system says of the addresses of each interface that is up. */
export type AddressListing = () => NodeJS.Dict<NetworkInterfaceInfo[]>;

/** The machine's own addresses, by interface and together. */
export interface LocalAddresses {
  readonly byInterface: ReadonlyMap<string, readonly string[]>;
  /** Whether an address (canonical text) is one of this machine: loopback and the subnets' broadcast addresses, too. */
  isLocal(address: string): boolean;
}

/** The subnet's last address, which everyone in it listens to; null for IPv6 and for subnets of one or two addresses (RFC 3021). */
function broadcastAddress(cidr: string | null): string | null {
  const [address = '', length = ''] = (cidr ?? '').split('/');
  const bytes = addressBytes(address);
  const bits = Number(length);
  if (bytes?.length !== 4 || !(bits >= 1 && bits <= 30)) return null;
  const host = 2 ** (32 - bits) - 1;
  const last = bytes.map((byte, index) => byte | ((host >>> (8 * (3 - index))) & 0xff));
  return addressText(last, 0, 4);
}

/** Reads the addresses as they are now. Costs one netlink dump, far below a millisecond on a desktop. */
export function readLocalAddresses(listing: AddressListing = networkInterfaces): LocalAddresses {
  const byInterface = new Map<string, readonly string[]>();
  const all = new Set<string>(['127.0.0.1', '::1']);
  for (const [name, entries = []] of Object.entries(listing())) {
    const addresses = entries.map((entry) => canonicalAddress(entry.address)).filter((text) => text !== null);
    const broadcasts = entries.map((entry) => broadcastAddress(entry.cidr)).filter((text) => text !== null);
    byInterface.set(name, addresses);
    for (const address of [...addresses, ...broadcasts]) all.add(address);
  }
  return { byInterface, isLocal: (address) => all.has(address) || address.startsWith('127.') };
}
