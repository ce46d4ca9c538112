import { epochMs } from '../../protocol/units.ts';
import type { EpochMs } from '../../protocol/units.ts';
import type { Clock } from '../../service/clock.ts';

interface Alarm {
  readonly at: number;
  readonly act: () => void;
}

/** A clock that stands still until it is moved. The machine it is the clock of can sleep, and its wall clock can be set. */
export class DrivenClock implements Clock {
  readonly #start: number;
  readonly #alarms = new Set<Alarm>();
  #elapsed = 0;
  #slept = 0;
  #set = 0;

  constructor(start: number) {
    this.#start = start;
  }

  now(): EpochMs {
    return epochMs(this.#start + this.#elapsed + this.#slept + this.#set);
  }

  monotonic(): number {
    return this.#elapsed;
  }

  boot(): number {
    return this.#elapsed + this.#slept;
  }

  /** The machine sleeps for so long: nothing rings, and only the wall and boot clocks go on. */
  sleep(milliseconds: number): void {
    this.#slept += milliseconds;
  }

  /** Somebody sets the wall clock forward (or, negative, back). */
  set(milliseconds: number): void {
    this.#set += milliseconds;
  }

  after(milliseconds: number, act: () => void): Disposable {
    const alarm = { at: this.#elapsed + milliseconds, act };
    this.#alarms.add(alarm);
    return { [Symbol.dispose]: () => void this.#alarms.delete(alarm) };
  }

  /** How many wait: at the end of a test, none should. */
  get waiting(): number {
    return this.#alarms.size;
  }

  /** The longest time that somebody has yet to wait, in milliseconds. */
  get longestWait(): number {
    return Math.max(0, ...[...this.#alarms].map(({ at }) => at - this.#elapsed));
  }

  /** Moves the clock and rings what is due, in order; between two alarms everything that can run does. */
  async advance(milliseconds: number): Promise<void> {
    const end = this.#elapsed + milliseconds;
    for (let next = this.#next(end); next !== undefined; next = this.#next(end)) {
      this.#alarms.delete(next);
      this.#elapsed = Math.max(this.#elapsed, next.at);
      next.act();
      await settled();
    }
    this.#elapsed = end;
    await settled();
  }

  #next(end: number): Alarm | undefined {
    return [...this.#alarms].filter(({ at }) => at <= end).toSorted((a, b) => a.at - b.at)[0];
  }
}

/** Lets everything that is ready run once: pending promises, then what the kernel has for us. */
export function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** Waits, without the driven clock, until something is so; fails after five real seconds. */
export async function until(isSo: () => boolean, what: string): Promise<void> {
  const deadline = performance.now() + 5000;
  while (!isSo()) {
    if (performance.now() > deadline) throw new Error(`waited in vain until ${what}`);
    await settled();
  }
}
