import type { RoomLimits } from './room.ts';

/** The tiers of the history, the finest first. */
export const tierNames = ['recent', 'minute', 'quarter', 'day', 'month'] as const;
export type TierName = (typeof tierNames)[number];

/** The tiers whose buckets have one length, counted from the epoch in UTC. */
export const fineTiers = ['recent', 'minute', 'quarter'] as const;
export type FineTierName = (typeof fineTiers)[number];

export interface Tier {
  readonly name: TierName;
  /**
   * Length of a bucket's number in milliseconds: bucket `n` begins at `n × unit`. In the day and month tiers a bucket lasts
   * as long as the local calendar says, and its number is that of the quarter-hour it begins in.
   */
  readonly unitMs: number;
  /** How many rows one bucket may have. */
  readonly room: RoomLimits;
}

const secondMs = 1000;
const minuteMs = 60 * secondMs;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;

export const quarterMs = 15 * minuteMs;

/** Every time zone in use is a multiple of 15 minutes from UTC, so that quarter-hours can be summed to local days. */
export const tiers: Readonly<Record<TierName, Tier>> = {
  // A row takes some 25 bytes. Were every bucket full day and night, the fine tiers would take 9, 48 and 83 MB, and the
  // days and months 45 MB in a year: that is all a file can grow to, and quiet hours leave most of it unused.
  recent: {
    name: 'recent',
    unitMs: 10 * secondMs,
    room: { apps: 128, hosts: 160, namesPerApp: 96, domainsPerApp: 64, addressesPerApp: 32 },
  },
  minute: {
    name: 'minute',
    unitMs: minuteMs,
    room: { apps: 128, hosts: 192, namesPerApp: 128, domainsPerApp: 96, addressesPerApp: 48 },
  },
  quarter: {
    name: 'quarter',
    unitMs: quarterMs,
    room: { apps: 256, hosts: 384, namesPerApp: 256, domainsPerApp: 128, addressesPerApp: 64 },
  },
  day: {
    name: 'day',
    unitMs: quarterMs,
    room: { apps: 512, hosts: 2048, namesPerApp: 1024, domainsPerApp: 512, addressesPerApp: 256 },
  },
  // What long ranges are read from: a year is some fifty thousand rows instead of half a million.
  month: {
    name: 'month',
    unitMs: quarterMs,
    room: { apps: 1024, hosts: 8192, namesPerApp: 3072, domainsPerApp: 1024, addressesPerApp: 512 },
  },
};

/** How long each fine tier is kept, in milliseconds: a setting. Days and months are kept forever. */
export type Retention = Readonly<Record<FineTierName, number>>;

export const defaultRetention: Retention = { recent: 6 * hourMs, minute: 7 * dayMs, quarter: 90 * dayMs };

/**
 * The least that may be kept: a range that ends now is made of whole days and finer pieces of today, so the pieces of
 * today (25 hours at most, and a second day while a zone change is under way) must be there.
 */
export const leastRetention: Retention = { recent: hourMs, minute: 2 * hourMs, quarter: 2 * dayMs };

/** The number of the fine bucket that holds `time` (in ms since the epoch). */
export function bucketOf(tier: TierName, time: number): number {
  return Math.floor(time / tiers[tier].unitMs);
}

/** The number of the first bucket that begins at `time` or after it. */
export function bucketFrom(tier: TierName, time: number): number {
  return Math.ceil(time / tiers[tier].unitMs);
}

/** When a bucket begins, in ms since the epoch. */
export function startOf(tier: TierName, bucket: number): number {
  return bucket * tiers[tier].unitMs;
}
