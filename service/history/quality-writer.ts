import type { Database, Statement } from 'better-sqlite3';
import type { Quality } from '../../core/history/quality.ts';
import { addSideRow, qualityKeys } from '../../core/history/side-statements.ts';
import { sideRooms } from '../../core/history/side-tiers.ts';
import type { SideTierName } from '../../core/history/side-tiers.ts';
import type { BucketHost, UsageKey } from '../../core/history/usage.ts';
import type { Dimensions } from './dimensions.ts';

/** A bucket that is written to, and the quarter-hour in which that happens. */
export interface SideBucket {
  readonly tier: SideTierName;
  readonly bucket: number;
  readonly quarter: number;
}

/** The quality of what one row of usage counts, with the number of its host in that bucket. */
export interface QualityRow {
  readonly key: UsageKey;
  readonly host: number;
  readonly quality: Quality;
}

interface Pair {
  readonly app: number;
  readonly host: number;
}

/** Buckets remembered for each tier: the running one, and the one before where a write meets its end. */
const maximumRooms = 4;

function restOf(host: BucketHost): BucketHost {
  return host.kind === 'address' || host.kind === 'other-addresses' ? { kind: 'other-addresses' } : { kind: 'other-names' };
}

/** Adds to how well connections went. Inside a write's transaction. */
export class QualityWriter {
  readonly #dimensions: Dimensions;
  readonly #add: Readonly<Record<SideTierName, Statement<number[]>>>;
  readonly #keys: Readonly<Record<SideTierName, Statement<[number], Pair>>>;
  /** Pairs of app and host that stand for themselves, by bucket. */
  readonly #rooms: Readonly<Record<SideTierName, Map<number, Set<string>>>> = { quarter: new Map(), day: new Map() };

  constructor(database: Database, dimensions: Dimensions) {
    this.#dimensions = dimensions;
    this.#add = { quarter: database.prepare(addSideRow('quality', 'quarter')), day: database.prepare(addSideRow('quality', 'day')) };
    this.#keys = { quarter: database.prepare(qualityKeys('quarter')), day: database.prepare(qualityKeys('day')) };
  }

  /** Forgets what it remembers: after a transaction was rolled back or rows were deleted. */
  forget(): void {
    for (const rooms of Object.values(this.#rooms)) rooms.clear();
  }

  add(place: SideBucket, row: QualityRow): void {
    const app = this.#dimensions.app(row.key.owner, place.quarter);
    const host = this.#hostPlace(place, { app, host: row.host }, row.key.host);
    const { samples, least, sum, most, retransmits, packets } = row.quality;
    this.#add[place.tier].run(place.bucket, app, host, samples, least, sum, most, retransmits, packets);
  }

  #hostPlace(place: SideBucket, pair: Pair, host: BucketHost): number {
    const room = this.#roomOf(place);
    const key = `${pair.app} ${pair.host}`;
    if (!room.has(key)) {
      if (room.size >= sideRooms[place.tier].quality.pairs) return this.#dimensions.host(restOf(host), place.quarter, keepingIn(place.tier));
      room.add(key);
    }
    return pair.host;
  }

  #roomOf({ tier, bucket }: SideBucket): Set<string> {
    const rooms = this.#rooms[tier];
    const known = rooms.get(bucket);
    if (known !== undefined) return known;
    const room = new Set(this.#keys[tier].all(bucket).map(({ app, host }) => `${app} ${host}`));
    const [oldest] = rooms.keys();
    if (rooms.size >= maximumRooms && oldest !== undefined) rooms.delete(oldest);
    rooms.set(bucket, room);
    return room;
  }
}

/** Whether a row in a tier keeps its host for ever. */
export function keepingIn(tier: SideTierName): 'for-a-time' | 'lasting' {
  return tier === 'day' ? 'lasting' : 'for-a-time';
}
