import type { Coverage, Gap } from '../protocol/app.ts';
import type { HttpHostSum } from '../protocol/http.ts';
import { epochMs } from '../protocol/units.ts';
import type { EpochMs } from '../protocol/units.ts';
import { keptHttp, keptUsage } from '../core/attribution/index.ts';
import type { MeasuredInterval, UsageWindow } from '../core/attribution/index.ts';
import type { Countable } from '../core/history/accumulator.ts';
import { AccountedTime } from '../core/history/accounted-time.ts';
import { timePassed } from '../core/history/timeline.ts';
import type { ClockReading } from '../core/history/timeline.ts';
import type { CoverageReceipt } from '../core/history/usage.ts';
import type { Withholding } from '../core/settings/index.ts';
import type { FlushOutcome } from './history/index.ts';
import type { Clock } from './clock.ts';
import type { Log } from './log.ts';
import type { MeasuredListener } from './measured-listener.ts';
import type { Troubles } from './troubles.ts';

/** What is kept of a measurement. `History` is it; a test may hold a list. */
export interface HistorySink {
  add(usage: Countable): void;
  addCoverage(receipt: CoverageReceipt): void;
  addHttp(at: EpochMs, hosts: readonly HttpHostSum[]): void;
  addGap(gap: Gap): void;
  flush(now: EpochMs): FlushOutcome;
  measuredUntil(): EpochMs | null;
  /** Deletes a little of what is older than it is kept; `more` where another step would find something. */
  cleanUp(now: EpochMs): { readonly more: boolean };
}

export interface RecorderPorts {
  readonly clock: Clock;
  readonly log: Log;
  readonly history: HistorySink;
  readonly window: UsageWindow;
  readonly troubles: Troubles;
  /** What is not to be named, as it is now; absent where everything may be. */
  readonly withholding?: () => Withholding;
  /** Who is told of each usage as it goes into the history. */
  readonly listeners?: readonly MeasuredListener[];
}

/**
 * Two ticks that follow each other are this far apart at most: the helper's count and the wall clock drift a little. Between
 * two helpers, or two services, nothing was measured for certain, however short it was.
 */
const toleranceMs = 500;

/** How often what is too old is looked for; while there is more of it, a little goes every second. */
const cleanUpEveryMs = 60_000;

/** So many rows are handed to the history before their time: it bounds its own memory by folding. */
const maximumWindow = 100_000;

/**
 * Keeps what is measured, and what is not: usage, a receipt for each interval, and a gap for each stretch between two
 * intervals, so that in the history nothing measured and nothing used are different things.
 */
export class Recorder {
  readonly #ports: RecorderPorts;
  readonly #accounted = new AccountedTime(toleranceMs);
  #measuredUntil: EpochMs;
  /** Why the stretch since `#measuredUntil` is a gap, if it becomes one; null where only the clocks can tell. */
  #missing: Gap['reason'] | null = 'service-down';
  /** The clocks when the last interval came. */
  #lastReading: ClockReading;
  #flushedAt: number;
  #cleanUpAt: number;

  constructor(ports: RecorderPorts) {
    this.#ports = ports;
    const now = ports.clock.now();
    const before = ports.history.measuredUntil();
    this.#measuredUntil = before !== null && before < now ? before : now;
    this.#flushedAt = ports.clock.monotonic();
    this.#cleanUpAt = this.#flushedAt;
    this.#lastReading = this.#reading();
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
    if (from - this.#measuredUntil > (this.#missing === null ? toleranceMs : 0)) this.#addGap(from);
    if (interval.paused) this.#ports.history.addGap({ from, to: interval.time, reason: 'paused' });
    else this.#ports.history.addCoverage({ from, to: interval.time, coverage });
    this.#accounted.add({ from, to: interval.time });
    this.#ports.window.add(interval);
    this.#ports.history.addHttp(interval.time, keptHttp(interval, this.#ports.withholding?.() ?? null));
    this.#measuredUntil = interval.time;
    this.#missing = null;
    this.#lastReading = this.#reading();
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

  /** Once a second: a step of the clean-up if one is due. */
  cleanUpIfDue(): void {
    const { clock, history } = this.#ports;
    if (clock.monotonic() < this.#cleanUpAt) return;
    const { more } = history.cleanUp(clock.now());
    this.#cleanUpAt = clock.monotonic() + (more ? 0 : cleanUpEveryMs);
  }

  #reading(): ClockReading {
    const { clock } = this.#ports;
    return { wall: clock.now(), monotonic: clock.monotonic(), boot: clock.boot() };
  }

  /** From the end of what was measured until `to`. What is known from before the clock was set back stays what it was. */
  #addGap(to: EpochMs): void {
    for (const hole of this.#holes(to)) {
      for (const { from, to: end } of this.#accounted.without(hole)) {
        this.#ports.history.addGap({ from: epochMs(from), to: epochMs(end), reason: hole.reason });
        this.#accounted.add({ from, to: end });
      }
    }
  }

  /** What became of the time until `to`. A machine that slept may have had its clock set on waking. */
  #holes(to: EpochMs): readonly Gap[] {
    const from = this.#measuredUntil;
    if (this.#missing !== null) return [{ from, to, reason: this.#missing }];
    const { asleepMs, steppedMs } = timePassed(this.#lastReading, this.#reading());
    const reason = steppedMs > 0 ? 'clock-set' : 'helper-down';
    if (asleepMs === 0) return [{ from, to, reason }];
    const woke = to - from - asleepMs > toleranceMs ? epochMs(from + asleepMs) : to;
    return [{ from, to: woke, reason: 'asleep' }, { from: woke, to, reason }];
  }

  #handOver(): void {
    const { window, history, clock, listeners = [] } = this.#ports;
    const rules = this.#ports.withholding?.() ?? null;
    for (const usage of window.take(clock.now())) {
      const told = keptUsage(usage);
      const kept = rules === null || told !== usage ? told : rules.kept(usage);
      history.add(kept);
      for (const listener of listeners) listener.kept?.(kept);
    }
  }

  #note(outcome: FlushOutcome): void {
    const { troubles, log } = this.#ports;
    if (outcome.kind === 'waiting') return;
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

