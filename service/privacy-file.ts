import { closeSync, fsyncSync, lstatSync, openSync, readFileSync, renameSync, rmSync, writeSync } from 'node:fs';
import path from 'node:path';
import { PrivacyMode } from '../protocol/app.ts';
import { errorCode } from './error-code.ts';
import { openMode } from './live-feed.ts';

/** What was found of the pause and the private mode. `unreadable`: something is there, and nobody can say what. */
export type StoredMode =
  | { readonly kind: 'known'; readonly mode: PrivacyMode }
  | { readonly kind: 'unreadable'; readonly reason: string };

/** Where the pause and the private mode lie between two runs. `PrivacyFile` is it. */
export interface ModeStore {
  /** Never throws. */
  read(): StoredMode;
  /** Returns when it is on the disk: null, or why it is not. */
  write(mode: PrivacyMode): string | null;
}

/** What {@link PrivacyFile} writes is a tenth of it, in bytes. */
const maximumBytes = 4096;

/** The file that belongs to a history: the mode says what that history may be told. */
export function privacyPathOf(historyPath: string): string {
  return `${historyPath}.privacy`;
}

/**
 * A file beside the history, only while something is on: then it holds the mode as JSON. It is replaced whole (rename(2)) and
 * synced, so that neither a kill nor a power cut leaves a part of it. Whoever holds the history's lock may write it.
 */
export class PrivacyFile implements ModeStore {
  readonly #path: string;

  constructor(file: string) {
    this.#path = file;
  }

  read(): StoredMode {
    try {
      const found = lstatSync(this.#path);
      if (!found.isFile()) return { kind: 'unreadable', reason: 'it is no file' };
      if (found.size > maximumBytes) return { kind: 'unreadable', reason: `it has ${found.size} bytes` };
      const parsed = PrivacyMode.safeParse(JSON.parse(readFileSync(this.#path, 'utf8')));
      return parsed.success ? { kind: 'known', mode: parsed.data } : { kind: 'unreadable', reason: 'it holds something else' };
    } catch (error) {
      if (errorCode(error) === 'ENOENT') return { kind: 'known', mode: openMode };
      return { kind: 'unreadable', reason: errorCode(error) ?? 'it is not JSON' };
    }
  }

  write(mode: PrivacyMode): string | null {
    try {
      if (mode.paused === null && mode.private === null) rmSync(this.#path, { force: true });
      else this.#replace(`${JSON.stringify(mode)}\n`);
      syncFolder(path.dirname(this.#path));
      return null;
    } catch (error) {
      const code = errorCode(error);
      if (code === null) throw error;
      return code;
    }
  }

  #replace(text: string): void {
    const fresh = `${this.#path}.new`;
    rmSync(fresh, { force: true });
    const descriptor = openSync(fresh, 'wx', 0o600);
    try {
      writeSync(descriptor, text);
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
    renameSync(fresh, this.#path);
  }
}

/** A name that was made or removed is on the disk when its folder is (fsync(2)). */
function syncFolder(folder: string): void {
  const descriptor = openSync(folder, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
