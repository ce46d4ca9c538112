import type { AppId } from '../../protocol/app.ts';
import type { EpochMs } from '../../protocol/units.ts';
import type { Claim, ClaimSource } from './claim.ts';
import type { NamingLimits } from './limits.ts';

/**
 * The rules of precedence, best first:
 * 1. the name that the flow itself carried (SNI, Host);
 * 2. an answer of the system's resolver, or of DNS to the same app, that came within seconds before the connection;
 * 3. an answer of DNS to anybody;
 * 4. what a host of the LAN says of itself (mDNS, LLMNR, NetBIOS);
 * 5. reverse DNS.
 * Of the same rank, the answer nearest before the connection counts.
 */
export const rankOf = { flow: 5, asked: 4, dns: 3, lan: 2, reverse: 1 } as const;
export type Rank = (typeof rankOf)[keyof typeof rankOf];

/** The connection that a name is wanted for. */
export interface Connection {
  readonly app: AppId | null;
  readonly openedAt: EpochMs;
}

/** A claim with its weight for one connection. */
export interface WeighedClaim {
  readonly claim: Claim;
  readonly rank: Rank;
  /** When the claim was last heard before the connection. */
  readonly heardAt: EpochMs;
}

type Timing = Pick<NamingLimits, 'freshMilliseconds' | 'lateMilliseconds'>;

const baseRank = {
  resolver: rankOf.dns,
  dns: rankOf.dns,
  mdns: rankOf.lan,
  llmnr: rankOf.lan,
  netbios: rankOf.lan,
  'reverse-dns': rankOf.reverse,
} as const satisfies Record<ClaimSource, Rank>;

/**
 * What a claim weighs for a connection. Null where it was first heard after the connection began: then it is not where
 * the connection came from. Reverse DNS is asked because of the connection, so it comes after it by nature.
 */
export function weigh(claim: Claim, { app, openedAt }: Connection, timing: Timing): WeighedClaim | null {
  const rank = baseRank[claim.source];
  if (rank === rankOf.reverse || rank === rankOf.lan) return { claim, rank, heardAt: claim.lastSeen };
  const latest = openedAt + timing.lateMilliseconds;
  if (claim.firstSeen > latest) return null;
  const heardAt = claim.lastSeen <= latest ? claim.lastSeen : claim.firstSeen;
  const isForThisApp = claim.source === 'resolver' || (claim.app !== null && claim.app === app);
  const isFresh = openedAt - heardAt <= timing.freshMilliseconds;
  return { claim, rank: isForThisApp && isFresh ? rankOf.asked : rank, heardAt };
}

/** The better of two; on a tie the first stays. */
export function better(one: WeighedClaim | null, other: WeighedClaim | null): WeighedClaim | null {
  if (one === null || other === null) return one ?? other;
  if (one.rank !== other.rank) return one.rank > other.rank ? one : other;
  return other.heardAt > one.heardAt ? other : one;
}

/** The claim that names a connection, or null. */
export function bestClaim(claims: readonly Claim[], connection: Connection, timing: Timing): WeighedClaim | null {
  let best: WeighedClaim | null = null;
  for (const claim of claims) best = better(best, weigh(claim, connection, timing));
  return best;
}
