import type { TierName } from './tiers.ts';

/** What is kept beside the usage, each with tables of its own. */
export const sideNames = ['quality', 'http'] as const;
export type SideName = (typeof sideNames)[number];

/** The tiers in which it is kept. */
export const sideTiers = ['quarter', 'day'] as const;
export type SideTierName = (typeof sideTiers)[number];

export function isSideTier(tier: TierName): tier is SideTierName {
  return tier === 'quarter' || tier === 'day';
}

/** How many rows of connection quality one bucket may have. */
export interface QualityRoomLimits {
  /** Pairs of app and host that stand for themselves; what comes after them stands with the app alone. */
  readonly pairs: number;
}

/** How many rows of plain HTTP one bucket may have. */
export interface HttpRoomLimits {
  /** Hosts that stand for themselves; what comes after them is one. */
  readonly hosts: number;
  /** First sections of paths of one host; what comes after them is `other`. */
  readonly sectionsPerHost: number;
  /** Status codes of one host; what comes after them is counted by class. */
  readonly statusesPerHost: number;
}

/**
 * A row of quality takes some 30 bytes, one of HTTP some 25. Were every bucket full day and night, the quarter tier would take 10 and
 * 45 MB and the days 2 and 8 MB in a year; plain HTTP has become rare, and most desktops meet a few hosts a day by it.
 */
export const sideRooms: Readonly<Record<SideTierName, { readonly quality: QualityRoomLimits; readonly http: HttpRoomLimits }>> = {
  quarter: { quality: { pairs: 32 }, http: { hosts: 12, sectionsPerHost: 6, statusesPerHost: 6 } },
  day: { quality: { pairs: 160 }, http: { hosts: 32, sectionsPerHost: 12, statusesPerHost: 8 } },
};
