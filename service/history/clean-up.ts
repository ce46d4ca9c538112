import type { Database, Statement } from 'better-sqlite3';
import type { DaySpan } from '../../core/history/day-span.ts';
import * as sql from '../../core/history/keep-statements.ts';
import { tierCodes } from '../../core/history/read-statements.ts';
import { dueFloors } from '../../core/history/retention.ts';
import { expireSide } from '../../core/history/side-statements.ts';
import { sideNames } from '../../core/history/side-tiers.ts';
import { bucketOf, fineTiers, quarterMs } from '../../core/history/tiers.ts';
import type { FineTierName, Retention } from '../../core/history/tiers.ts';
import { spanBefore } from '../../core/history/write-statements.ts';
import { TierFloors } from './tier-floors.ts';

/** Rows that one step deletes at most: some 10 ms, so that a write never waits for long. */
export const rowsPerStep = 2000;

/** Hosts that one step looks at. */
const hostsPerStep = 5000;

export interface CleanUpStep {
  /** Whether another step would find something to do. */
  readonly more: boolean;
  readonly deletedRows: number;
  /** Hosts among them: their numbers must not be used any more. */
  readonly deletedHosts: number;
}

type Expire = (before: number, limit: number) => number;

function sideExpiries(database: Database): readonly Expire[] {
  return sideNames.map((name) => {
    const statement = database.prepare<[number, number]>(expireSide(name));
    return (before, limit) => statement.run(before, limit).changes;
  });
}

/** Deletes what is older than its tier keeps, in small steps: floors first, so that a range never reads half a bucket. */
export class CleanUp {
  readonly #floors: TierFloors;
  readonly #spanBefore: Statement<[number], DaySpan>;
  readonly #expire: Readonly<Record<FineTierName, readonly Expire[]>>;
  readonly #expireHosts: Statement<[number, number, number]>;
  readonly #lastHost: Statement<[], { readonly id: number | null }>;
  readonly #step: (now: number, retention: Retention) => CleanUpStep;
  /** The quarter tier's floor for which hosts have been looked through, and how far; null: to the end. */
  #hostPass: { readonly floor: number; readonly after: number | null } = { floor: 0, after: null };

  constructor(database: Database) {
    this.#floors = new TierFloors(database);
    this.#spanBefore = database.prepare(spanBefore);
    const expire = (tier: FineTierName): readonly Expire[] => {
      const coverage = database.prepare<[number, number, number]>(sql.expireCoverage);
      const usage = database.prepare<[number, number]>(sql.expireUsage(tier));
      const parties = database.prepare<[number, number]>(sql.expireParties(tier));
      return [
        (before, limit) => usage.run(before, limit).changes,
        (before, limit) => parties.run(before, limit).changes,
        (before, limit) => coverage.run(tierCodes[tier], before, limit).changes,
        ...(tier === 'quarter' ? sideExpiries(database) : []),
      ];
    };
    this.#expire = { recent: expire('recent'), minute: expire('minute'), quarter: expire('quarter') };
    this.#expireHosts = database.prepare(sql.expireHosts);
    this.#lastHost = database.prepare(sql.lastHost);
    const transaction = database.transaction((now: number, retention: Retention) => this.#take(now, retention));
    this.#step = (now, retention) => transaction.immediate(now, retention);
  }

  /** One step, one transaction. Throws SQLite's error where it could not. */
  step(now: number, retention: Retention): CleanUpStep {
    return this.#step(now, retention);
  }

  #take(now: number, retention: Retention): CleanUpStep {
    const floors = this.#raiseFloors(now, retention);
    let left = rowsPerStep;
    for (const tier of fineTiers) {
      for (const expire of this.#expire[tier]) left -= left > 0 ? expire(bucketOf(tier, floors[tier]), left) : 0;
    }
    if (left <= 0) return { more: true, deletedRows: rowsPerStep, deletedHosts: 0 };
    const deletedHosts = this.#expireHostRows(bucketOf('quarter', floors.quarter));
    return { more: this.#hostPass.after !== null, deletedRows: rowsPerStep - left + deletedHosts, deletedHosts };
  }

  #raiseFloors(now: number, retention: Retention): Readonly<Record<FineTierName, number>> {
    const floors = this.#floors.read();
    const spanBefore = (time: number): DaySpan | null => this.#spanBefore.get(Math.floor(time / quarterMs)) ?? null;
    const due = dueFloors(now, { retention, floors, spanBefore });
    for (const tier of fineTiers) if (due[tier] !== floors[tier]) this.#floors.set(tier, due[tier]);
    return due;
  }

  /** Looks on through the hosts once the quarter tier's floor has moved: names that no row has any more leave the file. */
  #expireHostRows(floor: number): number {
    if (floor > this.#hostPass.floor) this.#hostPass = { floor, after: 0 };
    const { after } = this.#hostPass;
    if (after === null) return 0;
    const upTo = after + hostsPerStep;
    const { changes } = this.#expireHosts.run(after, upTo, floor);
    this.#hostPass = { floor, after: upTo < (this.#lastHost.get()?.id ?? 0) ? upTo : null };
    return changes;
  }
}
