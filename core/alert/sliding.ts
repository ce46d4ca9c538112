/** Parts that a sliding span is cut into: the sum forgets in steps of a sixtieth of it. */
const parts = 60;

/** A sum over the last span of measured time, in steps: what it holds does not grow with the rate. */
export class SlidingSum {
  readonly #partSeconds: number;
  readonly #ring: number[] = [];
  #current = 0;
  #filled = 0;
  #sum = 0;

  /** `span` in seconds. */
  constructor(span: number) {
    this.#partSeconds = span / parts;
  }

  get sum(): number {
    return this.#sum;
  }

  /** Adds what came in the next `seconds`. */
  add(amount: number, seconds: number): void {
    this.#current += amount;
    this.#sum += amount;
    // What is longer than twice the span has left nothing of it.
    this.#filled += Math.min(seconds, 2 * parts * this.#partSeconds);
    while (this.#filled >= this.#partSeconds) {
      this.#filled -= this.#partSeconds;
      this.#ring.push(this.#current);
      this.#current = 0;
      if (this.#ring.length > parts) this.#sum -= this.#ring.shift() ?? 0;
    }
  }
}
