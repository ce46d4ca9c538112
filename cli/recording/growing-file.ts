import { closeSync, fsyncSync, openSync, renameSync, rmSync, statSync, writeSync } from 'node:fs';
import path from 'node:path';
import { randomUUID } from 'node:crypto';
import { CommandError } from '../failure.ts';
import { visible } from '../terminal.ts';

/** A file that is written beside its place and takes it when it is done: after each piece it is a good capture file. */
export class GrowingFile implements Disposable {
  readonly #file: string;
  readonly #temporary: string;
  #descriptor: number | null;
  bytes = 0;

  /** Throws {@link CommandError} where nothing can be written there. */
  constructor(file: string) {
    this.#file = file;
    this.#temporary = path.join(path.dirname(file), `.${path.basename(file)}.${randomUUID().slice(0, 8)}`);
    this.#descriptor = this.#attempt(() => {
      if (statSync(file, { throwIfNoEntry: false })?.isFile() === false) throw new CommandError(`${visible(file)} is no file: name one to record into`);
      return openSync(this.#temporary, 'wx', 0o600);
    });
  }

  write(bytes: Uint8Array): void {
    this.#attempt(() => {
      for (let written = 0; written < bytes.length; ) written += writeSync(this.#descriptor ?? -1, bytes, written);
    });
    this.bytes += bytes.length;
  }

  finish(): void {
    this.#attempt(() => {
      if (this.#descriptor === null) return;
      fsyncSync(this.#descriptor);
      closeSync(this.#descriptor);
      this.#descriptor = null;
      renameSync(this.#temporary, this.#file);
    });
  }

  [Symbol.dispose](): void {
    if (this.#descriptor === null) return;
    closeSync(this.#descriptor);
    this.#descriptor = null;
    rmSync(this.#temporary, { force: true });
  }

  #attempt<Result>(act: () => Result): Result {
    try {
      return act();
    } catch (error) {
      if (error instanceof CommandError) throw error;
      const reason = error instanceof Error && 'code' in error ? String(error.code) : String(error);
      throw new CommandError(`cannot write ${visible(this.#file)} (${reason}): nothing was recorded there; free some space, or name another place`, { cause: error });
    }
  }
}
