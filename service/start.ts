import { readFileSync } from 'node:fs';
import { readControlGroup } from '../core/attribution/index.ts';
import type { ControlGroup } from '../core/attribution/index.ts';
import { parseNetworkPrefix } from '../core/flow/network-prefix.ts';
import { createScopes } from '../core/flow/scope.ts';
import type { ScopeOf } from '../core/flow/scope.ts';
import type { CaptureConfiguration } from '../protocol/helper.ts';
import { refuseLiving } from './app-server.ts';
import { systemClock } from './clock.ts';
import { createService } from './create-service.ts';
import type { Service } from './create-service.ts';
import { helperCommandHere } from './helper-command.ts';
import type { HelperPlace } from './helper-command.ts';
import { HelperProcess } from './helper-process.ts';
import { refuseUntrusted } from './helper-trust.ts';
import { History, systemCalendar } from './history/index.ts';
import { createLog, rateLimited } from './log.ts';
import type { Log, LogLevel } from './log.ts';
import { systemReverseLookUp } from './reverse-names.ts';
import { ServiceError } from './service-error.ts';

export interface ServiceOptions {
  readonly historyPath: string;
  readonly socketPath: string;
  readonly helperSocketPath: string;
  readonly capture: CaptureConfiguration;
  /** Networks of one's own beyond the private ones, as CIDR: they count as `lan`. */
  readonly localNetworks: readonly string[];
  readonly logLevel: LogLevel;
  /** Looks up the names of addresses that have no other, for display: it tells the resolver which they are. Off by default. */
  readonly reverseNames?: boolean;
}

function scopesOf(localNetworks: readonly string[]): ScopeOf {
  const prefixes = localNetworks.map((text) => {
    const prefix = parseNetworkPrefix(text);
    if (prefix !== null) return prefix;
    throw new ServiceError('bad-network', `"${text}" is no network; write it as 192.168.0.0/16 or fd00::/8`);
  });
  return createScopes(prefixes);
}

/** The control group of this process (cgroups(7)): the line of the unified hierarchy, or none. */
function ownControlGroup(): ControlGroup {
  const line = /^0::(.*)$/mu.exec(readFileSync('/proc/self/cgroup', 'utf8'));
  return readControlGroup(line?.[1] ?? '');
}

function helperOf(options: ServiceOptions, log: Log): HelperProcess {
  const place: HelperPlace = {
    socketPath: options.helperSocketPath,
    uid: process.getuid?.() ?? 0,
    gid: process.getgid?.() ?? 0,
    verbose: options.logLevel === 'debug' ? 'verbose' : 'quiet',
  };
  return new HelperProcess({
    clock: systemClock,
    log,
    socketPath: options.helperSocketPath,
    command: () => helperCommandHere(place),
    refuseUntrusted,
  });
}

/**
 * Starts the service with everything real. Throws {@link ServiceError} with one line that names the next action: a bad
 * network, another instance (with its pid), a socket or history that cannot be used, no rights, an unknown interface, a
 * bad filter.
 */
export async function startService(options: ServiceOptions): Promise<Service> {
  const scopeOf = scopesOf(options.localNetworks);
  await refuseLiving(options.socketPath);
  const log = rateLimited(createLog(options.logLevel), systemClock);
  const history = new History({
    path: options.historyPath,
    calendar: systemCalendar(process.env),
    now: systemClock.now(),
    pid: process.pid,
  });
  return createService({
    clock: systemClock,
    log,
    helper: helperOf(options, log),
    history,
    scopeOf,
    home: ownControlGroup(),
    configuration: options.capture,
    ...(options.reverseNames === true ? { reverseLookUp: systemReverseLookUp } : {}),
    socketPath: options.socketPath,
    historyPath: options.historyPath,
    pid: process.pid,
  });
}
