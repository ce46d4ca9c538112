import { errorCode } from '../error-code.ts';

/** The message of whatever was thrown. */
export function errorText(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** SQLite says that the file's bytes make no sense: SQLITE_CORRUPT and its extended codes, SQLITE_NOTADB. */
export function isDamage(error: unknown): boolean {
  const code = errorCode(error) ?? '';
  return code.startsWith('SQLITE_CORRUPT') || code === 'SQLITE_NOTADB';
}

/** Something outside the file is in the way (disk full, an I/O error, a lock): it may pass, so the rows are kept. */
export function mayPass(error: unknown): boolean {
  return /^SQLITE_(?:FULL|IOERR|BUSY|LOCKED|READONLY|CANTOPEN|NOMEM)/u.test(errorCode(error) ?? '');
}
