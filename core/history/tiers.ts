import type { RoomLimits } from './room.ts';

/** The tiers of the history, the finest first. */
export const tierNames = ['recent', 'minute', 'quarter', 'day'] as const;
export type TierName = (typeof tierNames)[number];

/** The tiers whose buckets have one length, counted from the epoch in UTC. */
export type FineTierName = Exclude<TierName, 'day'>;

export interface Tier {
  readonly name: TierName;
  /**
   * Length of a bucket's number in milliseconds: bucket `n` begins at `n × unit`. In the day tier a bucket lasts until the
   * local day ends, and its number is that of the quarter-hour it begins in.
   */
  readonly unitMs: number;
  /** How long a bucket is kept after it ended; null: forever. */
  readonly keptMs: number | null;
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
  // A page holds some 150 rows; one download manager with thousands of peers must not make a bucket of many pages.
  recent: {
    name: 'recent',
    unitMs: 10 * secondMs,
    keptMs: 6 * hourMs,
    room: { apps: 256, namesPerApp: 128, domainsPerApp: 64, addressesPerApp: 32 },
  },
  minute: {
    name: 'minute',
    unitMs: minuteMs,
    keptMs: 7 * dayMs,
    room: { apps: 256, namesPerApp: 192, domainsPerApp: 96, addressesPerApp: 48 },
  },
  quarter: {
    name: 'quarter',
    unitMs: quarterMs,
    keptMs: 90 * dayMs,
    room: { apps: 512, namesPerApp: 256, domainsPerApp: 128, addressesPerApp: 64 },
  },
  // Kept forever: 256 addresses of one app a day are about 2 MB in a year.
  day: {
    name: 'day',
    unitMs: quarterMs,
    keptMs: null,
    room: { apps: 1024, namesPerApp: 1024, domainsPerApp: 512, addressesPerApp: 256 },
  },
};

/** How long each fine tier is kept, in milliseconds: a setting. */
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
