import { mergedIntervals } from '../core/attribution/index.ts';
import type { MeasuredInterval } from '../core/attribution/index.ts';

/** Two pictures a second are as many as a person can follow; the helper sends one, and more only where it was held up. */
const shortestMs = 500;

/** So many intervals are held back at most: a helper whose clock stands still is shown all the same. */
const maximumHeld = 8;

/** Merges intervals that follow each other too fast to be shown one by one: bytes in equal bytes out. */
export class Pace {
  #held: { readonly interval: MeasuredInterval; readonly count: number } | null = null;
  #shownAt = -Infinity;

  /** What is to be shown now: the interval with those that were held back before it; null while it is too early. */
  due(interval: MeasuredInterval): MeasuredInterval | null {
    const merged = this.#held === null ? interval : mergedIntervals(this.#held.interval, interval);
    const count = (this.#held?.count ?? 0) + 1;
    // A clock that was set back is no reason to wait.
    const isEarly = Math.abs(interval.time - this.#shownAt) < shortestMs && count < maximumHeld;
    this.#held = isEarly ? { interval: merged, count } : null;
    if (isEarly) return null;
    this.#shownAt = interval.time;
    return merged;
  }

  /** What is held back, if anything, to be shown late rather than never. */
  takeHeld(): MeasuredInterval | null {
    const held = this.#held?.interval ?? null;
    this.#held = null;
    if (held !== null) this.#shownAt = held.time;
    return held;
  }
}
