import type { LiveEvent, Snapshot } from '../protocol/app.ts';
import { Mailbox } from './mailbox.ts';

/**
 * Hands each snapshot to all who listen. A listener that is slow gets the newest only and finds a gap in the sequence
 * numbers; nobody makes anybody wait. Events begin with the first snapshot after the subscription.
 */
export class LiveFeed implements Disposable {
  readonly #listeners = new Set<Mailbox<LiveEvent>>();
  #sequence = 0;

  get listeners(): number {
    return this.#listeners.size;
  }

  publish(snapshot: Snapshot): void {
    const event = { sequence: this.#sequence, snapshot };
    this.#sequence += 1;
    for (const listener of this.#listeners) listener.put(event);
  }

  /** The subscription begins with this call, not with the first `next()`, and lasts until it or the feed is ended. */
  subscribe(): Mailbox<LiveEvent> {
    const listener = new Mailbox<LiveEvent>(() => this.#listeners.delete(listener));
    this.#listeners.add(listener);
    return listener;
  }

  [Symbol.dispose](): void {
    for (const listener of this.#listeners) listener.end();
  }
}
