import { existsSync, statSync } from 'node:fs';
import type { Database, Statement } from 'better-sqlite3';
import type { HistoryFacts } from '../../core/history/query.ts';
import { countRows } from '../../core/history/read-statements.ts';

/** How large the history is. */
export class FileFacts {
  readonly #database: Database;
  readonly #rows: Statement<[], { rows: number }>;

  constructor(database: Database) {
    this.#database = database;
    this.#rows = database.prepare(countRows);
  }

  /** Facts of the file at `path` and the log beside it. */
  of(path: string): Omit<HistoryFacts, 'first'> {
    const log = `${path}-wal`;
    const bytes = statSync(path).size + (existsSync(log) ? statSync(log).size : 0);
    const schema = Number(this.#database.pragma('user_version', { simple: true }));
    return { path, bytes, rows: this.#rows.get()?.rows ?? 0, schema };
  }
}
