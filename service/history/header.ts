import { closeSync, openSync, readSync } from 'node:fs';

/** What the first bytes of a file say, before SQLite touches it. */
export type FileHeader = 'absent' | 'empty' | 'sqlite' | 'zeros' | 'something-else';

const magic = 'SQLite format 3\0';

/**
 * Looks at a file without changing it (SQLite file format 1.3). Zeros are what some file systems leave of a block that
 * a power cut caught. Throws the system's error where the file is there but cannot be read.
 */
export function readHeader(path: string): FileHeader {
  let file: number;
  try {
    file = openSync(path, 'r');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return 'absent';
    throw error;
  }
  try {
    const bytes = Buffer.alloc(100);
    const length = readSync(file, bytes, 0, bytes.length, 0);
    if (length === 0) return 'empty';
    if (bytes.toString('latin1', 0, magic.length) === magic) return 'sqlite';
    return bytes.every((byte) => byte === 0) ? 'zeros' : 'something-else';
  } finally {
    closeSync(file);
  }
}
