import type { Database, Statement } from 'better-sqlite3';
import type { AppsResult } from '../../core/history/query.ts';
import * as sql from '../../core/history/read-statements.ts';
import { quarterMs } from '../../core/history/tiers.ts';
import { epochMs } from '../../protocol/units.ts';

interface AppFact {
  readonly key: string;
  readonly executable: string | null;
  readonly displayName: string;
  readonly first: number;
  readonly last: number;
}

/** The apps that the history knows. */
export class KnownApps {
  readonly #list: Statement<[number], AppFact>;
  readonly #count: Statement<[], { count: number }>;

  constructor(database: Database) {
    this.#list = database.prepare(sql.appsByLastUse);
    this.#count = database.prepare(sql.countApps);
  }

  /** Those used last first, at most `limit`. */
  list(limit: number): AppsResult {
    const apps = this.#list.all(limit).map(({ key, executable, displayName, first, last }) => ({
      app: key,
      displayName: displayName.slice(0, 128),
      exe: executable,
      first: epochMs(first * quarterMs),
      last: epochMs(last * quarterMs),
    }));
    return { apps, count: this.#count.get()?.count ?? 0 };
  }
}
