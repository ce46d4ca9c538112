import { spawnSync } from 'node:child_process';
import { z } from 'zod';
import type { Namespace } from './namespace.ts';
import { linkName } from './namespace.ts';

/**
 * nftables counters in the peer's namespace: a second, independent account of the same IP bytes. They count what the
 * peer sent and received on the link, named from the client's side.
 */

export interface Counted {
  readonly rxBytes: number;
  readonly txBytes: number;
  readonly rxPackets: number;
  readonly txPackets: number;
}

/** Which traffic a counter counts; what is absent does not matter. Addresses of one family each or both. */
export interface CounterRule {
  readonly clientAddresses?: readonly string[];
  readonly peerAddresses?: readonly string[];
  /** The peer's addresses that do not count; with `clientAddresses` only. */
  readonly exceptPeerAddresses?: readonly string[];
  /** A match in nftables' own words, for example `udp dport 53`, on packets that the client sent. */
  readonly sent?: string;
  /** The same for packets that the client receives. */
  readonly received?: string;
}

/** The alternatives of a rule as nftables matches: one for each family that its addresses have. */
function matches(rule: CounterRule, side: 'received' | 'sent'): readonly string[] {
  const [clientField, peerField] = side === 'sent' ? ['saddr', 'daddr'] : ['daddr', 'saddr'];
  const extra = rule[side] ?? '';
  if (rule.clientAddresses === undefined && rule.peerAddresses === undefined) return [extra];
  return (['ip', 'ip6'] as const).flatMap((family) => {
    const ofFamily = (list: readonly string[]): readonly string[] => list.filter((address) => address.includes(':') === (family === 'ip6'));
    const parts = [[clientField, rule.clientAddresses], [peerField, rule.peerAddresses]] as const;
    const written: string[] = [];
    for (const [field, list] of parts) {
      if (list === undefined) continue;
      if (ofFamily(list).length === 0) return [];
      written.push(`${family} ${field} { ${ofFamily(list).join(', ')} }`);
    }
    const except = ofFamily(rule.exceptPeerAddresses ?? []);
    if (except.length > 0) written.push(`${family} ${peerField} != { ${except.join(', ')} }`);
    return [`${written.join(' ')} ${extra}`];
  });
}

function ruleset(rules: Readonly<Record<string, CounterRule>>): string {
  const names = Object.keys(rules);
  const lines = (side: 'received' | 'sent', direction: string): string =>
    Object.entries(rules)
      .flatMap(([name, rule]) => matches(rule, side).map((match) => `${direction} "${linkName}" ${match} counter name "${name}-${side}"`))
      .join('\n');
  return `table inet tidewatch {
    ${names.flatMap((name) => [`counter ${name}-sent { }`, `counter ${name}-received { }`]).join('\n')}
    chain arriving { type filter hook prerouting priority -500; ${lines('sent', 'iifname')}
    }
    chain leaving { type filter hook postrouting priority 500; ${lines('received', 'oifname')}
    }
  }\n`;
}

const Listing = z.object({
  nftables: z.array(
    z.object({ counter: z.object({ name: z.string(), packets: z.number(), bytes: z.number() }).optional() }),
  ),
});

export interface Counters<Name extends string> {
  /** What has been counted since the last reset. */
  read(): Readonly<Record<Name, Counted>>;
  reset(): void;
}

/** Sets up one pair of counters for each rule. Names: letters and dashes. */
export function startCounters<Name extends string>(peer: Namespace, rules: Readonly<Record<Name, CounterRule>>): Counters<Name> {
  const nft = (words: readonly string[], input = ''): string => {
    const { status, stdout, stderr } = spawnSync('ip', ['netns', 'exec', peer.name, 'nft', ...words], { encoding: 'utf8', input });
    if (status !== 0) throw new Error(`nft ${words.join(' ')}: ${stderr}`);
    return stdout;
  };
  nft(['-f', '-'], ruleset(rules));
  const names = Object.keys(rules).filter((name): name is Name => name in rules);
  const read = (): Readonly<Record<Name, Counted>> => {
    const listed = Listing.parse(JSON.parse(nft(['-j', 'list', 'counters'])));
    const found = new Map(listed.nftables.flatMap(({ counter }) => (counter === undefined ? [] : [[counter.name, counter]])));
    const counted = names.map((name): [Name, Counted] => {
      const sent = found.get(`${name}-sent`);
      const received = found.get(`${name}-received`);
      if (sent === undefined || received === undefined) throw new Error(`nftables lost the counter ${name}`);
      return [name, { rxBytes: received.bytes, txBytes: sent.bytes, rxPackets: received.packets, txPackets: sent.packets }];
    });
    return Object.fromEntries(counted) as Readonly<Record<Name, Counted>>;
  };
  return { read, reset: () => void nft(['reset', 'counters']) };
}
