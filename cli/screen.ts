import { writeSync } from 'node:fs';
import type { WriteStream } from 'node:tty';
import { widthOf } from './terminal.ts';

/**
 * A whole terminal screen, drawn again and again without flicker, and given back as it was found.
 *
 * 1. The alternate screen keeps what stood there before; leaving it brings that back.
 * 2. A frame is one write: home, each line with "erase to its end" behind it, "erase below" at the end. Nothing is
 *    ever cleared first. Terminals that know synchronised output (mode 2026) show a frame at once.
 * 3. Leaving is done however the process ends: by `close`, or by the 'exit' event, which signals and uncaught
 *    exceptions reach too. There it is written straight to the descriptor, because streams are no longer flushed.
 *
 * Control sequences: ECMA-48; private modes 7, 25, 1049 and 2026 as xterm documents them (XTerm Control Sequences).
 */
const enter = '\x1b[?1049h\x1b[?25l\x1b[?7l\x1b[2J';
const leave = '\x1b[?7h\x1b[?25h\x1b[?1049l';
const frameBegins = '\x1b[?2026h\x1b[H';
const frameEnds = '\x1b[?2026l';

const eraseBelow = '\r\n\x1b[J';

export interface ScreenSize {
  readonly columns: number;
  readonly rows: number;
}

/** Where a terminal does not tell its size, the one that all of them have had. */
const usualSize: ScreenSize = { columns: 80, rows: 24 };

export class Screen implements Disposable {
  readonly #stream: WriteStream;
  readonly #descriptor: number;
  readonly #leaveAtExit = (): void => this.#leaveNow();
  #onResize: (() => void) | null = null;
  #isOpen = true;

  /** Takes the screen over; `descriptor` is the stream's own. */
  constructor(stream: WriteStream, descriptor: number) {
    this.#stream = stream;
    this.#descriptor = descriptor;
    process.once('exit', this.#leaveAtExit);
    // Before the handler that says what went wrong: words on the alternate screen would vanish with it.
    process.once('uncaughtExceptionMonitor', this.#leaveAtExit);
    stream.write(enter);
  }

  get size(): ScreenSize {
    const { columns, rows } = this.#stream;
    return columns > 0 && rows > 0 ? { columns, rows } : usualSize;
  }

  /** Calls `redraw` whenever the terminal has got another size. */
  onResize(redraw: () => void): void {
    if (this.#onResize !== null) this.#stream.off('resize', this.#onResize);
    this.#onResize = redraw;
    this.#stream.on('resize', redraw);
  }

  /** Shows the lines, which are harmless already and fit the size. A frame that the terminal cannot take yet is left out. */
  draw(lines: readonly string[]): void {
    if (!this.#isOpen || this.#stream.writableNeedDrain) return;
    const { columns, rows } = this.size;
    // Behind a full line the cursor still stands on its last character: erasing from there would take it away.
    const drawn = lines.map((line) => (widthOf(line) < columns ? `${line}\x1b[K` : line));
    this.#stream.write(`${frameBegins}${drawn.join('\r\n')}${lines.length < rows ? eraseBelow : ''}${frameEnds}`);
  }

  #leaveNow(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    try {
      writeSync(this.#descriptor, leave);
    } catch {
      // The terminal itself is gone (EIO after a hang-up): there is nothing left to restore.
      this.#stream.destroy();
    }
  }

  /** Gives the screen back. A second call does nothing. */
  [Symbol.dispose](): void {
    process.off('exit', this.#leaveAtExit);
    process.off('uncaughtExceptionMonitor', this.#leaveAtExit);
    if (this.#onResize !== null) this.#stream.off('resize', this.#onResize);
    this.#leaveNow();
  }
}
