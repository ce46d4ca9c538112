/** Over the threshold for a span: and then until it stays below the lower one for a while. */
export interface HoldRule {
  readonly threshold: number;
  /** Seconds. */
  readonly span: number;
}

/** Below this share of the threshold it is over: a rate that swings around the threshold is one situation. */
const recoveredShare = 0.7;

/** Seconds below it, least: TCP pauses for a second or two when it loses packets. */
const leastRecoverySeconds = 5;

/** A part of the span that may lie below the threshold, if the mean over all of it does not. */
const dipShare = 0.2;

/** Whether a rate is high, decided from what was measured each interval and nothing else. */
export class Hold {
  #isOn = false;
  #seconds = 0;
  #amount = 0;
  #low = 0;

  get isOn(): boolean {
    return this.#isOn;
  }

  /** Whether something has begun that may become a situation. */
  get isPending(): boolean {
    return this.#isOn || this.#seconds > 0;
  }

  /** `amount` is what came in `seconds`: bytes, requests. Says whether it is on now. */
  step(amount: number, seconds: number, rule: HoldRule): boolean {
    if (seconds <= 0) return this.#isOn;
    if (rule.threshold <= 0) return this.#reset();
    return this.#isOn ? this.#whileOn(amount / seconds, seconds, rule) : this.#whileOff(amount, seconds, rule);
  }

  #whileOn(rate: number, seconds: number, rule: HoldRule): boolean {
    this.#low = rate < rule.threshold * recoveredShare ? this.#low + seconds : 0;
    return this.#low >= Math.max(rule.span / 2, leastRecoverySeconds) ? this.#reset() : true;
  }

  #whileOff(amount: number, seconds: number, rule: HoldRule): boolean {
    this.#low = amount / seconds < rule.threshold ? this.#low + seconds : 0;
    if (this.#low > 0 && (this.#seconds === 0 || this.#low > rule.span * dipShare)) return this.#reset();
    this.#seconds += seconds;
    this.#amount += amount;
    if (this.#amount < this.#seconds * rule.threshold) return this.#reset();
    this.#isOn = this.#low === 0 && this.#seconds >= rule.span;
    if (this.#isOn) this.#low = 0;
    return this.#isOn;
  }

  #reset(): false {
    this.#isOn = false;
    this.#seconds = 0;
    this.#amount = 0;
    this.#low = 0;
    return false;
  }
}
