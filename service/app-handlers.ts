import type { Calendar } from '../core/history/calendar.ts';
import type { Naming } from '../core/naming/index.ts';
import { appProtocolVersion } from '../protocol/app.ts';
import type { ServiceIdentity } from '../protocol/app.ts';
import { alertHandlers } from './alerts/handlers.ts';
import type { Alerts } from './alerts/alerts.ts';
import type { AppHandlers } from './app-calls.ts';
import type { Clock } from './clock.ts';
import { forgetEverywhere, previewForgetting } from './forgetting.ts';
import type { ForgetfulHistory } from './forgetting.ts';
import { historyHandlers } from './history-handlers.ts';
import type { HistoryAnswers } from './history-handlers.ts';
import type { Icons } from './icons/index.ts';
import type { HelperSource } from './helper-process.ts';
import type { LiveFeed } from './live-feed.ts';
import type { PrivacySwitch } from './privacy-switch.ts';
import { recordingHandlers } from './recording/index.ts';
import type { Recordings } from './recording/index.ts';
import { reportHandlers } from './reports/index.ts';
import type { Reports } from './reports/index.ts';
import type { SettingsAnswers } from './settings-answers.ts';
import { version } from './version.ts';

/** The parts of a service that answer for it. */
export interface HandlerPorts {
  readonly clock: Clock;
  readonly calendar: Calendar;
  readonly history: ForgetfulHistory & { readonly reader: HistoryAnswers };
  readonly measuring: { flushIfDue(): void; writeNow(): void };
  readonly modes: PrivacySwitch;
  readonly names: Pick<Naming, 'forget'>;
  readonly feed: LiveFeed;
  readonly alerts: Alerts;
  readonly settingsAnswers: SettingsAnswers;
  readonly reports: Reports;
  readonly recordings: Recordings;
  /** The desktop's pictures of apps; absent where there is no desktop. */
  readonly icons?: Icons;
  readonly helper: Pick<HelperSource, 'grant'>;
  readonly identity: Omit<ServiceIdentity, 'protocol' | 'version'>;
  /** Called when the service was asked to end; it is answered before it does. */
  readonly stopAsked: () => void;
}

/** What a running service does for each method of the contract. What is asked of the history holds the last second, too. */
export function appHandlers(ports: HandlerPorts): AppHandlers {
  const { clock, history, measuring, modes } = ports;
  const reader = (): HistoryAnswers => {
    measuring.flushIfDue();
    return history.reader;
  };
  return {
    identify: () => ({ protocol: appProtocolVersion, version, ...ports.identity }),
    rights: (_nothing, { rights }) => ({ rights }),
    mode: () => modes.mode,
    ...historyHandlers({ reader, now: () => clock.now(), calendar: ports.calendar, path: ports.identity.historyPath }),
    icon: ({ app, size }) => ({ icon: ports.icons?.of(app, size) ?? null }),
    forgetPreview: (what) => {
      measuring.writeNow();
      return previewForgetting(history, what, clock.now());
    },
    ...alertHandlers(ports.alerts),
    ...reportHandlers(ports.reports),
    ...recordingHandlers(ports.recordings),
    settings: () => ports.settingsAnswers.all(),
    changeSetting: (change) => ports.settingsAnswers.change(change),
    pause: (spell) => modes.pause(spell),
    resume: () => modes.resume(),
    beginPrivate: (spell) => modes.beginPrivate(spell),
    endPrivate: () => modes.endPrivate(),
    forget: (what) => {
      ports.recordings.forget();
      return forgetEverywhere({ ...ports, writeNow: () => measuring.writeNow() }, what, clock.now());
    },
    grantAccess: async () => ({ outcome: (await ports.helper.grant?.()) ?? 'not-needed' }),
    stop: () => {
      // The answer goes first.
      setImmediate(ports.stopAsked);
      return {};
    },
  };
}
