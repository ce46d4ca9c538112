import type { Alert, AlertAct, AlertCause } from '../../protocol/alert.ts';
import { epochMs } from '../../protocol/units.ts';
import type { EpochMs } from '../../protocol/units.ts';
import { tellingOf } from './quiet.ts';
import type { Quiet, Telling } from './quiet.ts';
import type { AlertRules } from './rules.ts';
import type { Signal } from './signal.ts';
import { durationText, textOf } from './texts.ts';

/** What has become of an alert, and what a desktop is to do about it. */
export interface AlertChange {
  readonly alert: Alert;
  readonly act: AlertAct;
  /** What the alert names: see {@link Signal}. */
  readonly apps: readonly string[];
  readonly domains: readonly string[];
  /** Opened, ended, or only gone on: what has gone on may wait for the next write. */
  readonly step: 'opened' | 'changed' | 'over';
}

/** What is asked of the history of alerts. */
export interface AlertPast {
  /** A number that no alert of this history has had. */
  nextId(): number;
  /** Whether there was an alert of this situation, told or not. */
  isKnown(situation: string): boolean;
}

export interface Circumstances {
  readonly rules: AlertRules;
  readonly quiet: Quiet;
  readonly now: EpochMs;
}

/** An alert that is not over. */
export interface OpenAlert {
  readonly alert: Alert;
  readonly apps: readonly string[];
  readonly domains: readonly string[];
  readonly overText: Signal['overText'];
  /** The newest: what was told may be some seconds old. */
  readonly cause: AlertCause | null;
}

/** A notification is renewed this often, and each time a quarter of its age later: often enough to be true, seldom enough not to flicker. */
const renewEveryMs = 10_000;
const renewShareOfAge = 0.25;

/** Situations that are open at the same time, and those that cool down. Beyond it the newest are not told of, the oldest forgotten. */
export const maximumOpen = 256;
const maximumCooling = 1024;

const hourMs = 3_600_000;

function oneMinute(minutes: number): number {
  return minutes * 60_000;
}

/**
 * Makes alerts of signals: one for each situation while it lasts, its end when it is over, and nobody told more often than
 * the rules allow.
 */
export class Situations {
  readonly #past: AlertPast;
  readonly #open = new Map<string, OpenAlert>();
  /** When situations that were told ended. */
  readonly #ended = new Map<string, EpochMs>();
  /** Situations that do not repeat and are known to the history: it is asked once for each. */
  readonly #known = new Set<string>();
  /** When somebody was told, in the last hour. */
  #tellings: EpochMs[] = [];

  constructor(past: AlertPast) {
    this.#past = past;
  }

  /** Alerts that are not over, the oldest first. */
  get open(): readonly Alert[] {
    return [...this.#open.values()].map(({ alert }) => alert);
  }

  /** Goes on with an alert that was open when the program ended. */
  restore(open: OpenAlert): void {
    if (this.#open.size < maximumOpen) this.#open.set(open.alert.situation, open);
  }

  /** An alert that somebody was told of in an earlier run, and that is over. */
  restoreEnded(situation: string, { since, until }: { readonly since: EpochMs; readonly until: EpochMs }): void {
    this.#cool(situation, until);
    this.#tellings.push(since);
  }

  /** `signals` are all that is so now. */
  step(signals: readonly Signal[], circumstances: Circumstances): readonly AlertChange[] {
    const { now } = circumstances;
    this.#tellings = this.#tellings.filter((time) => now - time < hourMs && time <= now);
    const bySituation = new Map(signals.map((signal) => [signal.situation, signal]));
    const changes: AlertChange[] = [];
    for (const [situation, open] of this.#open) if (!bySituation.has(situation)) changes.push(this.#end(open, now));
    for (const signal of bySituation.values()) {
      const open = this.#open.get(signal.situation);
      const change = open === undefined ? this.#begin(signal, circumstances) : this.#goOn(open, signal, now);
      if (change !== null) changes.push(change);
    }
    return changes;
  }

  /** Takes out what names something that is forgotten. It does not end: it never was. Returns how many there were. */
  forget(isNamed: (open: OpenAlert) => boolean): number {
    const gone = [...this.#open.values()].filter(isNamed);
    this.#known.clear();
    for (const { alert } of gone) this.#open.delete(alert.situation);
    return gone.length;
  }

  #begin(signal: Signal, circumstances: Circumstances): AlertChange | null {
    const { now } = circumstances;
    if (this.#open.size >= maximumOpen) return null;
    if (!signal.repeats && this.#isKnown(signal.situation)) return null;
    const { channels, quiet } = this.#tellingOf(signal, circumstances);
    if (channels.length > 0) this.#tellings.push(now);
    const { kind, situation, severity, title, text, cause } = signal;
    const alert: Alert = {
      id: this.#past.nextId(), kind, situation, state: 'open', severity, since: now, changedAt: now, until: null,
      title, text, cause, told: [...channels], quiet,
    };
    this.#open.set(situation, openOf(alert, signal));
    return { alert, ...named(signal), act: channels.includes('desktop') ? 'show' : 'none', step: 'opened' };
  }

  #isKnown(situation: string): boolean {
    if (this.#known.has(situation)) return true;
    if (!this.#past.isKnown(situation)) return false;
    if (this.#known.size >= maximumCooling) this.#known.clear();
    this.#known.add(situation);
    return true;
  }

  #tellingOf(signal: Signal, { rules, quiet, now }: Circumstances): Telling {
    const telling = tellingOf(signal, rules, quiet, now);
    if (telling.channels.length === 0) return telling;
    const ended = this.#ended.get(signal.situation);
    if (ended !== undefined && now - ended < oneMinute(rules.coolDownMinutes)) return { channels: [], quiet: 'cool-down' };
    if (this.#tellings.length >= rules.perHour) return { channels: [], quiet: 'rate-limit' };
    return telling;
  }

  #goOn(open: OpenAlert, signal: Signal, now: EpochMs): AlertChange | null {
    const { title, text, cause, severity } = signal;
    const { alert } = open;
    const isSame = !signal.isRenewed || (alert.title === title && alert.text === text);
    if (isSame || Math.abs(now - alert.changedAt) < Math.max(renewEveryMs, (now - alert.since) * renewShareOfAge)) {
      // The words of its end are of the newest.
      this.#open.set(signal.situation, { ...open, ...named(signal), overText: signal.overText, cause });
      return null;
    }
    const changed: Alert = { ...alert, title, text, cause, severity, changedAt: now };
    this.#open.set(signal.situation, openOf(changed, signal));
    return { alert: changed, ...named(signal), act: alert.told.includes('desktop') ? 'replace' : 'none', step: 'changed' };
  }

  #end(open: OpenAlert, now: EpochMs): AlertChange {
    const { alert } = open;
    this.#open.delete(alert.situation);
    // The clock may have been set back.
    const until = epochMs(Math.max(now, alert.since));
    if (alert.told.length > 0) this.#cool(alert.situation, until);
    const text = open.overText?.((until - alert.since) / 1000) ?? alert.text;
    const over: Alert = { ...alert, state: 'over', changedAt: until, until, text, cause: open.cause };
    const act = open.overText !== null && alert.told.includes('desktop') ? 'recover' : 'none';
    return { alert: over, apps: open.apps, domains: open.domains, act, step: 'over' };
  }

  #cool(situation: string, until: EpochMs): void {
    this.#ended.delete(situation);
    this.#ended.set(situation, until);
    const [oldest] = this.#ended.keys();
    if (this.#ended.size > maximumCooling && oldest !== undefined) this.#ended.delete(oldest);
  }
}

function named({ apps, domains }: Pick<Signal, 'apps' | 'domains'>): Pick<Signal, 'apps' | 'domains'> {
  return { apps, domains };
}

function openOf(alert: Alert, signal: Signal): OpenAlert {
  return { alert, ...named(signal), overText: signal.overText, cause: alert.cause };
}

/** The end of an alert of an earlier run: what it was is known only by its own words. */
export function endedElsewhere(title: string): (seconds: number) => string {
  return (seconds) => textOf(`Over after ${durationText(seconds)}: ${title}.`);
}
