import type { Database, Statement } from 'better-sqlite3';
import * as sql from '../../core/history/alert-statements.ts';
import { Alert } from '../../protocol/alert.ts';
import type { AlertsQuery } from '../../protocol/alert.ts';
import type { EpochMs } from '../../protocol/units.ts';
import { lastIdState } from './forget-alerts.ts';
import { isDamage, mayPass } from './sqlite-errors.ts';

/** An alert as it is kept: with everything that its texts name. */
export interface NamedAlert {
  readonly alert: Alert;
  readonly apps: readonly string[];
  readonly domains: readonly string[];
}

/** Something that is still to be sent. */
export interface Delivery {
  /** Tells it from every other one, also at the receiver. */
  readonly key: string;
  readonly alert: number;
  readonly channel: string;
  readonly madeAt: EpochMs;
  readonly content: string;
}

export interface StoredDelivery {
  readonly key: string;
  readonly content: string;
  readonly madeAt: number;
}

/** Alerts that are kept, most; far more than the rate limit and the bound of open ones let come in a year. */
const maximumKept = 100_000;

interface ContentRow {
  readonly content: string;
}

type Conditions = { from: number | null; to: number | null; kind: string | null; open: number | null; limit: number };

/** The alerts in the history's file. A disk that refuses is no failure of an alert: what could not be written is not there after a restart. */
export class KeptAlerts {
  readonly #database: Database;
  readonly #keep: Statement<[number, string, string, number, number, number | null, string]>;
  readonly #keepName: Statement<[string, string, number]>;
  readonly #names: Statement<[number], { readonly what: string; readonly name: string }>;
  readonly #find: Statement<[Conditions], ContentRow>;
  readonly #ended: Statement<[number], ContentRow>;
  readonly #ofSituation: Statement<[string]>;
  readonly #last: Statement<[], { readonly id: number | null }>;
  readonly #isHeld: () => boolean;

  /** `isHeld` says when somebody else writes for long: then nothing is tried, so that nobody waits. */
  constructor(database: Database, isHeld: () => boolean = () => false) {
    this.#database = database;
    this.#isHeld = isHeld;
    this.#keep = database.prepare(sql.keepAlert);
    this.#keepName = database.prepare(sql.keepAlertName);
    this.#names = database.prepare(sql.alertNames);
    this.#find = database.prepare(sql.findAlerts);
    this.#ended = database.prepare(sql.endedAlerts);
    this.#ofSituation = database.prepare(sql.alertOfSituation);
    this.#last = database.prepare(sql.lastAlert);
  }

  /** The number of the newest alert that there ever was; 0 where there was none. */
  lastId(): number {
    const forgotten = Number(this.state(lastIdState) ?? 0);
    return Math.max(this.#last.get()?.id ?? 0, Number.isSafeInteger(forgotten) ? forgotten : 0);
  }

  isKnown(situation: string): boolean {
    return this.#ofSituation.get(situation) !== undefined;
  }

  /** Writes alerts as they are now, and what is to be sent of them. False where the disk refused. */
  keep(alerts: readonly NamedAlert[], deliveries: readonly Delivery[]): boolean {
    return this.#attempt(() => {
      for (const { alert, apps, domains } of alerts) {
        const { id, kind, situation, state, since, until } = alert;
        this.#keep.run(id, kind, situation, state === 'open' ? 1 : 0, since, until, JSON.stringify(alert));
        for (const app of apps) this.#keepName.run('app', app, id);
        for (const domain of domains) this.#keepName.run('domain', domain, id);
      }
      const add = this.#database.prepare<[string, number, string, number, string]>(sql.addDelivery);
      for (const { key, alert, channel, madeAt, content } of deliveries) add.run(key, alert, channel, madeAt, content);
    });
  }

  /** The newest first. */
  find({ from, to, kind, state, limit }: AlertsQuery): Alert[] {
    const open = state === undefined ? null : Number(state === 'open');
    return this.#find.all({ from: from ?? null, to: to ?? null, kind: kind ?? null, open, limit }).flatMap(alertIn);
  }

  /** Alerts that were open when the program ended, the oldest first, with what they name. */
  open(): NamedAlert[] {
    return this.find({ state: 'open', limit: 1000 }).toReversed().map((alert) => this.#named(alert));
  }

  /** First sights that were only learnt, with what they name. */
  learnt(): NamedAlert[] {
    return this.find({ kind: 'first-seen', limit: 1000 }).filter(({ quiet }) => quiet === 'learning').map((alert) => this.#named(alert));
  }

  /** Alerts that ended at `time` or later. */
  endedSince(time: number): Alert[] {
    return this.#ended.all(time).flatMap(alertIn);
  }

  /** Drops what is over and began before `time`, and the oldest beyond the bound. */
  dropBefore(time: number): void {
    this.#attempt(() => {
      this.#database.prepare<[number]>(sql.deleteAlertsBefore).run(time);
      this.#database.prepare<[number]>(sql.boundAlerts).run(maximumKept);
    });
  }

  /** What was kept under a name, as JSON; null where nothing was, or something else. */
  state(name: string): unknown {
    const value = this.#database.prepare<[string], { readonly value: string }>(sql.readAlertState).get(name)?.value;
    return value === undefined ? null : parsed(value);
  }

  keepState(name: string, value: unknown): boolean {
    return this.#attempt(() => void this.#database.prepare<[string, string]>(sql.keepAlertState).run(name, JSON.stringify(value)));
  }

  deliveriesTo(channel: string, limit: number): readonly StoredDelivery[] {
    return this.#database.prepare<[string, number], StoredDelivery>(sql.deliveriesTo).all(channel, limit);
  }

  countDeliveries(channel: string): number {
    return this.#database.prepare<[string], { readonly count: number }>(sql.countDeliveries).get(channel)?.count ?? 0;
  }

  removeDelivery(key: string): boolean {
    return this.#attempt(() => void this.#database.prepare<[string]>(sql.removeDelivery).run(key));
  }

  /** Gives up the oldest so many. */
  dropDeliveries(channel: string, count: number): void {
    this.#attempt(() => void this.#database.prepare<[string, number]>(sql.dropDeliveries).run(channel, count));
  }

  #named(alert: Alert): NamedAlert {
    const rows = this.#names.all(alert.id);
    const named = (what: string): string[] => rows.filter((row) => row.what === what).map(({ name }) => name);
    return { alert, apps: named('app'), domains: named('domain') };
  }

  #attempt(write: () => void): boolean {
    if (this.#isHeld()) return false;
    try {
      this.#database.transaction(write).immediate();
      return true;
    } catch (error) {
      if (isDamage(error) || mayPass(error)) return false;
      throw error;
    }
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Not ours: as good as nothing.
    return null;
  }
}

/** An alert of the file; nothing where it is none. */
function alertIn({ content }: ContentRow): Alert[] {
  const alert = Alert.safeParse(parsed(content));
  return alert.success ? [alert.data] : [];
}
