import type { Coverage, Gap } from '../protocol/app.ts';
import { epochMs } from '../protocol/units.ts';
import type { EpochMs } from '../protocol/units.ts';
import type { MeasuredInterval, UsageWindow } from '../core/attribution/index.ts';
import type { CoverageReceipt, Usage } from '../core/history/usage.ts';
import type { FlushOutcome } from './history/index.ts';
import type { Clock } from './clock.ts';
import type { Log } from './log.ts';
import type { Troubles } from './troubles.ts';

/** What is kept of a measurement. `History` is it; a test may hold a list. */
export interface HistorySink {
  add(usage: Usage): void;
  addCoverage(receipt: CoverageReceipt): void;
  addGap(gap: Gap): void;
  flush(now: EpochMs): FlushOutcome;
  measuredUntil(): EpochMs | null;
}

export interface RecorderPorts {
  readonly clock: Clock;
  readonly log: Log;
  readonly history: HistorySink;
  readonly window: UsageWindow;
  readonly troubles: Troubles;
}

/** Two ticks that follow each other are this far apart at most: the helper's count and the wall clock drift a little. */
const toleranceMs = 500;

/** So many rows are handed to the history before their time: it bounds its own memory by folding. */
const maximumWindow = 100_000;

/**
 * Keeps what is measured, and what is not: usage, a receipt for each interval, and a gap for each stretch between two
 * intervals, so that in the history nothing measured and nothing used are different things.
 */
export class Recorder {
  readonly #ports: RecorderPorts;
  #measuredUntil: EpochMs;
  /** Why the stretch since `#measuredUntil` is a gap, if it becomes one. */
  #missing: Gap['reason'] = 'service-down';
  #flushedAt: number;

  constructor(ports: RecorderPorts) {
    this.#ports = ports;
    const now = ports.clock.now();
    const before = ports.history.measuredUntil();
    this.#measuredUntil = before !== null && before < now ? before : now;
    this.#flushedAt = ports.clock.monotonic();
  }

  get measuredUntil(): EpochMs {
    return this.#measuredUntil;
  }

  /** From here on nothing is measured until the next interval, because there is no helper. */
  helperLost(): void {
    this.#missing = 'helper-down';
  }

  record(interval: MeasuredInterval, coverage: Coverage): void {
    const from = epochMs(Math.max(0, interval.time - interval.intervalSeconds * 1000));
    if (from - this.#measuredUntil > toleranceMs) this.#addGap(from);
    if (interval.paused) this.#ports.history.addGap({ from, to: interval.time, reason: 'paused' });
    else this.#ports.history.addCoverage({ from, to: interval.time, coverage });
    this.#ports.window.add(interval);
    this.#measuredUntil = interval.time;
    // What comes after an interval without a lost helper, and yet leaves a hole, is a machine that slept.
    this.#missing = 'asleep';
    if (this.#ports.window.size > maximumWindow) this.#handOver();
  }

  /** Writes all of it to the history. What could not be written stays held and goes with the next call. */
  flush(silentSince: 'silent' | 'measuring'): void {
    const { clock, history } = this.#ports;
    this.#handOver();
    const now = clock.now();
    if (silentSince === 'silent' && now - this.#measuredUntil > toleranceMs) this.#addGap(now);
    this.#flushedAt = clock.monotonic();
    this.#note(history.flush(now));
  }

  /** Milliseconds since the last flush. */
  sinceFlush(): number {
    return this.#ports.clock.monotonic() - this.#flushedAt;
  }

  #addGap(to: EpochMs): void {
    this.#ports.history.addGap({ from: this.#measuredUntil, to, reason: this.#missing });
  }

  #handOver(): void {
    const { window, history, clock } = this.#ports;
    for (const usage of window.take(clock.now())) history.add(usage);
  }

  #note(outcome: FlushOutcome): void {
    const { troubles, log } = this.#ports;
    if (outcome.kind === 'held') {
      log.warn('the history could not be written', { reason: outcome.reason, rows: outcome.rows });
      troubles.take({ ...unwritable, message: `the history could not be written (${outcome.reason})`, over: false });
      return;
    }
    troubles.take({ ...unwritable, message: '', over: true });
    if (outcome.notice !== null) noteSetAside(outcome.notice.message, this.#ports);
  }
}

const unwritable = {
  code: 'history-unwritable',
  subject: 'history',
  remedy: 'make room on its disk; until then what is measured is kept in memory',
} as const;

/** Tells of a history that was damaged and set aside. */
export function noteSetAside(message: string, { troubles, log }: Pick<RecorderPorts, 'troubles' | 'log'>): void {
  log.warn(message);
  troubles.take({
    code: 'history-set-aside',
    subject: 'history',
    message,
    remedy: 'nothing need be done; the damaged file is kept for whoever wants to look at it',
    over: false,
  });
}

