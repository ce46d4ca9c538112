import type { EpochMs } from '../../protocol/units.ts';
import type { Usual } from './baseline.ts';
import { Causes } from './causes.ts';
import { bytesOf } from './moment.ts';
import type { Moment } from './moment.ts';
import type { AlertRules } from './rules.ts';
import type { Signal } from './signal.ts';
import { SlidingSum } from './sliding.ts';
import { bytesText, didText, doingText, durationText, namedBy, textOf, titleOf } from './texts.ts';

const quarterSeconds = 900;

/** It is over when the last quarter of an hour held less than this share of the bound. */
const recoveredShare = 0.5;

/** A cause is made of what moved since the last quiet stretch: it begins anew where less than this share of the bound moves. */
const quietShare = 0.1;

/** What is usual at an instant for this sensitivity; null where too little is known. */
export type UsualAt = (now: EpochMs, sensitivity: Exclude<AlertRules['unusual'], 'off'>) => Usual | null;

/** A quarter of an hour with much more internet traffic than this hour of the week has on this machine. */
export class Unusual {
  readonly #usualAt: UsualAt;
  readonly #quarter = new SlidingSum(quarterSeconds);
  #causes = new Causes('both');
  #isOn = false;
  /** What was usual when it began: the threshold does not move under a situation that lasts. */
  #usual: Usual | null = null;

  constructor(usualAt: UsualAt) {
    this.#usualAt = usualAt;
  }

  step(moment: Moment, rules: AlertRules): readonly Signal[] {
    if (rules.unusual === 'off') {
      this.#isOn = false;
      return [];
    }
    this.#quarter.add(bytesOf(moment.internet), moment.seconds);
    const usual = this.#isOn ? this.#usual : this.#usualAt(moment.now, rules.unusual);
    if (usual === null) return [];
    this.#follow(moment, usual);
    const { sum } = this.#quarter;
    this.#isOn = this.#isOn ? sum >= usual.bound * recoveredShare : sum > usual.bound;
    this.#usual = usual;
    return this.#isOn ? [this.#signal(usual)] : [];
  }

  #follow(moment: Moment, usual: Usual): void {
    const moves = this.#quarter.sum >= usual.bound * quietShare;
    if (moves || this.#isOn) this.#causes.add(moment);
    else if (bytesOf(this.#causes.total) > 0) this.#causes = new Causes('both');
  }

  #signal({ median }: Usual): Signal {
    const cause = this.#causes.cause();
    const { sum } = this.#quarter;
    const usually = median < 1_000_000 ? 'Usually there is next to nothing at this hour.' : `Usually it is ${bytesText(median)} at this hour.`;
    return {
      kind: 'unusual',
      situation: 'unusual',
      severity: 'warning',
      title: titleOf('More traffic than usual at this hour'),
      text: textOf(`${bytesText(sum)} in the last quarter of an hour. ${usually}`, doingText(cause, 'both')),
      overText: (seconds) => textOf(`Over after ${durationText(seconds)}:`, didText(cause, 'both')),
      cause,
      ...namedBy(cause),
      isLearnt: true,
      isRenewed: true,
      repeats: true,
    };
  }
}
