import type { ControlGroup, DisplayNames } from '../core/attribution/index.ts';
import { Joining, UsageWindow } from '../core/attribution/index.ts';
import type { ScopeOf } from '../core/flow/scope.ts';
import { createNaming } from '../core/naming/index.ts';
import type { Naming } from '../core/naming/index.ts';
import { defaultSettings, withholding } from '../core/settings/index.ts';
import type { Settings, Withholding } from '../core/settings/index.ts';
import type { Calendar } from '../core/history/calendar.ts';
import type { AppClient } from '../protocol/app.ts';
import type { CaptureConfiguration, Trouble } from '../protocol/helper.ts';
import type { EpochMs } from '../protocol/units.ts';
import type { Alerts } from './alerts/alerts.ts';
import { createAlerts } from './alerts/create-alerts.ts';
import { appCalls } from './app-calls.ts';
import { appHandlers } from './app-handlers.ts';
import type { HistoryAnswers } from './history-handlers.ts';
import { defaultAppLimits } from './app-limits.ts';
import { AppServer } from './app-server.ts';
import type { Clock } from './clock.ts';
import { Exporters } from './exporters.ts';
import type { ExportOptions } from './exporters.ts';
import type { HelperSource } from './helper-process.ts';
import type { ForgetfulHistory } from './forgetting.ts';
import { systemCalendar } from './history/index.ts';
import type { DamageNotice, KeptAlerts } from './history/index.ts';
import type { Icons } from './icons/index.ts';
import { LiveFeed } from './live-feed.ts';
import { LocalClient } from './local-client.ts';
import type { Log } from './log.ts';
import type { FindPassword } from './mail/index.ts';
import type { MeasuredListener } from './measured-listener.ts';
import { Measuring } from './measuring.ts';
import { ModeKeeper } from './mode-keeper.ts';
import { NameMemory } from './name-memory.ts';
import type { NameStore } from './name-memory.ts';
import type { NetworkSource } from './networks.ts';
import { Privacy } from './privacy.ts';
import type { ModeStore } from './privacy-file.ts';
import { PrivacySwitch } from './privacy-switch.ts';
import { noteSetAside, Recorder } from './recorder.ts';
import type { HistorySink } from './recorder.ts';
import { FlowLabels, Recordings, recordingsFolderOf } from './recording/index.ts';
import { ReverseNames } from './reverse-names.ts';
import type { ReverseLookUp } from './reverse-names.ts';
import { Reports, reportsFolderOf } from './reports/index.ts';
import { SettingsAnswers } from './settings-answers.ts';
import type { SettingsSource } from './settings-in-force.ts';
import { captureOf } from './settings-in-force.ts';
import type { ServiceFailure } from './service-error.ts';
import { Troubles } from './troubles.ts';
import { WebServer } from './web/server.ts';
import type { WebOptions } from './web/server.ts';

/** The history as the service uses it: `History` of service/history is one. */
export interface ServiceHistory extends HistorySink, NameStore, ForgetfulHistory {
  readonly notice: DamageNotice | null;
  readonly reader: HistoryAnswers;
  readonly alerts: KeptAlerts;
  close(now: EpochMs): unknown;
}

/** Everything a service touches outside itself. What is disposed of here is the service's from now on. */
export interface ServicePorts {
  readonly clock: Clock;
  readonly log: Log;
  readonly helper: HelperSource;
  readonly history: ServiceHistory;
  /** Where the pause and the private mode lie between two runs. */
  readonly modes: ModeStore;
  readonly scopeOf: ScopeOf;
  /** The control group this process lives in (see `appOf`). */
  readonly home: ControlGroup;
  /** What this machine's desktop calls apps; absent where there is none. */
  readonly displayNames?: DisplayNames;
  readonly configuration: CaptureConfiguration;
  /** The settings, which may change; absent: what the other ports say stays. */
  readonly settings?: SettingsSource;
  /** What the interfaces are connected to; absent: networks are known by their interface's name. */
  readonly networks?: NetworkSource;
  /** How addresses without a name are looked up; absent where they are not (the default). */
  readonly reverseLookUp?: ReverseLookUp;
  /** The country of an address; absent where nobody can tell. */
  readonly countryOf?: (address: string) => string | null;
  /** The desktop's pictures of apps; absent where there is no desktop. */
  readonly icons?: Icons;
  /** The local calendar, for the hours of the day; absent: the system's. */
  readonly calendar?: Calendar;
  /** The window as a page on loopback; absent where nobody asked for it. */
  readonly web?: WebOptions;
  /** What other programs are told, and where; absent: nothing. */
  readonly exports?: ExportOptions;
  /** Where the password of mail comes from; absent: there is none. */
  readonly findPassword?: FindPassword;
  readonly socketPath: string;
  readonly historyPath: string;
  readonly pid: number;
}

/** A running service. `client` talks to it in process; `failed` settles only if it cannot go on. */
export interface Service {
  readonly client: AppClient;
  readonly failed: Promise<ServiceFailure>;
  /** Settles when a client has asked the service to end: whoever started it is to stop it. */
  readonly stopAsked: Promise<void>;
  /** Address of the page, with the token that opens it; null where there is none. */
  readonly webAddress: string | null;
  /** Where metrics are served; null where they are not. */
  readonly metricsAddress: string | null;
  /** The port of loopback that answers ntmd's commands; null where none does. */
  readonly ntmdPort: number | null;
  /** Writes what is not yet in the history, closes the sockets and ends the helper it started. Can be called again. */
  stop(): Promise<void>;
}

/** What ends with the service, the newest first. Each is ended even if one before it failed to end. */
class Endings {
  readonly #endings: (() => PromiseLike<unknown> | void)[] = [];
  #ended: Promise<void> | null = null;

  add(end: () => PromiseLike<unknown> | void): void {
    this.#endings.unshift(end);
  }

  end(): Promise<void> {
    this.#ended ??= this.#endAll();
    return this.#ended;
  }

  async #endAll(): Promise<void> {
    const errors: unknown[] = [];
    for (const end of this.#endings) {
      try {
        await end();
      } catch (error) {
        errors.push(error);
      }
    }
    if (errors.length > 0) throw new AggregateError(errors, 'the service could not end all that it had begun');
  }
}

/** What measures, and what a client can say to it. */
interface Parts {
  readonly measuring: Measuring;
  readonly modes: PrivacySwitch;
  readonly keeper: ModeKeeper;
  readonly names: Naming;
  readonly alerts: Alerts;
  readonly recordings: Recordings;
  /** What sends alerts away from this machine. */
  readonly alertChannels: AsyncDisposable;
}

function displayNamesOf({ displayNames }: ServicePorts): { readonly displayNames?: DisplayNames } {
  return displayNames === undefined ? {} : { displayNames };
}

function iconsOf({ icons }: ServicePorts): { readonly icons?: Icons } {
  return icons === undefined ? {} : { icons };
}

function createMeasuring(ports: ServicePorts, { feed, listeners: others }: { readonly feed: LiveFeed; readonly listeners: readonly MeasuredListener[] }): Parts {
  const names = createNaming();
  const troubles = new Troubles();
  const keeper = new ModeKeeper({ ...ports, troubles });
  const modes: PrivacySwitch = new PrivacySwitch(ports.clock, () => {
    keeper.keep(modes.mode);
    measuring.modeChanged();
    recordings.update();
  });
  const privacy = new Privacy(modes, names);
  const window = new UsageWindow(names);
  const { networks, settings } = ports;
  const networkOf = (interfaceName: string): string => networks?.of(interfaceName)?.name ?? interfaceName;
  const { countryOf } = ports;
  const places = countryOf === undefined ? {} : { countryOf };
  const joining = new Joining({ names, scopeOf: ports.scopeOf, home: ports.home, networkOf, ...places, ...displayNamesOf(ports) });
  const withheld = settings === undefined ? {} : { withholding: withholdingOf(settings) };
  const withheldNow = rulesOf(ports);
  const recordings = new Recordings({
    clock: ports.clock,
    log: ports.log,
    labels: new FlowLabels(() => withheldNow() ?? everythingNamed),
    settings: () => (settings?.current ?? defaultSettings).recorder,
    isOpen: () => modes.mode.paused === null && modes.mode.private === null,
    mayTell: (time) => modes.withheldSince(time) === 'open',
    usualFolder: recordingsFolderOf(ports.historyPath),
  });
  settings?.onChange(() => recordings.update());
  const { alerts, channels: alertChannels } = createAlerts({
    ...ports,
    calendar: ports.calendar ?? systemCalendar(process.env),
    feed,
    troubles,
    environment: process.env,
    alerted: (alert) => recordings.alerted(alert),
    naming: () => withheldNow() ?? everythingNamed,
    writeNow: () => measuring.writeNow(),
    meteredNetworks: () => meteredAmong(joining.presentInterfaces(), networks),
  });
  // Recordings learn whose flows an interval had before its alerts are told.
  const listeners = [...others, recordings, alerts];
  const recorder = new Recorder({ ...ports, ...withheld, window, troubles, listeners });
  if (ports.history.notice !== null) noteSetAside(ports.history.notice.message, { troubles, log: ports.log });
  const memory = new NameMemory({ ...ports, ...withheld, names });
  const { clock, reverseLookUp: lookUp } = ports;
  const isWanted = (): boolean => settings?.current.names.reverse ?? true;
  const reverseNames = lookUp === undefined ? null : new ReverseNames({ clock, lookUp, isWanted, seen: (name) => names.see(name, null) });
  const measuring = new Measuring({ ...ports, joining, recorder, memory, reverseNames, feed, privacy, mode: () => modes.mode, troubles, listeners, recordings });
  if (settings !== undefined) followSettings(settings, { measuring, troubles });
  modes.restore(keeper.restored());
  return { measuring, modes, keeper, names, alerts, recordings, alertChannels };
}

/** The networks that the interfaces are connected to now and that the system calls metered. */
function meteredAmong(interfaces: readonly { readonly name: string }[], networks: NetworkSource | undefined): readonly string[] {
  return [...new Set(interfaces.flatMap(({ name }) => (networks?.of(name)?.metered === true ? (networks.of(name)?.name ?? []) : [])))];
}

/** Where there are no settings, nothing is withheld. */
const everythingNamed = { mayNameApp: () => true, mayNameHost: () => true } as const;

/** Reports on a schedule, as the settings have it at each moment. */
function createReports(ports: ServicePorts, calendar: Calendar): Reports {
  const { clock, log, settings, findPassword = async () => null } = ports;
  return new Reports({ clock, log, calendar, settings: () => settings?.current ?? defaultSettings, findPassword, folder: reportsFolderOf(ports.historyPath) });
}

/** What is withheld now; nothing where there are no settings. */
function rulesOf({ settings }: ServicePorts): () => Withholding | null {
  return settings === undefined ? () => null : withholdingOf(settings);
}

/** The rules of what is withheld, made anew when the settings have changed. */
function withholdingOf(settings: SettingsSource): () => Withholding {
  let made: { readonly of: Settings; readonly rules: Withholding } | null = null;
  return () => {
    const { current } = settings;
    if (made?.of !== current) made = { of: current, rules: withholding(current.history) };
    return made.rules;
  };
}

/** Captures what the settings say, and tells what is wrong with them, from now on. */
function followSettings(settings: SettingsSource, { measuring, troubles }: { readonly measuring: Measuring; readonly troubles: Troubles }): void {
  let told: readonly Trouble[] = [];
  const tell = (): void => {
    for (const trouble of told) troubles.take({ ...trouble, over: true });
    told = settings.troubles;
    for (const trouble of told) troubles.take(trouble);
  };
  tell();
  settings.onChange(() => {
    tell();
    measuring.configure(captureOf(settings.current));
  });
}

/**
 * A service on the given ports: the same for the command line, the desktop and the tests. Resolves when it measures and
 * listens; throws {@link ServiceError} where it cannot, and has then ended whatever it had begun.
 */
export async function createService(ports: ServicePorts): Promise<Service> {
  const { clock, history } = ports;
  const endings = new Endings();
  endings.add(async () => {
    await history.settled();
    history.close(clock.now());
  });
  try {
    const feed = new LiveFeed();
    endings.add(() => feed[Symbol.dispose]());
    endings.add(() => ports.helper[Symbol.asyncDispose]());
    const exporters = await Exporters.create(ports.exports ?? {}, { clock, log: ports.log, rules: rulesOf(ports) });
    endings.add(() => exporters[Symbol.asyncDispose]());
    const parts = createMeasuring(ports, { feed, listeners: exporters.listeners });
    const { measuring } = parts;
    endings.add(() => parts.alertChannels[Symbol.asyncDispose]());
    endings.add(() => parts.recordings[Symbol.dispose]());
    endings.add(() => measuring[Symbol.asyncDispose]());
    endings.add(() => parts.keeper[Symbol.dispose]());
    endings.add(() => parts.modes[Symbol.dispose]());
    const stop = Promise.withResolvers<void>();
    const identity = { pid: ports.pid, startedAt: clock.now(), historyPath: ports.historyPath };
    const calendar = ports.calendar ?? systemCalendar(process.env);
    const reports = createReports(ports, calendar);
    const calls = appCalls(appHandlers({ ...parts, reports, ...iconsOf(ports), helper: ports.helper, clock, calendar, history, feed, identity, settingsAnswers: new SettingsAnswers(ports.settings), stopAsked: stop.resolve }));
    const served = { calls, feed, limits: defaultAppLimits, log: ports.log };
    const server = await AppServer.listen(ports.socketPath, served);
    endings.add(() => server[Symbol.asyncDispose]());
    const web = ports.web === undefined ? null : await WebServer.listen(ports.web, served);
    if (web !== null) endings.add(() => web[Symbol.asyncDispose]());
    await measuring.start();
    const client = new LocalClient(calls, feed, defaultAppLimits);
    endings.add(() => client.close());
    endings.add(() => reports[Symbol.asyncDispose]());
    reports.begin(client);
    await exporters.listen({ client, bringUpToDate: () => measuring.flushIfDue() });
    const { failed } = measuring;
    return { client, failed, stopAsked: stop.promise, webAddress: web?.address ?? null, metricsAddress: exporters.metricsAddress, ntmdPort: exporters.ntmdPort, stop: () => endings.end() };
  } catch (error) {
    await endings.end();
    throw error;
  }
}
