import path from 'node:path';
import { Alerting } from '../../core/alert/alerting.ts';
import { momentOf } from '../../core/alert/moment-of.ts';
import type { Naming } from '../../core/alert/moment-of.ts';
import { silentMoment } from '../../core/alert/moment.ts';
import type { Moment } from '../../core/alert/moment.ts';
import type { AlertRules } from '../../core/alert/rules.ts';
import { endedElsewhere } from '../../core/alert/situations.ts';
import type { AlertChange, OpenAlert } from '../../core/alert/situations.ts';
import type { MeasuredInterval } from '../../core/attribution/index.ts';
import type { Calendar } from '../../core/history/calendar.ts';
import type { Alert, AlertChannel, AlertQuiet, AlertsQuery, AlertKind, AlertsResult, ChannelTested, Forgettable, Mute, PlansResult, Snooze } from '../../protocol/app.ts';
import type { Trouble } from '../../protocol/helper.ts';
import { epochMs } from '../../protocol/units.ts';
import type { EpochMs } from '../../protocol/units.ts';
import type { Clock } from '../clock.ts';
import type { Delivery, KeptAlerts, NamedAlert } from '../history/index.ts';
import type { AlertNews } from '../live-feed.ts';
import type { Log } from '../log.ts';
import { minuteOfDay } from './local-minute.ts';
import type { Channels } from './channels.ts';
import type { PlanMeters } from './plan-meters.ts';
import type { UsagePast } from './past.ts';
import { Presence } from './presence.ts';
import { testAlert } from './messages.ts';
import type { WatchFile } from './watch-file.ts';
import { noQuiet, QuietState, quietStateName, withMute, withoutMute } from './quiet-state.ts';

export interface AlertsPorts {
  readonly clock: Clock;
  readonly calendar: Calendar;
  readonly log: Log;
  /** The alerts in the history's file, as it is now. */
  readonly kept: () => KeptAlerts;
  /** Told of each alert as it is told, or changes. */
  readonly alerted?: (alert: Alert) => void;
  readonly feed: { alert(news: AlertNews): void; openAlerts(open: AlertNews['open']): void };
  readonly troubles: { list(): readonly Trouble[] };
  readonly rules: () => AlertRules;
  /** What may be named, as it is now. */
  readonly naming: () => Naming;
  readonly past: UsagePast;
  readonly plans: PlanMeters;
  readonly channels: Channels;
  readonly watchFile: { readonly file: WatchFile; readonly path: () => string };
  /** When the history began; now where it has not. */
  readonly firstKept: () => EpochMs;
  /** How long alerts are kept, in milliseconds. */
  readonly keptMs: () => number;
  /** Networks that the system calls metered, by the names of their connections. */
  readonly meteredNetworks: () => readonly string[];
}

/** A disk that refuses for long costs the oldest. */
const maximumUnkept = 1024;

/** As many as a result holds (protocol/plan.ts). */
const mostOffered = 32;

/** An hour: longer than any cool-down that matters for the rate limit. */
const hourMs = 3_600_000;
const secondMs = 1000;

/** How often what is seldom due is looked after, and what is too old dropped. */
const houseKeepingMs = 60_000;
const dropEveryMs = 21_600_000;

/** So many seconds without a measurement end what was measured: before that the next one may only be late. */
const patienceSeconds = 10;

/** Kinds whose end is nothing to tell. */
const endingUntold: ReadonlySet<AlertKind> = new Set(['plan', 'first-seen']);

/** The alerts of a running service: looks at what is measured, decides, keeps, and tells. */
export class Alerts {
  readonly presence = new Presence();
  readonly #ports: AlertsPorts;
  readonly #alerting: Alerting;
  #quiet: QuietState;
  #lastId: number;
  #silentSeconds = 0;
  #isQuietUnkept = false;
  /** What the disk has refused so far. */
  #unkept: { readonly alerts: readonly AlertChange[]; readonly deliveries: readonly Delivery[] } = { alerts: [], deliveries: [] };
  #houseKeptAt = Number.NEGATIVE_INFINITY;
  #droppedAt = Number.NEGATIVE_INFINITY;

  constructor(ports: AlertsPorts) {
    this.#ports = ports;
    const kept = ports.kept();
    this.#lastId = kept.lastId();
    this.#quiet = QuietState.safeParse(kept.state(quietStateName)).data ?? noQuiet;
    const { usualAt, uploadOf, volumeBefore, seenBefore } = ports.past;
    const isKnown = (situation: string): boolean => ports.kept().isKnown(situation);
    this.#alerting = new Alerting({ nextId: () => (this.#lastId += 1), isKnown, usualAt, uploadOf, volumeBefore, seenBefore });
    if (this.#quiet.learningSince === null) this.#keepQuiet({ ...this.#quiet, learningSince: ports.firstKept() });
    this.#restore();
    ports.channels.wake();
  }

  /** What was measured, after everything that may not be kept was taken out of it. */
  interval(interval: MeasuredInterval): void {
    this.#silentSeconds = 0;
    this.#attempt(() => this.#step(momentOf(interval, this.#ports.naming())));
  }

  /** A second in which nothing was measured. */
  silence(): void {
    this.#silentSeconds += 1;
    this.#attempt(() => this.#step(silentMoment(this.#ports.clock.now(), this.#silentSeconds > patienceSeconds ? 1 : 0), 1));
  }

  /** The alerts that were asked for, those that nobody was told of among them. */
  find(query: AlertsQuery): AlertsResult {
    return { alerts: this.#ports.kept().find(query), quiet: this.quiet() };
  }

  /** What holds alerts back now. */
  quiet(): AlertQuiet {
    const { snoozedUntil, mutes } = this.#quiet;
    const now = this.#ports.clock.now();
    return { snoozedUntil: snoozedUntil !== null && snoozedUntil > now ? snoozedUntil : null, mutes: [...mutes], learningUntil: this.#learningUntil(now) };
  }

  /** Where the data plans stand. */
  plans(): PlansResult {
    const { clock, plans, meteredNetworks } = this.#ports;
    const states = plans.states(clock.now());
    const planned = new Set(states.map(({ plan }) => plan.network));
    return { plans: [...states], offered: meteredNetworks().filter((network) => !planned.has(network)).slice(0, mostOffered) };
  }

  /** Sends something that says it is a test: to a desktop as an alert that is not kept. */
  async test(channel: AlertChannel): Promise<ChannelTested> {
    const { channels, feed } = this.#ports;
    if (channel !== 'desktop') return channels.test(channel);
    feed.alert({ alert: { ...testAlert(this.#ports.clock.now()), told: ['desktop'] }, act: 'show', open: this.#alerting.open });
    return { ok: true, message: 'every desktop that is connected was told' };
  }

  /** The settings have changed: what waits may go through now. */
  settingsChanged(): void {
    this.#ports.channels.hurry();
  }

  snooze({ forSeconds }: Snooze): AlertQuiet {
    const until = forSeconds === 0 ? null : epochMs(this.#ports.clock.now() + forSeconds * secondMs);
    return this.#keepQuiet({ ...this.#quiet, snoozedUntil: until });
  }

  mute(mute: Mute): AlertQuiet {
    return this.#keepQuiet(withMute(this.#quiet, mute));
  }

  unmute(mute: Mute): AlertQuiet {
    return this.#keepQuiet(withoutMute(this.#quiet, mute));
  }

  /** Forgets in memory what names it; what is kept of it is forgotten with the history. */
  forget(what: Forgettable): void {
    this.#alerting.forget((open) => names(open, what));
    const isLeft = (named: { readonly alert: Alert; readonly apps: readonly string[]; readonly domains: readonly string[] }): boolean => !names(named, what);
    const alerts = this.#unkept.alerts.filter(isLeft);
    const ids = new Set(alerts.map(({ alert }) => alert.id));
    this.#unkept = { alerts, deliveries: this.#unkept.deliveries.filter(({ alert }) => ids.has(alert)) };
    this.#ports.past.forget();
    this.#ports.plans.forget();
    const mutes = this.#quiet.mutes.filter(({ app, domain }) => !(what.kind === 'app' && app === what.app) && !(domain !== undefined && namesDomain(domain, what)));
    if (mutes.length !== this.#quiet.mutes.length) this.#keepQuiet({ ...this.#quiet, mutes });
    this.#ports.feed.openAlerts(this.#alerting.open);
  }

  #restore(): void {
    const kept = this.#ports.kept();
    for (const named of kept.open()) {
      this.#alerting.situations.restore({ ...named, overText: endingUntold.has(named.alert.kind) ? null : endedElsewhere(named.alert.title), cause: named.alert.cause });
    }
    const since = this.#ports.clock.now() - Math.max(hourMs, this.#ports.rules().coolDownMinutes * 60_000);
    for (const { situation, told, since: began, until } of kept.endedSince(since)) {
      if (told.length > 0 && until !== null) this.#alerting.situations.restoreEnded(situation, { since: began, until });
    }
    this.#ports.feed.openAlerts(this.#alerting.open);
    if (this.#learningUntil(this.#ports.clock.now()) !== null) this.#goOnLearning(kept.learnt());
  }

  #goOnLearning(learnt: readonly NamedAlert[]): void {
    const apps = learnt.flatMap(({ apps: named, alert: { cause } }) => named.map((app) => [app, (cause?.app === app ? cause.displayName : null) ?? path.basename(app)] as const));
    this.#alerting.goOnLearning(new Map(apps));
  }

  /** Alerts are an ornament of a measurement: whatever fails in them (a history that cannot be read) must not end it. */
  #attempt(act: () => void): void {
    try {
      act();
    } catch (error) {
      this.#ports.log.warn('alerts could not be decided', { reason: error instanceof Error ? error.message : String(error) });
    }
  }

  /** `wallSeconds` is how much time has passed, measured or not. */
  #step(moment: Moment, wallSeconds = moment.seconds): void {
    const { rules, troubles, plans } = this.#ports;
    this.#keepHouse();
    const quiet = this.#quietNow(moment.now);
    const states = plans.step({ ...moment, hour: Math.floor(quiet.minuteOfDay / 60) });
    const input = { moment, wallSeconds, rules: rules(), troubles: troubles.list(), plans: states, now: moment.now, quiet };
    const changes = this.#alerting.step(input);
    if (changes.length > 0) this.#tell(changes);
  }

  /** What the disk refused before; and once a minute: the file of the watch list, what waits to be sent, what is too old. */
  #keepHouse(): void {
    const { clock, watchFile, channels, kept, keptMs } = this.#ports;
    const now = clock.monotonic();
    const index = watchFile.file.changed(watchFile.path(), now);
    if (index !== null) this.#alerting.setWatchFile(index);
    if (this.#isQuietUnkept || this.#unkept.alerts.length > 0) this.#keep();
    if (now - this.#houseKeptAt < houseKeepingMs) return;
    this.#houseKeptAt = now;
    channels.wake();
    if (now - this.#droppedAt < dropEveryMs) return;
    this.#droppedAt = now;
    kept().dropBefore(clock.now() - keptMs());
  }

  #quietNow(now: EpochMs) {
    const { snoozedUntil, mutes } = this.#quiet;
    const { inFront, notDisturbed } = this.presence;
    const { calendar } = this.#ports;
    return { snoozedUntil, mutes, learningUntil: this.#learningUntil(now), inFront, notDisturbed, minuteOfDay: minuteOfDay(calendar, now) };
  }

  #learningUntil(now: EpochMs): EpochMs | null {
    const { learningSince } = this.#quiet;
    if (learningSince === null) return null;
    const until = epochMs(learningSince + this.#ports.rules().learningHours * hourMs);
    return until > now ? until : null;
  }

  #tell(changes: readonly AlertChange[]): void {
    const { feed, channels } = this.#ports;
    const deliveries = channels.deliveriesOf(changes);
    this.#unkept = { alerts: [...this.#unkept.alerts, ...changes].slice(-maximumUnkept), deliveries: [...this.#unkept.deliveries, ...deliveries].slice(-maximumUnkept) };
    this.#keep();
    const { open } = this.#alerting;
    for (const { alert, act } of changes) feed.alert({ alert, act, open });
    for (const { alert } of changes) this.#ports.alerted?.(alert);
    if (deliveries.length > 0) channels.wake();
  }

  /** Writes what is not on the disk yet. Where it refuses, the next attempt is made in a second. */
  #keep(): void {
    if (this.#isQuietUnkept) this.#keepQuiet(this.#quiet);
    const { alerts, deliveries } = this.#unkept;
    if (alerts.length > 0 && this.#ports.kept().keep(alerts, deliveries)) this.#unkept = { alerts: [], deliveries: [] };
  }

  #keepQuiet(state: QuietState): AlertQuiet {
    this.#quiet = state;
    this.#isQuietUnkept = !this.#ports.kept().keepState(quietStateName, state);
    return this.quiet();
  }
}

function namesDomain(domain: string, what: Forgettable): boolean {
  if (what.kind === 'domain') return domain === what.domain || domain.endsWith(`.${what.domain}`);
  return what.kind === 'host' && domain === what.host;
}

function names({ alert, apps, domains }: Pick<OpenAlert, 'alert' | 'apps' | 'domains'>, what: Forgettable): boolean {
  if (what.kind === 'app') return apps.includes(what.app);
  if (what.kind === 'range') return alert.since < what.to;
  return domains.some((domain) => namesDomain(domain, what));
}
