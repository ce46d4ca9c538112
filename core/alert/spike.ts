import { Causes } from './causes.ts';
import { Hold } from './hold.ts';
import { bytesIn } from './moment.ts';
import type { Moment } from './moment.ts';
import type { AlertRules } from './rules.ts';
import type { Signal } from './signal.ts';
import { didText, doingText, durationText, namedBy, soFarText, textOf, titleOf, whoText } from './texts.ts';

type OneWay = 'down' | 'up';

const titles = { down: 'is downloading a lot', up: 'is uploading a lot' } as const;

/** A rate over a threshold for a span, in one direction. */
class SpikeOneWay {
  readonly #direction: OneWay;
  readonly #hold = new Hold();
  #causes: Causes;
  #seconds = 0;

  constructor(direction: OneWay) {
    this.#direction = direction;
    this.#causes = new Causes(direction);
  }

  step(moment: Moment, rules: AlertRules): Signal | null {
    const bytes = bytesIn(this.#direction, moment.totals);
    const isOn = this.#hold.step(bytes, moment.seconds, { threshold: rules.spikeBytesPerSecond, span: rules.spikeSeconds });
    if (!this.#hold.isPending) {
      if (this.#seconds > 0) [this.#causes, this.#seconds] = [new Causes(this.#direction), 0];
      return null;
    }
    this.#causes.add(moment);
    this.#seconds += moment.seconds;
    return isOn ? this.#signal() : null;
  }

  #signal(): Signal {
    const direction = this.#direction;
    const cause = this.#causes.cause();
    const bytes = bytesIn(direction, this.#causes.total);
    return {
      kind: 'spike',
      situation: `spike:${direction}`,
      severity: 'warning',
      title: titleOf(`${whoText(cause)} ${titles[direction]}`),
      text: textOf(doingText(cause, direction), soFarText(bytes, this.#seconds)),
      overText: (seconds) => textOf(`Over after ${durationText(seconds)}:`, didText(cause, direction)),
      cause,
      ...namedBy(cause),
      isLearnt: false,
      isRenewed: true,
      repeats: true,
    };
  }
}

/** Tells of rates over the threshold, down and up. */
export class Spikes {
  readonly #down = new SpikeOneWay('down');
  readonly #up = new SpikeOneWay('up');

  step(moment: Moment, rules: AlertRules): readonly Signal[] {
    return [this.#down.step(moment, rules), this.#up.step(moment, rules)].filter((signal) => signal !== null);
  }
}
