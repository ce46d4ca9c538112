import type { Clock } from '../clock.ts';
import type { Delivery, KeptAlerts, StoredDelivery } from '../history/index.ts';
import type { Log } from '../log.ts';

/** What became of an attempt. `later`: it may go better then. `never`: the receiver will not have it, however often it is tried. */
export type Attempt = { readonly kind: 'sent' } | { readonly kind: 'later'; readonly reason: string } | { readonly kind: 'never'; readonly reason: string };

export interface OutboxPorts {
  readonly clock: Clock;
  readonly log: Log;
  readonly kept: () => KeptAlerts;
  /** 0 to 1, for the jitter of the pauses. */
  readonly random: () => number;
  readonly channel: Delivery['channel'];
  /** Tries once. Never rejects. */
  readonly attempt: (delivery: StoredDelivery, ended: AbortSignal) => Promise<Attempt>;
}

/** Messages that wait for a receiver that does not answer: more than a week of the rate limit's worst. The oldest are given up. */
const maximumWaiting = 2000;

/** Read into memory at once. */
const batch = 20;

/** What nobody has taken for so long is no news any more. */
const maximumAgeMs = 7 * 86_400_000;

const firstPauseMs = 2000;
const longestPauseMs = 15 * 60_000;

/**
 * Hands the messages of one channel to their receiver, one after the other, in order. They lie in the history's file until they
 * are taken, so that neither a receiver that is away nor an end of this program loses one; after a failure it pauses, each time
 * twice as long, with a random part so that many do not come back at the same time.
 */
export class Outbox implements AsyncDisposable {
  readonly #ports: OutboxPorts;
  readonly #ending = new AbortController();
  #pauseMs = firstPauseMs;
  #timer: Disposable | null = null;
  #running: Promise<void> | null = null;

  constructor(ports: OutboxPorts) {
    this.#ports = ports;
  }

  /** Something may have come, or may go through now: sends what waits. */
  wake(): void {
    if (this.#ending.signal.aborted || this.#running !== null || this.#timer !== null) return;
    this.#running = this.#sendAll().finally(() => {
      this.#running = null;
    });
  }

  /** Gives up the oldest where too many wait. */
  bound(): void {
    const { kept, channel, log } = this.#ports;
    const surplus = kept().countDeliveries(channel) - maximumWaiting;
    if (surplus <= 0) return;
    log.warn('too many messages wait for their receiver: the oldest are given up', { channel, surplus });
    kept().dropDeliveries(channel, surplus);
  }

  /** Tries again at once: the receiver is another one now. */
  hurry(): void {
    this.#timer?.[Symbol.dispose]();
    this.#timer = null;
    this.#pauseMs = firstPauseMs;
    this.wake();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#ending.abort();
    this.#timer?.[Symbol.dispose]();
    this.#timer = null;
    await this.#running;
  }

  async #sendAll(): Promise<void> {
    const { kept, channel } = this.#ports;
    const { signal } = this.#ending;
    for (let waiting = kept().deliveriesTo(channel, batch); waiting.length > 0; waiting = kept().deliveriesTo(channel, batch)) {
      for (const delivery of waiting) {
        if (signal.aborted || !(await this.#send(delivery))) return;
      }
    }
  }

  /** Whether to go on with the next one. */
  async #send(delivery: StoredDelivery): Promise<boolean> {
    const { clock, kept, log, channel } = this.#ports;
    const isOld = clock.now() - delivery.madeAt > maximumAgeMs;
    const attempt: Attempt = isOld ? { kind: 'never', reason: 'nobody took it for a week' } : await this.#ports.attempt(delivery, this.#ending.signal);
    if (this.#ending.signal.aborted && attempt.kind !== 'sent') return false;
    if (attempt.kind === 'later') {
      log.info('a message could not be sent and waits', { channel, reason: attempt.reason });
      this.#pause();
      return false;
    }
    if (attempt.kind === 'never') log.warn('a message was given up', { channel, reason: attempt.reason });
    this.#pauseMs = firstPauseMs;
    if (kept().removeDelivery(delivery.key)) return true;
    // It was taken, and the disk does not let that be noted: its key tells the receiver that it comes again.
    this.#pause();
    return false;
  }

  #pause(): void {
    if (this.#ending.signal.aborted) return;
    const pause = this.#pauseMs * (0.5 + this.#ports.random() / 2);
    this.#pauseMs = Math.min(this.#pauseMs * 2, longestPauseMs);
    this.#timer = this.#ports.clock.after(pause, () => {
      this.#timer = null;
      // What set the timer may not have returned yet.
      void Promise.resolve(this.#running).then(() => this.wake());
    });
  }
}
