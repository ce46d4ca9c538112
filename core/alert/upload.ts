import type { EpochMs } from '../../protocol/units.ts';
import { Causes } from './causes.ts';
import { emptySum } from './moment.ts';
import type { AppPart, Moment } from './moment.ts';
import type { AlertRules } from './rules.ts';
import type { Signal } from './signal.ts';
import { SlidingSum } from './sliding.ts';
import { bytesText, didText, durationText, namedBy, shownName, textOf, titleOf } from './texts.ts';

const hourSeconds = 3600;

/** It is over when the last hour held less than this share of the bound. */
const recoveredShare = 0.5;

/** Apps that sent something in the last hour, most; what sent least makes room. */
const maximumApps = 512;

/** What an app ever sent in an hour, before now. */
export interface UploadPast {
  readonly mostInAnHour: number;
  /** Since when it is known. */
  readonly since: EpochMs;
}

/** What the history knows of an app; null where it knows nothing. */
export type UploadPastOf = (app: string, now: EpochMs) => UploadPast | null;

interface Sending {
  readonly hour: SlidingSum;
  causes: Causes | null;
  /** Null until it was asked for. */
  bound: number | null;
  isOn: boolean;
}

/** An app is judged by what it did before only after a day: what is new is told as a first sight. */
const leastKnownMs = 86_400_000;

/** An app that sends many times what it ever sent in an hour. The history is asked once for each app that sends a lot. */
export class Uploads {
  readonly #pastOf: UploadPastOf;
  readonly #sending = new Map<string, Sending>();

  constructor(pastOf: UploadPastOf) {
    this.#pastOf = pastOf;
  }

  step(moment: Moment, rules: AlertRules): readonly Signal[] {
    if (rules.uploadTimes === 0) {
      this.#sending.clear();
      return [];
    }
    const parts = new Map(moment.apps.map((part) => [part.app, part]));
    for (const { app, internet } of moment.apps) if (app !== null && internet.txBytes > 0) this.#follow(app);
    const signals: Signal[] = [];
    for (const [app, sending] of this.#sending) {
      const signal = this.#stepOf(app, sending, { part: parts.get(app), moment, rules });
      if (signal !== null) signals.push(signal);
      if (sending.hour.sum <= 0 && !sending.isOn) this.#sending.delete(app);
    }
    return signals;
  }

  #follow(app: string): void {
    if (this.#sending.has(app)) return;
    if (this.#sending.size >= maximumApps) {
      const [least] = [...this.#sending].toSorted((a, b) => a[1].hour.sum - b[1].hour.sum);
      if (least !== undefined) this.#sending.delete(least[0]);
    }
    this.#sending.set(app, { hour: new SlidingSum(hourSeconds), causes: null, bound: null, isOn: false });
  }

  #stepOf(app: string, sending: Sending, { part, moment, rules }: { readonly part: AppPart | undefined; readonly moment: Moment; readonly rules: AlertRules }): Signal | null {
    const sent = part?.internet.txBytes ?? 0;
    sending.hour.add(sent, moment.seconds);
    const { sum } = sending.hour;
    const causes = (sending.causes ??= new Causes('up'));
    if (part !== undefined) causes.add(ofOneApp(moment, part));
    if (!sending.isOn && sum < rules.uploadLeastBytes) {
      if (sum <= 0) sending.causes = null;
      sending.bound = null;
      return null;
    }
    sending.bound ??= this.#boundOf(app, moment.now, rules);
    sending.isOn = sending.isOn ? sum >= sending.bound * recoveredShare : sum > sending.bound;
    return sending.isOn ? signalOf(app, { sum, bound: sending.bound, times: rules.uploadTimes, causes, name: part?.displayName ?? null }) : null;
  }

  #boundOf(app: string, now: EpochMs, { uploadTimes, uploadLeastBytes }: AlertRules): number {
    const past = this.#pastOf(app, now);
    if (past === null || now - past.since < leastKnownMs) return Number.POSITIVE_INFINITY;
    return Math.max(uploadLeastBytes, past.mostInAnHour * uploadTimes);
  }
}

/** The moment as if there had been nobody else. */
function ofOneApp(moment: Moment, part: AppPart): Moment {
  const { rxBytes, txBytes } = part;
  return { ...moment, totals: { rxBytes, txBytes }, internet: emptySum(), apps: [part] };
}

interface Facts {
  readonly sum: number;
  readonly bound: number;
  readonly times: number;
  readonly causes: Causes;
  readonly name: string | null;
}

function signalOf(app: string, { sum, bound, times, causes, name }: Facts): Signal {
  const cause = causes.cause();
  const who = shownName(cause?.displayName ?? name ?? app);
  return {
    kind: 'upload',
    situation: `upload:${app}`.slice(0, 512),
    severity: 'warning',
    title: titleOf(`${who} sends more than it ever did`),
    text: textOf(`${who} sent ${bytesText(sum)} within an hour. It never sent more than ${bytesText(bound / times)} in one.`, didText(cause, 'up')),
    overText: (seconds) => textOf(`Over after ${durationText(seconds)}:`, didText(cause, 'up')),
    cause,
    apps: [...new Set([app, ...namedBy(cause).apps])],
    domains: namedBy(cause).domains,
    isLearnt: true,
    isRenewed: true,
    repeats: true,
  };
}
