import type { EpochMs } from '../../protocol/units.ts';
import { AgedMap } from '../flow/aged-map.ts';
import type { Claim } from './claim.ts';
import { registrableDomain } from './registrable-domain.ts';

export interface AddressClaimsLimits {
  readonly maximumAddresses: number;
  readonly maximumNamesPerAddress: number;
  readonly keepAtLeastMilliseconds: number;
  readonly keepAtMostMilliseconds: number;
}

const none: readonly Claim[] = [];

/** How long a claim is kept after it was last heard, in milliseconds. */
function lifetime({ ttlSeconds }: Claim, limits: AddressClaimsLimits): number {
  return Math.min(limits.keepAtMostMilliseconds, Math.max(limits.keepAtLeastMilliseconds, ttlSeconds * 1000));
}

function isSame(one: Claim, other: Claim): boolean {
  return one.name === other.name && one.source === other.source && one.app === other.app;
}

function merged(known: Claim, heard: Claim): Claim {
  const newer = heard.lastSeen >= known.lastSeen ? heard : known;
  return { ...newer, firstSeen: known.firstSeen <= heard.firstSeen ? known.firstSeen : heard.firstSeen };
}

/**
 * The claim that gives way where one address has too many names: the oldest of the registrable domain that has most of
 * them. Whoever sprays names of one domain over an address so displaces only names of that domain.
 */
function leastValuable(claims: readonly Claim[]): Claim | undefined {
  const counts = new Map<string, number>();
  const domainOf = (claim: Claim): string => registrableDomain(claim.name) ?? claim.name;
  for (const claim of claims) counts.set(domainOf(claim), (counts.get(domainOf(claim)) ?? 0) + 1);
  return claims.toSorted((one, other) => {
    const crowd = (counts.get(domainOf(other)) ?? 0) - (counts.get(domainOf(one)) ?? 0);
    return crowd === 0 ? one.lastSeen - other.lastSeen : crowd;
  })[0];
}

/** The names of addresses, of one kind of source. The address that was heard of longest ago makes room. */
export class AddressClaims {
  readonly #limits: AddressClaimsLimits;
  /** In the order in which the addresses were last heard of. */
  readonly #addresses = new AgedMap<string, readonly Claim[]>();

  constructor(limits: AddressClaimsLimits) {
    this.#limits = limits;
  }

  get size(): number {
    return this.#addresses.size;
  }

  /** What is claimed of an address, the claims that are too old for a connection of the instant `at` left out. */
  of(address: string, at: EpochMs): readonly Claim[] {
    const claims = this.#addresses.get(address);
    if (claims === undefined) return none;
    const isUsable = (claim: Claim): boolean => at - claim.lastSeen <= lifetime(claim, this.#limits);
    return claims.every((claim) => isUsable(claim)) ? claims : claims.filter((claim) => isUsable(claim));
  }

  /** Takes a claim. One that is known already is renewed, and never made older. */
  add(claim: Claim): void {
    const known = this.#addresses.get(claim.address) ?? none;
    const same = known.find((one) => isSame(one, claim));
    const others = same === undefined ? known : known.filter((one) => one !== same);
    const claims = [...others, same === undefined ? claim : merged(same, claim)];
    const tooMany = claims.length > this.#limits.maximumNamesPerAddress ? leastValuable(claims) : undefined;
    this.#addresses.put(claim.address, tooMany === undefined ? claims : claims.filter((one) => one !== tooMany));
    if (this.#addresses.size > this.#limits.maximumAddresses) this.#addresses.shift();
  }

  /** Takes claims that are older than all that is known, such as stored ones: none of what is known makes room for them. */
  addOlder(claims: readonly Claim[]): void {
    const known = [...this.all()];
    this.#addresses.clear();
    for (const claim of [...claims, ...known]) this.add(claim);
  }

  /** Drops what is too old. What claims to come from the future (the clock was set back) is taken as of now. */
  age(now: EpochMs): void {
    for (const address of this.#addresses.keys()) {
      const kept = this.of(address, now).map((claim) => (claim.lastSeen > now ? { ...claim, lastSeen: now, firstSeen: claim.firstSeen > now ? now : claim.firstSeen } : claim));
      if (kept.length === 0) this.#addresses.delete(address);
      else this.#addresses.replace(address, kept);
    }
  }

  /** Drops the claims that are to be forgotten. */
  forget(isForgotten: (claim: Claim) => boolean): void {
    for (const [address, claims] of this.#addresses.entries()) {
      const kept = claims.filter((claim) => !isForgotten(claim));
      if (kept.length === 0) this.#addresses.delete(address);
      else if (kept.length < claims.length) this.#addresses.replace(address, kept);
    }
  }

  /** All claims, in the order in which the addresses were last heard of. */
  *all(): IterableIterator<Claim> {
    for (const claims of this.#addresses.values()) yield* claims;
  }
}
