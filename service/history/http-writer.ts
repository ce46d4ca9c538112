import type { Database, Statement } from 'better-sqlite3';
import { httpHost } from '../../core/history/http-host.ts';
import { HttpRoom, httpCountsOf } from '../../core/history/http-room.ts';
import type { HttpKind } from '../../core/history/http-room.ts';
import { addSideRow, httpKeys } from '../../core/history/side-statements.ts';
import { sideRooms } from '../../core/history/side-tiers.ts';
import type { SideTierName } from '../../core/history/side-tiers.ts';
import type { HttpHostSum } from '../../protocol/http.ts';
import type { Dimensions } from './dimensions.ts';
import { keepingIn } from './quality-writer.ts';
import type { SideBucket } from './quality-writer.ts';

interface KeptCount {
  readonly host: number;
  readonly kind: HttpKind;
  readonly item: string;
}

/** Buckets remembered for each tier: the running one, and the one before where a write meets its end. */
const maximumRooms = 4;

/** Adds to what plain HTTP was asked for. Inside a write's transaction. */
export class HttpWriter {
  readonly #dimensions: Dimensions;
  readonly #add: Readonly<Record<SideTierName, Statement<[number, number, number, string, number]>>>;
  readonly #keys: Readonly<Record<SideTierName, Statement<[number], KeptCount>>>;
  readonly #rooms: Readonly<Record<SideTierName, Map<number, HttpRoom>>> = { quarter: new Map(), day: new Map() };

  constructor(database: Database, dimensions: Dimensions) {
    this.#dimensions = dimensions;
    this.#add = { quarter: database.prepare(addSideRow('http', 'quarter')), day: database.prepare(addSideRow('http', 'day')) };
    this.#keys = { quarter: database.prepare(httpKeys('quarter')), day: database.prepare(httpKeys('day')) };
  }

  /** Forgets what it remembers: after a transaction was rolled back or rows were deleted. */
  forget(): void {
    for (const rooms of Object.values(this.#rooms)) rooms.clear();
  }

  add(place: SideBucket, hosts: readonly HttpHostSum[]): void {
    const { tier, bucket, quarter } = place;
    const keeping = keepingIn(tier);
    const room = this.#roomOf(place);
    const rest = this.#dimensions.host(httpHost(null), quarter, keeping);
    for (const sum of hosts) {
      const wanted = this.#dimensions.host(httpHost(sum.host), quarter, keeping);
      const host = room.host(wanted, rest);
      for (const count of httpCountsOf(sum)) this.#add[tier].run(bucket, host, count.kind, room.item(host, count), count.times);
    }
  }

  #roomOf({ tier, bucket }: SideBucket): HttpRoom {
    const rooms = this.#rooms[tier];
    const known = rooms.get(bucket);
    if (known !== undefined) return known;
    const room = new HttpRoom(sideRooms[tier].http);
    for (const count of this.#keys[tier].all(bucket)) room.item(count.host, count);
    const [oldest] = rooms.keys();
    if (rooms.size >= maximumRooms && oldest !== undefined) rooms.delete(oldest);
    rooms.set(bucket, room);
    return room;
  }
}
