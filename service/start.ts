import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { readControlGroup } from '../core/attribution/index.ts';
import type { ControlGroup } from '../core/attribution/index.ts';
import { parseNetworkPrefix } from '../core/flow/network-prefix.ts';
import type { NetworkPrefix } from '../core/flow/network-prefix.ts';
import { createScopes } from '../core/flow/scope.ts';
import type { ScopeOf } from '../core/flow/scope.ts';
import { parseListenAddress } from '../core/settings/index.ts';
import type { SettingsPart } from '../core/settings/index.ts';
import { refuseLiving } from './app-server.ts';
import { ChosenHelper } from './chosen-helper.ts';
import { sleep, systemClock } from './clock.ts';
import { packagedCountries } from './countries.ts';
import { createService } from './create-service.ts';
import type { Service } from './create-service.ts';
import type { ExportOptions } from './exporters.ts';
import { DesktopEntries } from './desktop-entries.ts';
import { countingCommand, helperCommandHere } from './helper-command.ts';
import type { Asking, HelperPlace } from './helper-command.ts';
import { HelperProcess } from './helper-process.ts';
import type { HelperSource } from './helper-process.ts';
import { refuseForeign, refuseUntrusted } from './helper-trust.ts';
import { History, systemCalendar } from './history/index.ts';
import { ThemeIcons } from './icons/index.ts';
import { createLog, rateLimited } from './log.ts';
import type { Log, LogLevel } from './log.ts';
import { systemPassword } from './mail/password.ts';
import { SystemNetworks, systemBusAddress } from './networks.ts';
import { PrivacyFile, privacyPathOf } from './privacy-file.ts';
import { systemReverseLookUp } from './reverse-names.ts';
import { ServiceError } from './service-error.ts';
import { SettingsFile } from './settings-file.ts';
import { SettingsInForce, captureOf, retentionOf } from './settings-in-force.ts';
import type { SettingsSource } from './settings-in-force.ts';
import type { WebOptions } from './web/server.ts';

/** A bus answers in milliseconds; one that hangs must not keep anybody from measuring. */
const longestWaitForNetworksMs = 1000;

export interface ServiceOptions {
  readonly historyPath: string;
  readonly socketPath: string;
  readonly helperSocketPath: string;
  readonly settingsPath: string;
  /** What this run says in place of the file of the settings. */
  readonly settings: SettingsPart;
  /** How a person is asked for the right to capture; absent: on the terminal, where there is one. */
  readonly asking?: Asking;
  /** The page on loopback; absent for what the settings say. */
  readonly web?: WebOptions;
}

function prefixesOf(localNetworks: readonly string[]): readonly NetworkPrefix[] {
  return localNetworks.map((text) => {
    const prefix = parseNetworkPrefix(text);
    if (prefix !== null) return prefix;
    throw new ServiceError('bad-network', `"${text}" is no network; write it as 192.168.0.0/16 or fd00::/8`);
  });
}

/** Whoever sees the address that is printed on this machine's terminal, or in its log, is its user. */
function webOf({ web }: ServiceOptions, settings: SettingsSource): { readonly web?: WebOptions } {
  if (web !== undefined) return { web };
  const { port } = settings.current.web;
  return port === 'off' ? {} : { web: { port, rights: 'control' } };
}

/** What other programs are told; the settings have judged the addresses. */
function exportsOf({ current: { metrics, ntmd } }: SettingsSource): ExportOptions {
  const listen = parseListenAddress(metrics.address);
  const names = metrics.compatible ? 'compatible' : 'own';
  return {
    ...(listen === null ? {} : { metrics: { listen, domains: metrics.domains, names } }),
    ...(ntmd.port === 'off' ? {} : { ntmd: { port: Number(ntmd.port), intervalSeconds: ntmd.intervalSeconds } }),
  };
}

/** The scopes as the settings have them now. */
function scopesOf(settings: SettingsSource): ScopeOf {
  let local = settings.current.networks.local;
  let scopeOf = createScopes(prefixesOf(local));
  settings.onChange(() => {
    if (settings.current.networks.local === local) return;
    local = settings.current.networks.local;
    scopeOf = createScopes(prefixesOf(local));
  });
  return (remoteAddress) => scopeOf(remoteAddress);
}

/** What this machine's desktop knows of apps. */
function desktopHere(): { readonly displayNames: DesktopEntries; readonly icons: ThemeIcons } {
  const environment = { variables: process.env, homeDirectory: homedir() };
  const monotonic = (): number => systemClock.monotonic();
  const displayNames = new DesktopEntries(environment, monotonic);
  return { displayNames, icons: new ThemeIcons(environment, displayNames, monotonic) };
}

/** The control group of this process (cgroups(7)): the line of the unified hierarchy, or none. */
function ownControlGroup(): ControlGroup {
  const line = /^0::(.*)$/mu.exec(readFileSync('/proc/self/cgroup', 'utf8'));
  return readControlGroup(line?.[1] ?? '');
}

function helperOf(options: ServiceOptions, { log, level }: { readonly log: Log; readonly level: LogLevel }): HelperSource {
  const uid = process.getuid?.() ?? 0;
  const place: HelperPlace = {
    socketPath: options.helperSocketPath,
    uid,
    gid: process.getgid?.() ?? 0,
    verbose: level === 'debug' ? 'verbose' : 'quiet',
  };
  const countingPlace = { ...place, socketPath: path.join(path.dirname(options.socketPath), 'counting.sock') };
  const capturing = new HelperProcess({
    clock: systemClock,
    log,
    socketPath: place.socketPath,
    command: () => helperCommandHere(place, options.asking),
    refuseUntrusted,
  });
  const counting = new HelperProcess({
    clock: systemClock,
    log,
    socketPath: countingPlace.socketPath,
    command: () => Promise.resolve(countingCommand(countingPlace)),
    refuseUntrusted: (socketPath) => refuseForeign(socketPath, uid),
  });
  return new ChosenHelper({ capturing, counting, log });
}

/**
 * Starts the service with everything real. Throws {@link ServiceError} with one line that names the next action: a bad
 * network, another instance (with its pid), a socket or history that cannot be used, no rights, an unknown interface, a
 * bad filter.
 */
export async function startService(options: ServiceOptions): Promise<Service> {
  prefixesOf(options.settings.networks?.local ?? []);
  await refuseLiving(options.socketPath);
  const parts = new AsyncDisposableStack();
  try {
    return endingWith(await startWith(options, parts), parts);
  } catch (error) {
    await parts.disposeAsync();
    throw error;
  }
}

/** Waits for what is ready soon, and not longer. */
async function soon(ready: Promise<void>, milliseconds: number): Promise<void> {
  const over = new AbortController();
  await Promise.race([ready, sleep(systemClock, milliseconds, over.signal)]);
  over.abort();
}

/** The service, and with it what it stands on. */
function endingWith(service: Service, parts: AsyncDisposableStack): Service {
  const stop = async (): Promise<void> => {
    try {
      await service.stop();
    } finally {
      await parts.disposeAsync();
    }
  };
  return { ...service, stop };
}

async function startWith(options: ServiceOptions, parts: AsyncDisposableStack): Promise<Service> {
  const rawLog = createLog(options.settings.log?.level ?? 'warn');
  const log = rateLimited(rawLog, systemClock);
  const settings = parts.use(new SettingsInForce({ file: new SettingsFile(options.settingsPath), part: options.settings, log }));
  const { level } = settings.current.log;
  rawLog.setLevel(level);
  const networks = parts.use(new SystemNetworks({ clock: systemClock, log, busAddress: systemBusAddress(process.env) }));
  const retention = retentionOf(settings.current);
  const { historyPath, socketPath } = options;
  const history = new History({ path: historyPath, calendar: systemCalendar(process.env), now: systemClock.now(), pid: process.pid, retention });
  settings.onChange(() => {
    rawLog.setLevel(settings.current.log.level);
    history.setRetention(retentionOf(settings.current));
  });
  // The first seconds would else be kept under the interfaces' names, as a network of their own.
  await soon(networks.ready, longestWaitForNetworksMs);
  return createService({
    clock: systemClock,
    log,
    helper: helperOf(options, { log, level }),
    history,
    modes: new PrivacyFile(privacyPathOf(historyPath)),
    scopeOf: scopesOf(settings),
    home: ownControlGroup(),
    ...desktopHere(),
    configuration: captureOf(settings.current),
    settings,
    networks,
    countryOf: packagedCountries(log),
    reverseLookUp: systemReverseLookUp,
    ...webOf(options, settings),
    exports: exportsOf(settings),
    findPassword: systemPassword(process.env),
    socketPath,
    historyPath,
    pid: process.pid,
  });
}
