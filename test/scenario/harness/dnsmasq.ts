import type { Network } from './namespace.ts';
import { peerAddresses } from './namespace.ts';
import { until } from './until.ts';

/** Names that resolve by a CNAME to a content network's name, as most names of the web do. */
export const names = { com: 'www.example.com', net: 'media.example.net', org: 'data.example.org' } as const;

/** The domains that {@link names} belong to. */
export const domains = { com: 'example.com', net: 'example.net', org: 'example.org' } as const;

/** The alias target's addresses; the name in the middle is nobody's to be credited with. */
function recordsOf(key: keyof typeof names, four: string, six: string): readonly string[] {
  const edge = `edge-${key}.cdn.example`;
  return [`--cname=${names[key]},${edge}`, `--host-record=${edge},${four},${six}`];
}

/**
 * Starts dnsmasq in the peer, authoritative for {@link names} and `more` (a name with its address) and for nothing else, and
 * waits until it listens.
 */
export async function startDnsmasq(network: Network, more: Readonly<Record<string, string>> = {}): Promise<void> {
  const server = network.peer.start('dnsmasq', [
    '--keep-in-foreground', '--conf-file=/dev/null', '--no-resolv', '--no-hosts', '--user=root', '--log-facility=-',
    '--pid-file', '--bind-interfaces', `--listen-address=${peerAddresses.resolver}`, '--local-ttl=30',
    ...Object.entries(more).map(([name, address]) => `--host-record=${name},${address}`),
    ...recordsOf('com', peerAddresses.com, peerAddresses.comSix),
    ...recordsOf('net', peerAddresses.net, peerAddresses.netSix),
    ...recordsOf('org', peerAddresses.org, peerAddresses.orgSix),
  ]);
  await until('dnsmasq to listen', 5000, () => {
    if (!server.running) throw new Error(`dnsmasq ended: ${server.stderr}`);
    return /started, version/u.test(server.stderr);
  });
}
