import type { EpochMs } from '../../protocol/units.ts';
import { registrableDomain } from '../naming/index.ts';
import type { Moment } from './moment.ts';
import type { AlertRules } from './rules.ts';
import type { Signal } from './signal.ts';
import { shownName, textOf, titleOf } from './texts.ts';

/** First sights that come within this are one message; it stays as long. */
const digestSeconds = 60;

/** Keys that are known to be known, most: beyond it the history is asked again. */
const maximumKnown = 16_384;

/** Names in a sentence, most. */
const shownNames = 8;

/** What one message is made of, most; more are only counted. */
const maximumNamed = 256;

/** Whether the history knew something before. */
export interface SeenBefore {
  app(app: string): boolean;
  /** Whether the app was ever at this domain. */
  domain(app: string, domain: string): boolean;
  country(app: string, country: string): boolean;
  /** The country of an address; null where nobody knows. */
  countryOf(address: string): string | null;
}

/** Sights that are told together. */
interface Digest {
  readonly apps: Map<string, string>;
  /** Domains and countries, each with the app that was there. */
  readonly places: Map<string, { readonly app: string; readonly name: string; readonly place: string; readonly domain: string | null }>;
  seconds: number;
  readonly id: EpochMs;
}

/** Apps that use the network for the first time, and new places of apps that a person watches. */
export class FirstSeen {
  readonly #before: SeenBefore;
  readonly #known = new Set<string>();
  readonly #learnt = new Map<string, string>();
  #digest: Digest | null = null;
  /** The message of what was learnt, while it stands. */
  #lesson: { readonly signal: Signal; seconds: number } | null = null;

  constructor(before: SeenBefore) {
    this.#before = before;
  }

  /** `learningUntil` is null once learning is over. */
  step(moment: Moment, rules: AlertRules, learningUntil: EpochMs | null): readonly Signal[] {
    for (const part of moment.apps) {
      if (part.app === null) continue;
      const name = part.displayName ?? part.app;
      if (rules.firstSeen && this.#isNew(`app ${part.app}`, () => this.#before.app(part.app ?? ''))) this.#sawApp(part.app, name, moment.now);
      if (rules.newDomainApps.includes(part.app)) this.#lookAtDomains({ ...part, app: part.app, name }, moment.now);
      if (rules.newCountryApps.includes(part.app)) this.#lookAtCountries({ ...part, app: part.app, name }, moment.now);
    }
    this.#learn(learningUntil);
    return [this.#digestSignal(moment.seconds), this.#lessonSignal(moment, learningUntil)].filter((signal) => signal !== null);
  }

  /** What was learnt before the program ended, by app with its name. */
  goOnLearning(apps: ReadonlyMap<string, string>): void {
    for (const [app, name] of apps) if (this.#learnt.size < maximumNamed) this.#learnt.set(app, name);
  }

  #isNew(key: string, wasBefore: () => boolean): boolean {
    if (this.#known.has(key)) return false;
    if (this.#known.size >= maximumKnown) this.#known.clear();
    this.#known.add(key);
    return !wasBefore();
  }

  #sawApp(app: string, name: string, now: EpochMs): void {
    const { apps } = this.#open(now);
    if (apps.size < maximumNamed) apps.set(app, name);
  }

  #lookAtDomains({ app, name, hosts }: Looked, now: EpochMs): void {
    for (const host of hosts.values()) {
      const domain = host.name === null ? null : (registrableDomain(host.name) ?? host.name);
      if (domain === null || !this.#isNew(`domain ${app} ${domain}`, () => this.#before.domain(app, domain))) continue;
      this.#sawPlace({ app, name, place: domain, domain }, now);
    }
  }

  #lookAtCountries({ app, name, hosts }: Looked, now: EpochMs): void {
    for (const { address } of hosts.values()) {
      const country = address === null ? null : this.#before.countryOf(address);
      if (country === null || !this.#isNew(`country ${app} ${country}`, () => this.#before.country(app, country))) continue;
      this.#sawPlace({ app, name, place: `the country ${country}`, domain: null }, now);
    }
  }

  #sawPlace(place: { readonly app: string; readonly name: string; readonly place: string; readonly domain: string | null }, now: EpochMs): void {
    const { places } = this.#open(now);
    if (places.size < maximumNamed) places.set(`${place.app} ${place.place}`, place);
  }

  #open(now: EpochMs): Digest {
    this.#digest ??= { apps: new Map(), places: new Map(), seconds: 0, id: now };
    return this.#digest;
  }

  #learn(learningUntil: EpochMs | null): void {
    if (learningUntil === null || this.#digest === null) return;
    for (const [app, name] of this.#digest.apps) if (this.#learnt.size < maximumNamed) this.#learnt.set(app, name);
  }

  #digestSignal(seconds: number): Signal | null {
    const digest = this.#digest;
    if (digest === null) return null;
    digest.seconds += seconds;
    if (digest.seconds > digestSeconds) {
      this.#digest = null;
      return null;
    }
    return digestSignal(digest);
  }

  #lessonSignal({ now, seconds }: Moment, learningUntil: EpochMs | null): Signal | null {
    if (learningUntil === null && this.#learnt.size > 0 && this.#lesson === null) {
      this.#lesson = { signal: lessonSignal(this.#learnt, now), seconds: 0 };
      this.#learnt.clear();
    }
    if (this.#lesson === null) return null;
    this.#lesson.seconds += seconds;
    if (this.#lesson.seconds > digestSeconds) this.#lesson = null;
    return this.#lesson?.signal ?? null;
  }
}

interface Looked {
  readonly app: string;
  readonly name: string;
  readonly hosts: Moment['apps'][number]['hosts'];
}

function namesText(names: readonly string[]): string {
  const shown = names.slice(0, shownNames).map(shownName).join(', ');
  return names.length > shownNames ? `${shown} and ${names.length - shownNames} more` : shown;
}

function digestSignal({ apps, places, id }: Digest): Signal {
  const names = [...apps.values()];
  const [only] = names;
  const ofApps = names.length === 0 ? '' : names.length === 1 ? `${shownName(only ?? '')} uses the network for the first time.` : `${names.length} apps use the network for the first time: ${namesText(names)}.`;
  const ofPlaces = [...places.values()].slice(0, shownNames).map(({ name, place }) => `${shownName(name)} was never at ${shownName(place)} before.`);
  const title = names.length === 1 ? `${shownName(only ?? '')} is new on the network` : names.length > 1 ? `${names.length} new apps on the network` : 'A new place';
  const [app, displayName] = [...apps][0] ?? [null, null];
  const isOne = apps.size === 1 && places.size === 0;
  return {
    kind: 'first-seen',
    situation: `first-seen:${id}`,
    severity: 'information',
    title: titleOf(title),
    text: textOf(ofApps, ...ofPlaces),
    overText: null,
    cause: isOne ? { app, displayName: displayName?.slice(0, 128) ?? null, domain: null, bytes: { rxBytes: 0, txBytes: 0 }, bytesPerSecond: 0, share: null } : null,
    apps: [...new Set([...apps.keys(), ...[...places.values()].map(({ app: at }) => at)])],
    domains: [...places.values()].flatMap(({ domain }) => domain ?? []),
    isLearnt: true,
    isRenewed: true,
    repeats: true,
  };
}

function lessonSignal(learnt: ReadonlyMap<string, string>, now: EpochMs): Signal {
  const names = [...learnt.values()];
  const count = names.length >= maximumNamed ? `${maximumNamed} or more` : String(names.length);
  return {
    kind: 'first-seen',
    situation: `first-seen:learnt:${now}`,
    severity: 'information',
    title: titleOf('Tidewatch has learnt what is usual here'),
    text: textOf(`${count} ${names.length === 1 ? 'app uses' : 'apps use'} the network: ${namesText(names)}. From now on you are told of new ones.`),
    overText: null,
    cause: null,
    apps: [...learnt.keys()],
    domains: [],
    isLearnt: false,
    isRenewed: true,
    repeats: true,
  };
}
