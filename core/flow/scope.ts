import type { Scope } from '../../protocol/app.ts';
import { addressBytes } from './address.ts';
import type { NetworkPrefix } from './network-prefix.ts';
import { parseNetworkPrefix, prefixContains } from './network-prefix.ts';

/** Tells where a remote address is. The text may be written in any valid way; one that is no address is `internet`. */
export type ScopeOf = (remoteAddress: string) => Scope;

function prefixes(texts: readonly string[]): readonly NetworkPrefix[] {
  return texts.flatMap((text) => parseNetworkPrefix(text) ?? []);
}

/** IANA IPv4 and IPv6 special-purpose address registries (RFC 6890), and RFC 1122 3.2.1.3 for 127/8. */
const loopback = prefixes(['127.0.0.0/8', '::1/128']);

/** RFC 5771, RFC 4291 2.7, and the limited broadcast of RFC 919 7. */
const multicast = prefixes(['224.0.0.0/4', 'ff00::/8', '255.255.255.255/32']);

/**
 * What no router carries to the internet: RFC 1918, link-local (RFC 3927, RFC 4291 2.5.6), unique local (RFC 4193),
 * carrier-grade NAT (RFC 6598), and "this network" (RFC 1122 3.2.1.3; `::`), which hosts without an address send from.
 */
const local = prefixes([
  '10.0.0.0/8',
  '172.16.0.0/12',
  '192.168.0.0/16',
  '169.254.0.0/16',
  '100.64.0.0/10',
  '0.0.0.0/8',
  'fe80::/10',
  'fc00::/7',
  '::/128',
]);

/**
 * The scopes of a machine. `localNetworks` are the user's own prefixes, which count as `lan` beside the private ones;
 * they never make loopback or multicast anything else.
 */
export function createScopes(localNetworks: readonly NetworkPrefix[]): ScopeOf {
  const lan = [...local, ...localNetworks];
  return (remoteAddress) => {
    const bytes = addressBytes(remoteAddress);
    if (bytes === null) return 'internet';
    const within = (prefix: NetworkPrefix): boolean => prefixContains(prefix, bytes);
    if (loopback.some(within)) return 'loopback';
    if (multicast.some(within)) return 'multicast';
    return lan.some(within) ? 'lan' : 'internet';
  };
}
