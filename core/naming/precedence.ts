import type { AppId } from '../../protocol/app.ts';
import type { EpochMs } from '../../protocol/units.ts';
import type { Claim, ClaimSource } from './claim.ts';
import type { NamingLimits } from './limits.ts';

/**
 * The rules of precedence, best first:
 * 1. the name that the flow itself carried (SNI, Host);
 * 2. an answer of the system's resolver, or of DNS to the same app, that came within seconds before the connection;
 * 3. an answer of DNS to anybody before the connection;
 * 4. an answer that first came shortly after the connection began;
 * 5. what a host of the LAN says of itself (mDNS, LLMNR, NetBIOS);
 * 6. reverse DNS.
 * Of the same rank, the answer nearest to the beginning of the connection counts.
 */
export const rankOf = { flow: 6, asked: 5, dns: 4, late: 3, lan: 2, reverse: 1 } as const;
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
  /** Between the beginning of the connection and the instant the claim was heard nearest to it, in milliseconds. */
  readonly distance: number;
}

type Timing = Pick<NamingLimits, 'freshMilliseconds' | 'skewMilliseconds' | 'lateMilliseconds'>;

const baseRank = {
  resolver: rankOf.dns,
  dns: rankOf.dns,
  mdns: rankOf.lan,
  llmnr: rankOf.lan,
  netbios: rankOf.lan,
  'reverse-dns': rankOf.reverse,
} as const satisfies Record<ClaimSource, Rank>;

/**
 * What a claim weighs for a connection. Null where it was first heard long after the connection began: then it says
 * nothing of it. Reverse DNS is asked because of the connection, and hosts of the LAN speak when they like.
 */
export function weigh(claim: Claim, { app, openedAt }: Connection, timing: Timing): WeighedClaim | null {
  const rank = baseRank[claim.source];
  if (rank === rankOf.reverse || rank === rankOf.lan) return { claim, rank, distance: Math.abs(openedAt - claim.lastSeen) };
  const began = openedAt + timing.skewMilliseconds;
  const heardAt = claim.lastSeen <= began ? claim.lastSeen : claim.firstSeen;
  const distance = Math.abs(openedAt - heardAt);
  if (heardAt > began) return distance <= timing.lateMilliseconds ? { claim, rank: rankOf.late, distance } : null;
  const isForThisApp = claim.source === 'resolver' || (claim.app !== null && claim.app === app);
  return { claim, rank: isForThisApp && distance <= timing.freshMilliseconds ? rankOf.asked : rank, distance };
}

/** The better of two; on a tie the first stays. */
export function better(one: WeighedClaim | null, other: WeighedClaim | null): WeighedClaim | null {
  if (one === null || other === null) return one ?? other;
  if (one.rank !== other.rank) return one.rank > other.rank ? one : other;
  return other.distance < one.distance ? other : one;
}

/** The claim that names a connection, or null. */
export function bestClaim(claims: readonly Claim[], connection: Connection, timing: Timing): WeighedClaim | null {
  let best: WeighedClaim | null = null;
  for (const claim of claims) best = better(best, weigh(claim, connection, timing));
  return best;
}
