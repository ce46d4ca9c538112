import { uptime } from 'node:os';
import { epochMs } from '../protocol/units.ts';
import type { EpochMs } from '../protocol/units.ts';

/** Where the service gets its time from: the wall for dates, a monotonic count for durations, and something to wait on. */
export interface Clock {
  /** The wall clock: it may jump. */
  now(): EpochMs;
  /** Milliseconds of a count that never goes back, from an arbitrary beginning. */
  monotonic(): number;
  /** As {@link monotonic}, and goes on while the machine sleeps (CLOCK_BOOTTIME, clock_gettime(2)). */
  boot(): number;
  /** Calls `act` once after at least `milliseconds`; disposing the result prevents it. */
  after(milliseconds: number, act: () => void): Disposable;
}

/** Resolves after `milliseconds`, or at once when `signal` aborts. Never rejects. */
export function sleep(clock: Clock, milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) {
      resolve();
      return;
    }
    const done = (): void => {
      timer[Symbol.dispose]();
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = clock.after(milliseconds, done);
    signal.addEventListener('abort', done, { once: true });
  });
}

/** The machine's own clock. */
export const systemClock: Clock = {
  now: () => epochMs(Date.now()),
  monotonic: () => performance.now(),
  // /proc/uptime, which counts what was slept (proc_uptime(5)), in hundredths of a second.
  boot: () => uptime() * 1000,
  after: (milliseconds, act) => {
    const timer = setTimeout(act, milliseconds);
    return { [Symbol.dispose]: () => clearTimeout(timer) };
  },
};
