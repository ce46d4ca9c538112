import type { AlertCause, ByteCounts } from '../../protocol/app.ts';
import { registrableDomain } from '../naming/index.ts';
import { addTo, bytesIn, emptySum } from './moment.ts';
import type { Moment, Sum } from './moment.ts';
import type { AlertRules } from './rules.ts';
import type { Signal } from './signal.ts';
import { SlidingSum } from './sliding.ts';
import { bytesText, durationText, shownName, textOf, titleOf } from './texts.ts';
import type { VolumeRule } from './volume-rule.ts';

/** Keys that one rule for any app, domain or network follows at the same time; those that moved nothing for the span make room. */
const maximumKeys = 512;

/** It is over when the span holds less than this share of the bound. */
const recoveredShare = 0.9;

const words = { machine: 'This machine', app: 'The app', domain: 'The domain', network: 'The network' } as const;
const verbs = { both: 'moved', down: 'received', up: 'sent' } as const;

interface Followed {
  readonly sliding: SlidingSum;
  readonly label: string;
  isOn: boolean;
  bytes: Sum;
}

/** What one key moved in one moment. */
interface KeySum {
  readonly label: string;
  readonly bytes: ByteCounts;
}

/** One rule over all the keys that it is for. */
class VolumeWatch {
  readonly #rule: VolumeRule;
  readonly #followed = new Map<string, Followed>();

  constructor(rule: VolumeRule) {
    this.#rule = rule;
  }

  /** Begins with what the history says was moved in the span before. */
  begin(key: string, label: string, bytes: ByteCounts): void {
    const followed = this.#follow(key, label);
    if (followed === null) return;
    followed.sliding.add(bytesIn(this.#rule.direction, bytes), this.#rule.seconds / 60);
    addTo(followed.bytes, bytes);
  }

  step(moment: Moment): readonly Signal[] {
    const { direction, bytes: bound } = this.#rule;
    const moved = sumsOf(moment, this.#rule);
    for (const [key, { label }] of moved) this.#follow(key, label);
    const signals: Signal[] = [];
    for (const [key, followed] of this.#followed) {
      const now = moved.get(key)?.bytes ?? emptySum();
      followed.sliding.add(bytesIn(direction, now), moment.seconds);
      addTo(followed.bytes, now);
      const { sum } = followed.sliding;
      followed.isOn = followed.isOn ? sum >= bound * recoveredShare : sum > bound;
      if (followed.isOn) signals.push(this.#signal(key, followed));
      else followed.bytes = emptySum();
      if (sum <= 0 && !followed.isOn) this.#followed.delete(key);
    }
    return signals;
  }

  #follow(key: string, label: string): Followed | null {
    const known = this.#followed.get(key);
    if (known !== undefined) return known;
    if (this.#followed.size >= maximumKeys) return null;
    const followed = { sliding: new SlidingSum(this.#rule.seconds), label, isOn: false, bytes: emptySum() };
    this.#followed.set(key, followed);
    return followed;
  }

  #signal(key: string, { sliding, label, bytes }: Followed): Signal {
    const { of, direction, seconds, bytes: bound } = this.#rule;
    const who = of === 'machine' ? words.machine : `${words[of]} ${shownName(label)}`;
    const cause: AlertCause | null =
      of === 'machine' || of === 'network'
        ? null
        : { app: of === 'app' ? key : null, displayName: of === 'app' ? label.slice(0, 128) : null, domain: of === 'domain' ? key : null, bytes: { ...bytes }, bytesPerSecond: 0, share: null };
    const situation = `volume:${of}:${direction}:${bound}:${seconds}:${key}`;
    return {
      kind: 'volume',
      situation: situation.length <= 512 ? situation : situation.slice(0, 512),
      severity: 'warning',
      title: titleOf(`${who} ${verbs[direction]} more than ${bytesText(bound)}`),
      text: textOf(`${who} ${verbs[direction]} ${bytesText(sliding.sum)} within ${durationText(seconds)}: more than ${bytesText(bound)}.`),
      overText: () => textOf(`Over: ${who} is below ${bytesText(bound)} within ${durationText(seconds)} again.`),
      cause,
      apps: of === 'app' ? [key] : [],
      domains: of === 'domain' ? [key] : [],
      isLearnt: false,
      isRenewed: true,
      repeats: true,
    };
  }
}

function sumsOf(moment: Moment, rule: VolumeRule): ReadonlyMap<string, KeySum> {
  const sums = new Map<string, { label: string; bytes: Sum }>();
  const add = (key: string, label: string, bytes: ByteCounts): void => {
    if (rule.key !== null && rule.key !== key) return;
    let sum = sums.get(key);
    if (sum === undefined) sums.set(key, (sum = { label, bytes: emptySum() }));
    addTo(sum.bytes, bytes);
  };
  switch (rule.of) {
    case 'machine':
      sums.set('', { label: '', bytes: { ...moment.totals } });
      break;
    case 'network':
      for (const [network, bytes] of moment.networks) add(network, network, bytes);
      break;
    case 'app':
      for (const part of moment.apps) if (part.app !== null) add(part.app, part.displayName ?? part.app, part);
      break;
    case 'domain':
      for (const { hosts } of moment.apps) {
        for (const host of hosts.values()) {
          const domain = host.name === null ? null : (registrableDomain(host.name) ?? host.name);
          if (domain !== null) add(domain, domain, host);
        }
      }
      break;
  }
  return sums;
}

/** What was moved before, where the history knows it. */
export type VolumeBefore = (rule: VolumeRule) => readonly { readonly key: string; readonly label: string; readonly bytes: ByteCounts }[];

/** More than so much in so long, for each rule. */
export class Volumes {
  readonly #before: VolumeBefore;
  #watches = new Map<string, VolumeWatch>();

  constructor(before: VolumeBefore) {
    this.#before = before;
  }

  step(moment: Moment, { volumes }: AlertRules): readonly Signal[] {
    const watches = new Map<string, VolumeWatch>();
    for (const rule of volumes) {
      const key = JSON.stringify(rule);
      watches.set(key, this.#watches.get(key) ?? this.#begun(rule));
    }
    this.#watches = watches;
    return [...watches.values()].flatMap((watch) => watch.step(moment));
  }

  #begun(rule: VolumeRule): VolumeWatch {
    const watch = new VolumeWatch(rule);
    for (const { key, label, bytes } of this.#before(rule)) if (rule.key === null || rule.key === key || rule.of === 'machine') watch.begin(key, label, bytes);
    return watch;
  }
}
