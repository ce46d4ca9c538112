import { closeSync, fstatSync, openSync, readFileSync, statSync } from 'node:fs';
import { WatchIndex, watchEntriesIn } from '../../core/alert/watch-entry.ts';
import { errorCode } from '../error-code.ts';
import type { Log } from '../log.ts';

/** The largest lists of hosts that are around have 10 MB. */
const maximumBytes = 33_554_432;

/** A list that is fetched anew is found within a minute. */
const lookEveryMs = 60_000;

function stateOf(file: string): string {
  try {
    const { ino, size, mtimeMs } = statSync(file);
    return [ino, size, mtimeMs].join(' ');
  } catch (error) {
    return errorCode(error) ?? 'unknown';
  }
}

/** The file of the watch list, followed as it changes. One that cannot be read is an empty one, and the log says so. */
export class WatchFile {
  readonly #log: Log;
  #path = '';
  #state = '';
  #lookedAt = Number.NEGATIVE_INFINITY;

  constructor(log: Log) {
    this.#log = log;
  }

  /** The index of what is in it, where it is another one than before; null where it is the same. `now` is monotonic. */
  changed(path: string, now: number): WatchIndex | null {
    if (path === this.#path && now - this.#lookedAt < lookEveryMs) return null;
    this.#lookedAt = now;
    const state = path === '' ? '' : stateOf(path);
    if (path === this.#path && state === this.#state) return null;
    [this.#path, this.#state] = [path, state];
    return new WatchIndex(path === '' ? [] : watchEntriesIn(this.#read(path)));
  }

  #read(path: string): string {
    let descriptor: number | null = null;
    try {
      descriptor = openSync(path, 'r');
      const facts = fstatSync(descriptor);
      if (facts.isFile() && facts.size <= maximumBytes) return readFileSync(descriptor, 'utf8');
      this.#log.warn('the file of the watch list is no file, or too large', { bytes: facts.size });
    } catch (error) {
      this.#log.warn('the file of the watch list cannot be read', { reason: errorCode(error) });
    } finally {
      if (descriptor !== null) closeSync(descriptor);
    }
    return '';
  }
}
