import { accessSync, chmodSync, closeSync, constants, existsSync, mkdirSync, openSync, readFileSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import Database from 'better-sqlite3';
import { applicationId, migrations, schemaVersion } from '../../core/history/schema.ts';
import type { EpochMs } from '../../protocol/units.ts';
import { errorCode } from '../error-code.ts';
import { ServiceError } from '../service-error.ts';
import { readHeader } from './header.ts';
import { setAside } from './set-aside.ts';
import type { DamageNotice } from './set-aside.ts';
import { errorText, isDamage } from './sqlite-errors.ts';
import { takeWriterLock } from './writer-lock.ts';
import type { WriterLock } from './writer-lock.ts';

/** How long a statement waits for another process's lock, in milliseconds: longer than any transaction of ours. */
export const busyTimeoutMs = 2000;

/** A history that is open for writing. */
export interface OpenHistoryFile {
  readonly database: Database.Database;
  readonly lock: WriterLock;
  readonly notice: DamageNotice | null;
}

function unwritable(path: string, cause: unknown): ServiceError {
  const message = `cannot write the history ${path} (${errorText(cause)}): make its folder writable, or name another place with TIDEWATCH_HISTORY`;
  return new ServiceError('history-unwritable', message, { cause });
}

function foreign(path: string): ServiceError {
  const message = `${path} is not a Tidewatch history: move it away, or name another place with TIDEWATCH_HISTORY`;
  return new ServiceError('history-foreign', message);
}

/** Makes a folder and those above it. One by one: Node's `recursive` never returns where a folder refuses with ENOENT (/proc). */
function makeFolder(folder: string): void {
  if (existsSync(folder)) return;
  makeFolder(dirname(folder));
  mkdirSync(folder, { mode: 0o700 });
}

/** Makes the folder (only its owner may look into it) and an empty file (only its owner may read it), if missing. */
function prepareFile(path: string): void {
  try {
    makeFolder(dirname(path));
    closeSync(openSync(path, 'a', 0o600));
    accessSync(dirname(path), constants.W_OK);
  } catch (error) {
    throw unwritable(path, error);
  }
}

/** Throws unless the file is one that this program may use. Reads only: another program's file stays what it is. */
function refuseOthers(database: Database.Database, path: string): void {
  const application = database.pragma('application_id', { simple: true });
  const version = database.pragma('user_version', { simple: true });
  const tables = database.prepare<[], { count: number }>('SELECT count(*) AS count FROM sqlite_schema').get()?.count ?? 0;
  if (application !== applicationId && (application !== 0 || version !== 0 || tables > 0)) throw foreign(path);
  if (typeof version === 'number' && version > schemaVersion) {
    throw new ServiceError(
      'history-newer',
      `the history ${path} was written by a newer Tidewatch (schema ${version}; this one knows ${schemaVersion}): update Tidewatch, or name another place with TIDEWATCH_HISTORY`,
    );
  }
}

function refuseOthersAt(path: string): void {
  const database = openReadOnly(path);
  try {
    refuseOthers(database, path);
  } finally {
    database.close();
  }
}

/**
 * - WAL: readers never wait for the writer, and a process that is killed leaves a log that the next one replays.
 * - synchronous FULL: each commit is on the disk before the next ten seconds are counted, so a power cut too costs no more
 *   than those ten seconds. With NORMAL it would cost all since the last checkpoint. One fsync in ten seconds is cheap.
 * - journal_size_limit: after a large transaction the log is cut back to 4 MiB.
 */
export function configure(database: Database.Database): void {
  database.pragma('journal_mode = WAL');
  database.pragma('synchronous = FULL');
  database.pragma('foreign_keys = ON');
  database.pragma('journal_size_limit = 4194304');
}

/** Brings the schema up to this program's version: each step in a transaction of its own, with its number. */
function migrate(database: Database.Database): void {
  const version = Number(database.pragma('user_version', { simple: true }));
  migrations.slice(version).forEach((migration, index) => {
    database.transaction(() => {
      database.pragma(`application_id = ${applicationId}`);
      database.exec(migration);
      database.pragma(`user_version = ${version + index + 1}`);
    })();
  });
}

/** SQLite's own look at the structure of the file. Throws an error of the kind `isDamage` where something is wrong. */
function checkStructure(database: Database.Database): void {
  const result = database.pragma('quick_check(1)', { simple: true });
  if (result !== 'ok') throw new Database.SqliteError(String(result), 'SQLITE_CORRUPT');
}

interface SchemaItem {
  readonly name: string;
  readonly sql: string | null;
}

function schemaOf(database: Database.Database): ReadonlyMap<string, string | null> {
  const items = database.prepare<[], SchemaItem>('SELECT name, sql FROM sqlite_schema').all();
  return new Map(items.map((item) => [item.name, item.sql]));
}

/** Throws an error of the kind `isDamage` where a table is not what the migrations made: their text lies in the file, too. */
function checkSchema(database: Database.Database): void {
  const expected = new Database(':memory:');
  migrate(expected);
  const found = schemaOf(database);
  const wrong = [...schemaOf(expected)].find(([name, sql]) => found.get(name) !== sql);
  expected.close();
  if (wrong !== undefined) throw new Database.SqliteError(`${wrong[0]} is not as it was made`, 'SQLITE_CORRUPT');
}

function openDatabase(path: string): Database.Database {
  if (readHeader(path) === 'sqlite') refuseOthersAt(path);
  const database = new Database(path, { timeout: busyTimeoutMs });
  try {
    configure(database);
    checkStructure(database);
    migrate(database);
    checkSchema(database);
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

function openOrSetAside(path: string, now: EpochMs): { database: Database.Database; notice: DamageNotice | null } {
  try {
    if (readHeader(path) !== 'zeros') return { database: openDatabase(path), notice: null };
    const notice = setAside(path, now, 'it holds only zeros');
    prepareFile(path);
    return { database: openDatabase(path), notice };
  } catch (error) {
    if (!isDamage(error)) throw error;
    const notice = setAside(path, now, errorText(error));
    prepareFile(path);
    return { database: openDatabase(path), notice };
  }
}

/**
 * Opens a history to write to it, and makes it if there is none. A damaged one is set aside and a new one begun.
 * Throws {@link ServiceError} where the place is not writable, the file is another program's or a newer Tidewatch's, or
 * another process writes to it; the file is then untouched.
 */
export function openForWriting(path: string, now: EpochMs, pid: number): OpenHistoryFile {
  refuseBeforehand(path);
  prepareFile(path);
  const lock = lockOf(path, pid);
  try {
    const { database, notice } = openOrSetAside(path, now);
    chmodSync(path, 0o600);
    return { database, lock, notice };
  } catch (error) {
    lock.release();
    throw error instanceof ServiceError ? error : unwritable(path, error);
  }
}

/** What is not ours is found out before anything is made beside it. Damage is left to be found later. */
function refuseBeforehand(path: string): void {
  try {
    const header = readHeader(path);
    if (header === 'something-else') throw foreign(path);
    if (header === 'sqlite') refuseOthersAt(path);
  } catch (error) {
    if (error instanceof ServiceError) throw error;
    if (!isDamage(error)) throw unwritable(path, error);
  }
}

function lockOf(path: string, pid: number): WriterLock {
  let lock;
  try {
    lock = takeWriterLock(path, pid);
  } catch (error) {
    throw unwritable(path, error);
  }
  if ('release' in lock) return lock;
  const holder = lock.heldBy === null ? 'another process' : `process ${lock.heldBy}`;
  throw new ServiceError(
    'already-running',
    `${holder} already writes the history ${path}: stop it, or name another place with TIDEWATCH_HISTORY`,
  );
}

/**
 * Opens a history to read it, whether or not somebody writes to it. Throws {@link ServiceError} where there is none yet,
 * it cannot be read, or it is not one that this program knows.
 */
export function openForReading(path: string): Database.Database {
  const header = readableHeader(path);
  if (header === 'absent' || header === 'empty') throw missing(path);
  if (header !== 'sqlite') throw foreign(path);
  let database: Database.Database | null = null;
  try {
    database = openReadOnly(path);
    refuseOthers(database, path);
    const version = Number(database.pragma('user_version', { simple: true }));
    if (version === schemaVersion) return database;
    if (version > 0) return migratedCopy(database);
  } catch (error) {
    database?.close();
    throw error instanceof ServiceError ? error : unreadable(path, error);
  }
  database.close();
  throw missing(path);
}

/** The largest history that is read as a copy in memory, in bytes. */
const maximumCopyBytes = 512 * 2 ** 20;

/**
 * A copy in memory, brought up to date, of a history that an earlier version wrote: reading changes no file, and only a writer
 * may migrate one. Closes what it is a copy of.
 */
function migratedCopy(database: Database.Database): Database.Database {
  const pages = Number(database.pragma('page_count', { simple: true }));
  if (pages * Number(database.pragma('page_size', { simple: true })) > maximumCopyBytes) {
    throw new ServiceError('history-unreadable', 'the history was written by an earlier Tidewatch and is too large to be read as it is: start Tidewatch, which brings it up to date');
  }
  const copy = new Database(withoutLog(database.serialize()));
  migrate(copy);
  database.close();
  return copy;
}

/**
 * A reader of a log shares memory with the writer through a file beside it. Where it may not make that file, and there is no
 * log that it would miss, a copy of the history is read.
 */
function openReadOnly(path: string): Database.Database {
  const database = new Database(path, { readonly: true, fileMustExist: true, timeout: busyTimeoutMs });
  try {
    database.pragma('user_version');
    return database;
  } catch (error) {
    database.close();
    const logged = existsSync(`${path}-wal`) && statSync(`${path}-wal`).size > 0;
    const refused = errorCode(error)?.startsWith('SQLITE_CANTOPEN') === true;
    if (logged || !refused || statSync(path).size > maximumCopyBytes) throw error;
    return openCopy(path);
  }
}

/** Bytes 18 and 19 of the header say whether a log is used (SQLite file format 1.3): a copy in memory has none. */
function withoutLog(bytes: Buffer): Buffer {
  bytes.fill(1, 18, 20);
  return bytes;
}

function openCopy(path: string): Database.Database {
  return new Database(withoutLog(readFileSync(path)), { readonly: true });
}

function readableHeader(path: string): ReturnType<typeof readHeader> {
  try {
    return readHeader(path);
  } catch (error) {
    throw unreadable(path, error);
  }
}

function missing(path: string): ServiceError {
  return new ServiceError('history-missing', `there is no history yet at ${path}: start Tidewatch to begin one`);
}

function unreadable(path: string, cause: unknown): ServiceError {
  const message = `cannot read the history ${path} (${errorText(cause)}): check its rights, or start Tidewatch, which sets a damaged one aside`;
  return new ServiceError('history-unreadable', message, { cause });
}
