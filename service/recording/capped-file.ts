import { closeSync, existsSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import path from 'node:path';
import { randomUUID } from 'node:crypto';
import { makeFolder } from '../formats/make-folder.ts';

/** A file that grows beside its place up to a size, and then takes it, or not at all (rename(2)). Readable by its owner only. */
export class CappedFile implements Disposable {
  readonly #folder: string;
  readonly #temporary: string;
  readonly #maximumBytes: number;
  #descriptor: number | null;
  #bytes = 0;

  /** Throws the system's error. */
  constructor(folder: string, maximumBytes: number) {
    makeFolder(folder);
    this.#folder = folder;
    this.#temporary = path.join(folder, `.recording.${randomUUID().slice(0, 8)}`);
    this.#maximumBytes = maximumBytes;
    this.#descriptor = openSync(this.#temporary, 'wx', 0o600);
  }

  /** Writes bytes; false, and nothing is written, where they do not fit. Throws the system's error. */
  write(bytes: Uint8Array): boolean {
    if (this.#descriptor === null || this.#bytes + bytes.length > this.#maximumBytes) return false;
    for (let written = 0; written < bytes.length; ) written += writeSync(this.#descriptor, bytes, written);
    this.#bytes += bytes.length;
    return true;
  }

  /** Gives it the name, or the name with a number where another file has it, and returns that. Throws the system's error. */
  finish(stem: string, extension: string): string {
    if (this.#descriptor === null) throw new Error('the file is closed already');
    fsyncSync(this.#descriptor);
    closeSync(this.#descriptor);
    this.#descriptor = null;
    for (let number = 1; ; number += 1) {
      const name = number === 1 ? `${stem}.${extension}` : `${stem}-${number}.${extension}`;
      if (existsSync(path.join(this.#folder, name))) continue;
      renameSync(this.#temporary, path.join(this.#folder, name));
      return name;
    }
  }

  /** Removes what was not finished. */
  [Symbol.dispose](): void {
    if (this.#descriptor === null) return;
    closeSync(this.#descriptor);
    this.#descriptor = null;
    rmSync(this.#temporary, { force: true });
  }
}
