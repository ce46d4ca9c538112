import type { TierName } from './tiers.ts';

/**
 * Names of a tier's tables. `usage_*`: a row for each party and host. `party_*`: their sums over the hosts, for views by
 * app and charts. `host_*`: their sums over the parties without loopback, for long views by host and domain.
 */
export function usageTable(tier: TierName): `usage_${TierName}` {
  return `usage_${tier}`;
}

export function partyTable(tier: TierName): `party_${TierName}` {
  return `party_${tier}`;
}

export function hostTable(tier: HostTierName): `host_${HostTierName}` {
  return `host_${tier}`;
}

/** The tiers that long ranges are read from: only there sums by host are worth their place. */
export const hostTiers = ['day', 'month'] as const;
export type HostTierName = (typeof hostTiers)[number];

/** Whether a tier has sums by host. */
export function isHostTier(tier: TierName): tier is HostTierName {
  return tier === 'day' || tier === 'month';
}
