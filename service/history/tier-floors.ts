import type { Database, Statement } from 'better-sqlite3';
import type { Floors } from '../../core/history/pieces.ts';
import type { FineTierName } from '../../core/history/tiers.ts';
import { readFloors, writeFloor } from '../../core/history/write-statements.ts';

/** Reads and moves the floors: since when each tier is complete. */
export class TierFloors {
  readonly #read: Statement<[], { readonly tier: string; readonly floor: number }>;
  readonly #write: Statement<[number, string]> | null;

  constructor(database: Database) {
    this.#read = database.prepare(readFloors);
    this.#write = database.readonly ? null : database.prepare(writeFloor);
  }

  read(): Floors {
    const floors = new Map(this.#read.all().map((row) => [row.tier, row.floor]));
    return {
      recent: floors.get('recent') ?? 0,
      minute: floors.get('minute') ?? 0,
      quarter: floors.get('quarter') ?? 0,
    };
  }

  /** Sets a floor, in ms since the epoch. Inside a transaction. */
  set(tier: FineTierName, floor: number): void {
    this.#write?.run(floor, tier);
  }
}
