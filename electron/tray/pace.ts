/** Calls `act` at once, then not again within `leastMs`: what is asked for in between happens once, at its end. */
export class Pace implements Disposable {
  readonly #leastMs: number;
  readonly #act: () => void;
  #timer: NodeJS.Timeout | null = null;
  #isWanted = false;

  constructor(leastMs: number, act: () => void) {
    this.#leastMs = leastMs;
    this.#act = act;
  }

  want(): void {
    if (this.#timer !== null) {
      this.#isWanted = true;
      return;
    }
    this.#timer = setTimeout(() => {
      this.#timer = null;
      if (!this.#isWanted) return;
      this.#isWanted = false;
      this.want();
    }, this.#leastMs);
    this.#timer.unref();
    this.#act();
  }

  [Symbol.dispose](): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#isWanted = false;
  }
}
