import type { Alert } from '../../protocol/alert.ts';
import type { Trouble } from '../../protocol/helper.ts';
import type { Moment } from './moment.ts';
import type { Signal } from './signal.ts';
import { Situations } from './situations.ts';
import type { AlertChange, AlertPast, Circumstances, OpenAlert } from './situations.ts';
import { Spikes } from './spike.ts';

/** What is told to the alerts once a second. */
export interface AlertInput extends Circumstances {
  readonly moment: Moment;
  readonly troubles: readonly Trouble[];
}

/** Everything that decides about alerts: what is so now, and what becomes of it. It has no clock and touches nothing. */
export class Alerting {
  readonly #spikes = new Spikes();
  readonly #situations: Situations;

  constructor(past: AlertPast) {
    this.#situations = new Situations(past);
  }

  get open(): readonly Alert[] {
    return this.#situations.open;
  }

  get situations(): Situations {
    return this.#situations;
  }

  step(input: AlertInput): readonly AlertChange[] {
    return this.#situations.step(this.#signals(input), input);
  }

  forget(isNamed: (open: OpenAlert) => boolean): number {
    return this.#situations.forget(isNamed);
  }

  #signals({ moment, rules }: AlertInput): readonly Signal[] {
    return [...this.#spikes.step(moment, rules)];
  }
}
