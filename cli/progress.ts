/** What takes less than this needs no bar. */
const patienceMs = 1000;

/** More often than this nobody sees. */
const redrawMs = 100;

const barWidth = 24;

/** How far something is; `total` is null where nobody knows. */
export interface Progress {
  readonly done: number;
  readonly total: number | null;
  /** How much has been done, in words: `1 234 567 packets`. */
  readonly words: string;
}

/** The bar as text: `[██████░░░░░░]  52 %  1 234 567 packets`, or only the count where the total is not known. */
export function progressText(progress: Progress): string {
  const { words } = progress;
  if (progress.total === null || progress.total === 0) return words;
  const share = Math.min(1, progress.done / progress.total);
  const full = Math.floor(share * barWidth);
  return `[${'█'.repeat(full)}${'░'.repeat(barWidth - full)}] ${String(Math.floor(share * 100)).padStart(3)} %  ${words}`;
}

/**
 * A bar on standard error for work that takes over a second, on a terminal only; it erases itself.
 * `now` gives milliseconds of a clock that only goes forward.
 */
export class ProgressBar implements Disposable {
  readonly #errors: NodeJS.WriteStream;
  readonly #now: () => number;
  readonly #startedAt: number;
  #drawnAt = 0;

  constructor(errors: NodeJS.WriteStream, now: () => number) {
    this.#errors = errors;
    this.#now = now;
    this.#startedAt = now();
  }

  update(progress: Progress): void {
    const now = this.#now();
    if (!this.#errors.isTTY || now - this.#startedAt < patienceMs || now - this.#drawnAt < redrawMs) return;
    this.#drawnAt = now;
    this.#errors.write(`\r${progressText(progress)}\x1b[K`);
  }

  [Symbol.dispose](): void {
    if (this.#drawnAt > 0) this.#errors.write('\r\x1b[K');
  }
}
