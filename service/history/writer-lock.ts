import { closeSync, openSync } from 'node:fs';
import Database from 'better-sqlite3';
import { errorCode } from '../error-code.ts';

/**
 * Who may write: one process. The lock is a second, tiny SQLite file beside the history, because the kernel releases
 * SQLite's lock when the process dies, however it dies, and because a reader of it can still see who holds it.
 */
export interface WriterLock {
  release(): void;
}

/** The lock is held by the process `pid` (null where it could not be read in time). */
export interface LockHeld {
  readonly heldBy: number | null;
}

/** Where the lock of a history lies. */
export function lockPath(historyPath: string): string {
  return `${historyPath}.lock`;
}

function readHolder(database: Database.Database): number | null {
  try {
    const row = database.prepare<[], { pid: number }>('SELECT pid FROM holder WHERE id = 0').get();
    return row?.pid ?? null;
  } catch {
    // Its holder is only just making it: then nobody can say yet who that is.
    return null;
  }
}

/**
 * 1. Publish our pid and commit, so that others can read it. 2. Take the write lock and keep it: an open transaction that
 * changes nothing. Between the two another process may come first; then the pid in the file is not ours, and we lose.
 */
function acquire(database: Database.Database, pid: number): boolean {
  database.exec('BEGIN IMMEDIATE');
  database.exec('CREATE TABLE IF NOT EXISTS holder (id INTEGER PRIMARY KEY CHECK (id = 0), pid INTEGER NOT NULL)');
  database.prepare('INSERT INTO holder VALUES (0, ?) ON CONFLICT (id) DO UPDATE SET pid = excluded.pid').run(pid);
  database.exec('COMMIT');
  database.exec('BEGIN IMMEDIATE');
  return readHolder(database) === pid;
}

/** Takes the lock of a history for the process `pid`, or says who holds it. Throws where the file cannot be made. */
export function takeWriterLock(historyPath: string, pid: number): WriterLock | LockHeld {
  closeSync(openSync(lockPath(historyPath), 'a', 0o600));
  const database = new Database(lockPath(historyPath), { timeout: 250 });
  try {
    if (acquire(database, pid)) return { release: () => database.close() };
  } catch (error) {
    if (errorCode(error)?.startsWith('SQLITE_BUSY') !== true) {
      database.close();
      throw error;
    }
    if (database.inTransaction) database.exec('ROLLBACK');
  }
  const heldBy = readHolder(database);
  database.close();
  return { heldBy };
}
