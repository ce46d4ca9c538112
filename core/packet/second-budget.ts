import type { EpochMs } from '../../protocol/units.ts';

/** So many times a second of packet time, and no more. */
export class SecondBudget {
  readonly #perSecond: number;
  #second = -1;
  #spent = 0;

  constructor(perSecond: number) {
    this.#perSecond = perSecond;
  }

  /** Whether once more is within the budget of the second that `now` lies in. */
  spend(now: EpochMs): boolean {
    const second = Math.floor(now / 1000);
    if (second !== this.#second) {
      this.#second = second;
      this.#spent = 0;
    }
    this.#spent += 1;
    return this.#spent <= this.#perSecond;
  }
}
