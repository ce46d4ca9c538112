import type { MeasuredInterval } from '../core/attribution/index.ts';
import type { Countable } from '../core/history/accumulator.ts';
import type { Coverage } from '../protocol/app.ts';

/**
 * Who wants to know what is measured, beside the history and the live faces. It is told what may be kept and nothing else: the
 * pause, the private mode and what a person withholds from the history have been applied.
 */
export interface MeasuredListener {
  /** Each interval as it ends, as it may be shown. */
  interval?(interval: MeasuredInterval, coverage: Coverage): void;
  /** Once a second, where nothing is measured. */
  silence?(): void;
  /** Each usage as it goes into the history: sums of these are equal to sums of the history. */
  kept?(usage: Countable): void;
}
