import type { AppRow, DomainRow, LiveEvent, PrivacyMode, Snapshot, StepsResult } from '../../protocol/app.ts';
import type { Trouble } from '../../protocol/helper.ts';
import { liveSeconds, RateTrack, Sparks } from './rates.ts';
import { noReceipt, Receipt } from './receipt.ts';
import type { ReceiptSums } from './receipt.ts';

/** A key of its own for each row, the unknown ones by their reason: no name has a NUL in front. */
function appKey({ app, reason }: AppRow): string {
  return app ?? `\0${reason ?? ''}`;
}

function domainKey({ domain, reason }: DomainRow): string {
  return domain ?? `\0${reason ?? ''}`;
}

/** What flows now: the newest snapshot as it came, and the last minutes that are drawn. */
export class Live {
  #snapshot: Snapshot | null = $state.raw(null);
  #mode: PrivacyMode = $state.raw({ paused: null, private: null });
  #troubles: readonly Trouble[] = $state.raw([]);
  /** Counts up with every snapshot: the tracks below are changed in place, so that a second costs nothing but itself. */
  #tick = $state(0);
  readonly total = new RateTrack(liveSeconds);
  readonly apps = new Sparks(appKey);
  readonly domains = new Sparks(domainKey);
  readonly #receipt = new Receipt();

  get snapshot(): Snapshot | null {
    return this.#snapshot;
  }

  get mode(): PrivacyMode {
    return this.#mode;
  }

  get troubles(): readonly Trouble[] {
    return this.#troubles;
  }

  get tick(): number {
    return this.#tick;
  }

  /** How surely the last minute's bytes were told whose they are. */
  get receiptSums(): ReceiptSums {
    return this.#tick === 0 ? noReceipt : this.#receipt.sums;
  }

  take(event: LiveEvent): void {
    switch (event.kind) {
      case 'snapshot':
        this.#mode = event.mode;
        this.#takeSnapshot(event.snapshot);
        return;
      case 'notice':
        this.#mode = event.mode;
        this.#troubles = event.troubles;
        return;
      default:
        // Kinds that this window does not know yet concern others.
    }
  }

  /** Fills what is not known of the last minutes from what the history keeps in steps of ten seconds. */
  recall({ to, steps }: StepsResult): void {
    this.total.moveTo(Math.floor(to / 1000), Number.NaN);
    for (const { start, rxBytes, txBytes } of steps) {
      const from = Math.floor(start / 1000);
      this.total.setUnknown({ from, to: from + 10 }, rxBytes / 10, txBytes / 10);
    }
    this.#tick += 1;
  }

  #takeSnapshot(snapshot: Snapshot): void {
    this.#snapshot = snapshot;
    this.#troubles = snapshot.troubles;
    const { totals, intervalSeconds, apps, domains } = snapshot;
    const end = Math.round(snapshot.time / 1000);
    const seconds = Math.max(1, intervalSeconds);
    this.total.moveTo(end, Number.NaN);
    this.total.set({ from: Math.round(end - seconds), to: end }, totals.rxBytes / seconds, totals.txBytes / seconds);
    this.apps.take(apps, end, seconds);
    this.domains.take(domains, end, seconds);
    this.#receipt.take(snapshot.coverage, end);
    this.#tick += 1;
  }
}
