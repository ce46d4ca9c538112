import type { Ending } from './ending.ts';
import { CommandError } from './failure.ts';

/**
 * Standard output as lines. Where its reader goes away (`| head`), the command ends quietly; where it cannot be
 * written for another reason (a full disk), the command fails once it is asked to `finish`.
 */
export class Output {
  readonly #stream: NodeJS.WriteStream;
  #failure: NodeJS.ErrnoException | null = null;

  constructor(stream: NodeJS.WriteStream, ending: Ending) {
    this.#stream = stream;
    stream.on('error', (error: NodeJS.ErrnoException) => {
      this.#failure ??= error;
      ending.end('reader-gone');
    });
  }

  /** Writes lines that are harmless already (see `visible`). */
  lines(lines: readonly string[]): void {
    if (lines.length > 0) this.write(`${lines.join('\n')}\n`);
  }

  /** Text is harmless already; bytes are for a program, never for a terminal. */
  write(content: string | Uint8Array): void {
    if (this.#failure === null) this.#stream.write(content);
  }

  /** Waits until all is written. Throws {@link CommandError} if something could not be. */
  async finish(): Promise<void> {
    if (this.#failure === null) await new Promise<void>((resolve) => this.#stream.write('', () => resolve()));
    if (this.#failure === null || this.#failure.code === 'EPIPE') return;
    throw new CommandError(`cannot write the output (${this.#failure.message}): free some space or write it elsewhere`, {
      cause: this.#failure,
    });
  }
}
