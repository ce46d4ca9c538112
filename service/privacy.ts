import { pausedInterval, privateInterval } from '../core/attribution/index.ts';
import type { MeasuredInterval } from '../core/attribution/index.ts';
import type { Naming } from '../core/naming/index.ts';
import type { NameSeen } from '../protocol/flow.ts';
import type { PrivacySwitch } from './privacy-switch.ts';

/** What a measurement asks of the pause and the private mode: `Privacy` is it. */
export interface Withholder {
  readonly isPaused: boolean;
  /** The names that may be remembered. */
  tellable(names: readonly NameSeen[]): readonly NameSeen[];
  /** The interval as it may be kept and shown; the same one where nothing is withheld. */
  kept(interval: MeasuredInterval): MeasuredInterval;
}

/** Takes out of what is measured whatever the pause or the private mode forbids to keep, before anything else sees it. */
export class Privacy implements Withholder {
  readonly #modes: PrivacySwitch;
  readonly #names: Pick<Naming, 'end'>;

  constructor(modes: PrivacySwitch, names: Pick<Naming, 'end'>) {
    this.#modes = modes;
    this.#names = names;
  }

  get isPaused(): boolean {
    return this.#modes.mode.paused !== null;
  }

  tellable(names: readonly NameSeen[]): readonly NameSeen[] {
    return names.filter(({ time }) => this.#modes.withheldSince(time) === 'open');
  }

  kept(interval: MeasuredInterval): MeasuredInterval {
    const withheld = this.#modes.withheldSince(interval.time - interval.intervalSeconds * 1000);
    if (withheld === 'open' && !interval.paused) return interval;
    // Whoever takes the interval further does not see these flows, and so cannot end their names.
    for (const { delta } of interval.flows) if (delta.closed) this.#names.end(delta.flow);
    return withheld === 'private' && !interval.paused ? privateInterval(interval) : pausedInterval(interval);
  }
}
