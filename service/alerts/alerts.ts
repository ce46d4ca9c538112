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
import type { AlertChannel, AlertQuiet, AlertsQuery, AlertsResult, ChannelTested, Forgettable, Mute, PlansResult, Snooze } from '../../protocol/app.ts';
import type { Trouble } from '../../protocol/helper.ts';
import { epochMs } from '../../protocol/units.ts';
import type { EpochMs } from '../../protocol/units.ts';
import type { Clock } from '../clock.ts';
import type { KeptAlerts } from '../history/index.ts';
import type { AlertNews } from '../live-feed.ts';
import { minuteOfDay } from './local-minute.ts';
import { Presence } from './presence.ts';
import { noQuiet, QuietState, withMute, withoutMute } from './quiet-state.ts';

export interface AlertsPorts {
  readonly clock: Clock;
  readonly calendar: Calendar;
  /** The alerts in the history's file, as it is now. */
  readonly kept: () => KeptAlerts;
  readonly feed: { alert(news: AlertNews): void; openAlerts(open: AlertNews['open']): void };
  readonly troubles: { list(): readonly Trouble[] };
  readonly rules: () => AlertRules;
  /** What may be named, as it is now. */
  readonly naming: () => Naming;
}

/** Under this name lies what holds alerts back. */
const quietState = 'quiet';

/** An hour: longer than any cool-down that matters for the rate limit. */
const hourMs = 3_600_000;
const secondMs = 1000;

/** The alerts of a running service: looks at what is measured, decides, keeps, and tells. */
export class Alerts {
  readonly presence = new Presence();
  readonly #ports: AlertsPorts;
  readonly #alerting: Alerting;
  #quiet: QuietState;
  #lastId: number;

  constructor(ports: AlertsPorts) {
    this.#ports = ports;
    const kept = ports.kept();
    this.#lastId = kept.lastId();
    this.#quiet = QuietState.safeParse(kept.state(quietState)).data ?? noQuiet;
    this.#alerting = new Alerting({ nextId: () => (this.#lastId += 1), isKnown: (situation) => ports.kept().isKnown(situation) });
    this.#restore();
  }

  /** What was measured, after everything that may not be kept was taken out of it. */
  interval(interval: MeasuredInterval): void {
    this.#step(momentOf(interval, this.#ports.naming()));
  }

  /** A second in which nothing was measured. */
  silence(): void {
    this.#step(silentMoment(this.#ports.clock.now(), 1));
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
    return { plans: [], offered: [] };
  }

  /** Sends something that says it is a test. */
  test(channel: AlertChannel): ChannelTested {
    return { ok: false, message: `the channel ${channel} is not set up` };
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
    const mutes = this.#quiet.mutes.filter(({ app, domain }) => !(what.kind === 'app' && app === what.app) && !(domain !== undefined && namesDomain(domain, what)));
    if (mutes.length !== this.#quiet.mutes.length) this.#keepQuiet({ ...this.#quiet, mutes });
    this.#ports.feed.openAlerts(this.#alerting.open);
  }

  #restore(): void {
    const kept = this.#ports.kept();
    for (const named of kept.open()) {
      this.#alerting.situations.restore({ ...named, overText: endedElsewhere(named.alert.title), cause: named.alert.cause });
    }
    const since = this.#ports.clock.now() - Math.max(hourMs, this.#ports.rules().coolDownMinutes * 60_000);
    for (const { situation, told, since: began, until } of kept.endedSince(since)) {
      if (told.length > 0 && until !== null) this.#alerting.situations.restoreEnded(situation, { since: began, until });
    }
    this.#ports.feed.openAlerts(this.#alerting.open);
  }

  #step(moment: Moment): void {
    const { rules, troubles } = this.#ports;
    const changes = this.#alerting.step({ moment, rules: rules(), troubles: troubles.list(), now: moment.now, quiet: this.#quietNow(moment.now) });
    if (changes.length > 0) this.#tell(changes);
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
    const { kept, feed } = this.#ports;
    kept().keep(changes, []);
    const { open } = this.#alerting;
    for (const { alert, act } of changes) feed.alert({ alert, act, open });
  }

  #keepQuiet(state: QuietState): AlertQuiet {
    this.#quiet = state;
    this.#ports.kept().keepState(quietState, state);
    return this.quiet();
  }
}

function namesDomain(domain: string, what: Forgettable): boolean {
  if (what.kind === 'domain') return domain === what.domain || domain.endsWith(`.${what.domain}`);
  return what.kind === 'host' && domain === what.host;
}

function names({ alert, apps, domains }: OpenAlert, what: Forgettable): boolean {
  if (what.kind === 'app') return apps.includes(what.app);
  if (what.kind === 'range') return alert.since < what.to;
  return domains.some((domain) => namesDomain(domain, what));
}
