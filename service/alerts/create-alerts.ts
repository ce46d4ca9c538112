import type { Naming } from '../../core/alert/moment-of.ts';
import type { Calendar } from '../../core/history/calendar.ts';
import { defaultSettings } from '../../core/settings/index.ts';
import type { Settings } from '../../core/settings/index.ts';
import type { Alert } from '../../protocol/app.ts';
import type { Clock } from '../clock.ts';
import type { HistoryAnswers } from '../history-handlers.ts';
import type { KeptAlerts } from '../history/index.ts';
import type { LiveFeed } from '../live-feed.ts';
import type { Log } from '../log.ts';
import { sendMail, systemPassword } from '../mail/index.ts';
import type { SettingsSource } from '../settings-in-force.ts';
import type { Troubles } from '../troubles.ts';
import { Alerts } from './alerts.ts';
import { Channels } from './channels.ts';
import { UsagePast } from './past.ts';
import { PlanMeters } from './plan-meters.ts';
import { WatchFile } from './watch-file.ts';
import { Webhook } from './webhook.ts';

/** What alerts need of the service that they are part of. */
export interface AlertSurroundings {
  readonly clock: Clock;
  readonly calendar: Calendar;
  readonly log: Log;
  readonly history: { readonly alerts: KeptAlerts; readonly reader: HistoryAnswers };
  readonly feed: LiveFeed;
  readonly alerted?: (alert: Alert) => void;
  readonly troubles: Troubles;
  readonly settings?: SettingsSource;
  /** What may be named, as it is now. */
  readonly naming: () => Naming;
  readonly countryOf?: (address: string) => string | null;
  /** Writes what is held. */
  readonly writeNow: () => void;
  readonly meteredNetworks: () => readonly string[];
  readonly environment: Readonly<Record<string, string | undefined>>;
}

const dayMs = 86_400_000;

/** The alerts of a service, with their channels and plans. Whoever makes them disposes of `channels` when the service ends. */
export function createAlerts(around: AlertSurroundings): { readonly alerts: Alerts; readonly channels: Channels } {
  const { clock, calendar, log, history, settings } = around;
  const current = (): Settings => settings?.current ?? defaultSettings;
  const now = (): ReturnType<Clock['now']> => clock.now();
  const reader = (): HistoryAnswers => history.reader;
  const kept = (): KeptAlerts => history.alerts;
  const findPassword = systemPassword(around.environment);
  const webhook = new Webhook({ clock, environment: around.environment, settings: () => current().alerts });
  const channels = new Channels({ clock, log, kept, random: Math.random, naming: around.naming, webhook, sendMail: (mail) => sendMail(mail, current().mail, findPassword) });
  const countryOf = around.countryOf ?? (() => null);
  const past = new UsagePast({ reader, calendar, now, countryOf, quarterKeptMs: () => current().retention.quarterDays * dayMs });
  const alerts = new Alerts({
    clock, calendar, log, kept, past, channels, feed: around.feed, troubles: around.troubles, naming: around.naming,
    rules: () => current().alerts,
    plans: new PlanMeters({ reader, calendar, writeNow: around.writeNow, plans: () => current().plans.list }),
    watchFile: { file: new WatchFile(log), path: () => current().alerts.watchFile },
    // Without a beginning, the answer begins where the history does.
    firstKept: () => reader().top({ by: 'scope', limit: 1 }, now()).from,
    keptMs: () => current().alerts.keptDays * dayMs,
    meteredNetworks: around.meteredNetworks,
    ...(around.alerted === undefined ? {} : { alerted: around.alerted }),
  });
  settings?.onChange(() => alerts.settingsChanged());
  return { alerts, channels };
}
