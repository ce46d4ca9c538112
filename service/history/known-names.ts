import type { Database, Statement } from 'better-sqlite3';
import * as sql from '../../core/history/known-name-statements.ts';
import { namingLimits } from '../../core/naming/index.ts';
import type { Claim, ForgottenNames } from '../../core/naming/index.ts';
import type { EpochMs } from '../../protocol/units.ts';

/** What may be heard, by packet time, after the write that it should have been part of, in milliseconds. */
const lateMs = 10_000;

type Row = [address: string, name: string, source: string, app: string, firstSeen: number, lastSeen: number, ttlSeconds: number];

/** The names of addresses in the history's file: bounded, and aged like those in memory. */
export class KnownNames {
  readonly #write: Statement<Row>;
  readonly #read: Statement<[number]>;
  readonly #expire: Statement<[number, number]>;
  readonly #count: Statement<[], { readonly count: number }>;
  readonly #bound: Statement<[number]>;
  readonly #forget: Readonly<Record<'app' | 'domain' | 'host', Statement<[{ readonly key: string }]>>>;
  readonly #forgetAll: Statement<[]>;
  readonly #forgetBetween: Statement<[number, number]>;
  readonly #writeAll: (claims: readonly Claim[], now: EpochMs) => void;
  /** Claims that were last heard before this are in the file. */
  #writtenUntil = 0;

  constructor(database: Database) {
    this.#write = database.prepare(sql.writeKnownName);
    this.#read = database.prepare(sql.readKnownNames);
    this.#expire = database.prepare(sql.expireKnownNames);
    this.#count = database.prepare(sql.countKnownNames);
    this.#bound = database.prepare(sql.boundKnownNames);
    const { all, app, domain, host, between } = sql.forgetKnownNames;
    this.#forget = { app: database.prepare(app), domain: database.prepare(domain), host: database.prepare(host) };
    this.#forgetAll = database.prepare(all);
    this.#forgetBetween = database.prepare(between);
    const transaction = database.transaction((claims: readonly Claim[], now: EpochMs) => this.#renew(claims, now));
    this.#writeAll = (claims, now) => transaction.immediate(claims, now);
  }

  /** Claims as they were stored, the newest last: whoever takes them checks each. */
  read(): readonly unknown[] {
    return this.#read.all(namingLimits.maximumStored);
  }

  /**
   * Writes those of `claims` (all that are known) that were heard since the last call, and drops what is too old or too
   * much. Throws SQLite's error where it could not; the next call then writes the same again.
   */
  write(claims: readonly Claim[], now: EpochMs): void {
    this.#writeAll(claims, now);
    this.#writtenUntil = now - lateMs;
  }

  /** Takes names out of the file. Who holds them in memory too forgets them there first, or they come back. */
  forget(forgotten: ForgottenNames): void {
    switch (forgotten.what) {
      case 'all':
        this.#forgetAll.run();
        return;
      case 'between':
        this.#forgetBetween.run(forgotten.from, forgotten.to);
        return;
      default:
        this.#forget[forgotten.what].run({ key: forgotten.key });
    }
  }

  #renew(claims: readonly Claim[], now: EpochMs): void {
    for (const { address, name, source, app, firstSeen, lastSeen, ttlSeconds } of claims) {
      if (lastSeen >= this.#writtenUntil) this.#write.run(address, name, source, app ?? '', firstSeen, lastSeen, ttlSeconds);
    }
    this.#expire.run(now - namingLimits.keepAtMostMilliseconds, now + namingLimits.keepAtMostMilliseconds);
    if ((this.#count.get()?.count ?? 0) > namingLimits.maximumStored) this.#bound.run(namingLimits.maximumStored);
  }
}
