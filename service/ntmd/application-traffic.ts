import type { MeasuredInterval } from '../../core/attribution/index.ts';
import type { Withholding } from '../../core/settings/index.ts';
import type { MeasuredListener } from '../measured-listener.ts';

/** What one application did, in ntmd's words. */
export interface Traffic {
  readonly bytesRx: number;
  readonly bytesTx: number;
  readonly pktRxCount: number;
  readonly pktTxCount: number;
}

/** Applications by name. */
export type TrafficByName = Readonly<Record<string, Traffic>>;

/** How the bytes of unknown owners are called. */
export const unknownApplication = 'unknown';

/** More than run at once on any desktop; what comes after is counted as unknown. */
const maximumApplications = 4096;

interface Application extends Traffic {
  readonly id: string | null;
  readonly displayName: string;
}

/**
 * Applications by the names that people read. Where two are called alike, both stand under what they are known by, so that none
 * is lost in the other.
 */
export function byName(applications: readonly Application[]): TrafficByName {
  const names = Map.groupBy(applications, ({ id, displayName }) => (id === null ? unknownApplication : displayName));
  // Without a prototype a name may be any text, "__proto__" too.
  const result: Record<string, Traffic> = Object.create(null);
  for (const [name, alike] of names) {
    for (const { id, displayName: _displayName, ...traffic } of alike) result[alike.length === 1 && name !== '' ? name : (id ?? unknownApplication)] = traffic;
  }
  return result;
}

/** Sums what the applications of the running interval did, and says when it is over. */
export class ApplicationTraffic implements MeasuredListener {
  readonly #intervalSeconds: number;
  readonly #rules: () => Withholding | null;
  readonly #completed: (traffic: TrafficByName, seconds: number) => void;
  #held = new Map<string | null, Application>();
  #seconds = 0;

  /** `completed` is called at the end of each interval, with the whole seconds that it took. */
  constructor(intervalSeconds: number, ports: { readonly rules: () => Withholding | null; readonly completed: (traffic: TrafficByName, seconds: number) => void }) {
    this.#intervalSeconds = intervalSeconds;
    this.#rules = ports.rules;
    this.#completed = ports.completed;
  }

  /** The interval so far. */
  get running(): TrafficByName {
    return byName([...this.#held.values()]);
  }

  interval({ flows, intervalSeconds }: MeasuredInterval): void {
    const rules = this.#rules();
    for (const { delta, owner, placement } of flows) {
      if (placement !== 'edge') continue;
      const app = owner.app !== null && (rules === null || rules.mayNameApp(owner.app.app)) ? owner.app : null;
      const id = app !== null && (this.#held.has(app.app) || this.#held.size < maximumApplications) ? app.app : null;
      const before = this.#held.get(id);
      this.#held.set(id, {
        id,
        displayName: id === null ? unknownApplication : (app?.displayName ?? id),
        bytesRx: (before?.bytesRx ?? 0) + delta.rxBytes,
        bytesTx: (before?.bytesTx ?? 0) + delta.txBytes,
        pktRxCount: (before?.pktRxCount ?? 0) + delta.rxPackets,
        pktTxCount: (before?.pktTxCount ?? 0) + delta.txPackets,
      });
    }
    this.#seconds += intervalSeconds;
    // Seconds of the helper are a little longer or shorter than a second.
    if (Math.round(this.#seconds) < this.#intervalSeconds) return;
    this.#completed(this.running, Math.round(this.#seconds));
    this.#held = new Map();
    this.#seconds = 0;
  }
}
