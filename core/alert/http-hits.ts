import type { Moment } from './moment.ts';
import type { AlertRules } from './rules.ts';
import type { Signal } from './signal.ts';
import { SlidingSum } from './sliding.ts';
import { durationText, shownName, textOf, titleOf } from './texts.ts';

/** Requests of plain HTTP, on average over a span: over a threshold, until they are below it again. */
export class HttpHits {
  #span = 0;
  #requests = new SlidingSum(1);
  #isOn = false;
  /** Requests of each moment since it was on, of the host that was asked most. */
  #most: Moment['httpMost'] = null;

  step(moment: Moment, rules: AlertRules): readonly Signal[] {
    const { httpRequestsPerSecond: threshold, httpSeconds: span } = rules;
    if (span !== this.#span) [this.#span, this.#requests] = [span, new SlidingSum(span)];
    this.#requests.add(moment.httpRequests, moment.seconds);
    const isOver = threshold > 0 && this.#requests.sum >= threshold * span;
    if (!isOver) [this.#isOn, this.#most] = [false, null];
    else {
      if ((moment.httpMost?.requests ?? 0) >= (this.#most?.requests ?? 0)) this.#most = moment.httpMost;
      this.#isOn = true;
    }
    return this.#isOn ? [this.#signal(span)] : [];
  }

  #signal(span: number): Signal {
    const host = this.#most?.host ?? null;
    const rate = this.#requests.sum / span;
    const whom = host === null ? '' : ` Most went to ${shownName(host)}.`;
    return {
      kind: 'http-hits',
      situation: 'http-hits',
      severity: 'information',
      title: titleOf('Many requests of plain HTTP'),
      text: textOf(`${rate.toFixed(1)} requests a second over the last ${durationText(span)}.${whom}`),
      overText: (seconds) => textOf(`Over after ${durationText(seconds)}: fewer requests of plain HTTP.${whom}`),
      cause: null,
      apps: [],
      domains: host === null ? [] : [host],
      isLearnt: false,
      isRenewed: true,
      repeats: true,
    };
  }
}
