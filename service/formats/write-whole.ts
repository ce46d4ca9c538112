import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import path from 'node:path';
import { randomUUID } from 'node:crypto';

/**
 * Writes a file whole or not at all: beside its place, synced, then renamed (rename(2)). Readable by its owner only, since it says who
 * used what. Throws the system's error; what was there before is then as it was.
 */
export function writeWhole(file: string, content: string | Uint8Array): void {
  writePieces(file, [content]);
}

/** As {@link writeWhole}, of a content that comes piece by piece and is never whole in memory. */
export function writePieces(file: string, pieces: Iterable<string | Uint8Array>): void {
  const temporary = path.join(path.dirname(file), `.${path.basename(file)}.${randomUUID().slice(0, 8)}`);
  const descriptor = openSync(temporary, 'wx', 0o600);
  try {
    for (const piece of pieces) {
      const bytes = typeof piece === 'string' ? Buffer.from(piece) : piece;
      for (let written = 0; written < bytes.length; ) written += writeSync(descriptor, bytes, written);
    }
    fsyncSync(descriptor);
    renameSync(temporary, file);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  } finally {
    closeSync(descriptor);
  }
}
