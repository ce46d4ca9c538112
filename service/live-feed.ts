import type { Alert, AlertAct, LiveEvent, PrivacyMode, Snapshot } from '../protocol/app.ts';
import { maximumHeldAlerts } from '../protocol/app.ts';
import type { Trouble } from '../protocol/helper.ts';
import { Mailbox } from './mailbox.ts';

export const openMode: PrivacyMode = { paused: null, private: null };

/** What is known beside the traffic. */
export interface Standing {
  readonly mode: PrivacyMode;
  readonly troubles: readonly Trouble[];
}

/** What has become of an alert, what a desktop is to do about it, and which ones are not over now. */
export interface AlertNews {
  readonly alert: Alert;
  readonly act: AlertAct;
  readonly open: readonly Alert[];
}

/**
 * What a slow listener is kept: the newest snapshot, which makes good for all before it; after it the newest notice, which has
 * all that changed; and the last alerts, because each is told once.
 */
export function keepNewest(held: readonly LiveEvent[], next: LiveEvent): readonly LiveEvent[] {
  if (next.kind === 'alert') return withoutOldestAlert([...held, next]);
  const replaced = next.kind === 'snapshot' ? ['snapshot', 'notice'] : ['notice'];
  return [...held.filter(({ kind }) => !replaced.includes(kind)), next];
}

function withoutOldestAlert(held: readonly LiveEvent[]): readonly LiveEvent[] {
  if (held.filter(({ kind }) => kind === 'alert').length <= maximumHeldAlerts) return held;
  return held.toSpliced(held.findIndex(({ kind }) => kind === 'alert'), 1);
}

/**
 * Hands each event to all who listen. A listener that is slow gets the newest only and finds a gap in the sequence
 * numbers; nobody makes anybody wait. The first event is the newest snapshot, where there is one.
 */
export class LiveFeed implements Disposable {
  readonly #listeners = new Set<Mailbox<LiveEvent>>();
  #newest: Snapshot | null = null;
  #mode: PrivacyMode = openMode;
  #openAlerts: readonly Alert[] = [];
  /** Number of the event that came last. */
  #sequence = -1;

  get listeners(): number {
    return this.#listeners.size;
  }

  /** Events that are held for those who have not taken them: two and the last alerts for each listener at most. */
  get held(): number {
    return [...this.#listeners].reduce((sum, listener) => sum + listener.held, 0);
  }

  publish(measured: Snapshot): void {
    const snapshot = this.#openAlerts.length === 0 ? measured : { ...measured, openAlerts: [...this.#openAlerts] };
    this.#newest = snapshot;
    this.#send({ kind: 'snapshot', sequence: this.#sequence + 1, snapshot, mode: this.#mode });
  }

  /** Tells of an alert at once. */
  alert({ alert, act, open }: AlertNews): void {
    this.openAlerts(open);
    this.#send({ kind: 'alert', sequence: this.#sequence + 1, alert, act });
  }

  /** What is not over now, for the snapshots to come. */
  openAlerts(open: readonly Alert[]): void {
    this.#openAlerts = open;
    if (this.#newest !== null) this.#newest = { ...this.#newest, openAlerts: [...open] };
  }

  /** Tells at once what has changed beside the traffic. */
  notice({ mode, troubles }: Standing): void {
    this.#mode = mode;
    if (this.#newest !== null) this.#newest = { ...this.#newest, troubles: [...troubles] };
    this.#send({ kind: 'notice', sequence: this.#sequence + 1, mode, troubles: [...troubles] });
  }

  /** Who comes next is not shown what was there before: it has been forgotten. */
  forget(): void {
    this.#newest = null;
  }

  /** The subscription begins with this call, not with the first `next()`, and lasts until it or the feed is ended. */
  subscribe(): Mailbox<LiveEvent> {
    const listener = new Mailbox<LiveEvent>(() => this.#listeners.delete(listener), keepNewest);
    this.#listeners.add(listener);
    const snapshot = this.#newest;
    if (snapshot !== null) listener.put({ kind: 'snapshot', sequence: this.#sequence, snapshot, mode: this.#mode });
    return listener;
  }

  [Symbol.dispose](): void {
    for (const listener of this.#listeners) listener.end();
  }

  #send(event: LiveEvent): void {
    this.#sequence = event.sequence;
    for (const listener of this.#listeners) listener.put(event);
  }
}
