import type { Database, Statement } from 'better-sqlite3';
import { AppId } from '../../protocol/app.ts';
import { hostKindCodes } from '../../core/history/codes.ts';
import { Room } from '../../core/history/room.ts';
import { tiers } from '../../core/history/tiers.ts';
import type { TierName } from '../../core/history/tiers.ts';
import type { BucketHost, UsageKey } from '../../core/history/usage.ts';
import { bucketKeys } from '../../core/history/write-statements.ts';

interface BucketKey {
  readonly app: string;
  readonly kind: number;
  readonly name: string;
  readonly domain: string;
  readonly network: string;
  /** Empty where it is not known. */
  readonly service: string;
}

/** Rooms remembered for each tier: the running bucket and, where a write meets its end, the one before. */
const maximumRooms = 4;

function hostOf(row: BucketKey): BucketHost {
  switch (row.kind) {
    case hostKindCodes.name:
      return { kind: 'name', name: row.name, domain: row.domain, source: 'dns' };
    case hostKindCodes.address:
      return { kind: 'address', address: row.name };
    case hostKindCodes['rest-of-domain']:
      return { kind: 'rest-of-domain', domain: row.domain };
    case hostKindCodes['other-names']:
      return { kind: 'other-names' };
    default:
      return { kind: 'other-addresses' };
  }
}

function keyOf(row: BucketKey): UsageKey {
  const owner: UsageKey['owner'] =
    row.app === ''
      ? { certainty: 'unknown', reason: 'folded' }
      : { certainty: 'exact', app: { id: AppId.parse(row.app), executable: null, displayName: '' } };
  return { owner, host: hostOf(row), scope: 'internet', network: row.network, service: row.service === '' ? null : row.service };
}

/** The rooms of the buckets that are being written, filled from the file where a bucket was begun by an earlier run. */
export class Rooms {
  readonly #keys: Readonly<Record<TierName, Statement<[number], BucketKey>>>;
  readonly #rooms: Readonly<Record<TierName, Map<number, Room>>> = {
    recent: new Map(),
    minute: new Map(),
    quarter: new Map(),
    day: new Map(),
    month: new Map(),
  };

  constructor(database: Database) {
    const keys = (tier: TierName): Statement<[number], BucketKey> => database.prepare(bucketKeys(tier));
    this.#keys = {
      recent: keys('recent'),
      minute: keys('minute'),
      quarter: keys('quarter'),
      day: keys('day'),
      month: keys('month'),
    };
  }

  forget(): void {
    for (const rooms of Object.values(this.#rooms)) rooms.clear();
  }

  /** The key under which `key` is counted in a bucket. */
  place(tier: TierName, bucket: number, key: UsageKey): UsageKey {
    const rooms = this.#rooms[tier];
    const known = rooms.get(bucket);
    if (known !== undefined) return known.place(key);
    const room = new Room(tiers[tier].room);
    for (const row of this.#keys[tier].all(bucket)) room.place(keyOf(row));
    const [oldest] = rooms.keys();
    if (rooms.size >= maximumRooms && oldest !== undefined) rooms.delete(oldest);
    rooms.set(bucket, room);
    return room.place(key);
  }
}
