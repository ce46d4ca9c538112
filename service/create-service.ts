import type { ControlGroup } from '../core/attribution/index.ts';
import { Joining, UsageWindow } from '../core/attribution/index.ts';
import type { ScopeOf } from '../core/flow/scope.ts';
import { createNaming } from '../core/naming/index.ts';
import { appProtocolVersion } from '../protocol/app.ts';
import type { AppClient, Report, ReportRequest } from '../protocol/app.ts';
import type { CaptureConfiguration } from '../protocol/helper.ts';
import type { EpochMs } from '../protocol/units.ts';
import { appCalls } from './app-calls.ts';
import { defaultAppLimits } from './app-limits.ts';
import { AppServer } from './app-server.ts';
import type { Clock } from './clock.ts';
import type { HelperSource } from './helper-process.ts';
import type { DamageNotice } from './history/index.ts';
import { LiveFeed } from './live-feed.ts';
import { LocalClient } from './local-client.ts';
import type { Log } from './log.ts';
import { Measuring } from './measuring.ts';
import { NameMemory } from './name-memory.ts';
import type { NameStore } from './name-memory.ts';
import { noteSetAside, Recorder } from './recorder.ts';
import type { HistorySink } from './recorder.ts';
import { ReverseNames } from './reverse-names.ts';
import type { ReverseLookUp } from './reverse-names.ts';
import type { ServiceFailure } from './service-error.ts';
import { Troubles } from './troubles.ts';
import { version } from './version.ts';

/** The history as the service uses it: `History` of service/history is one. */
export interface ServiceHistory extends HistorySink, NameStore {
  readonly notice: DamageNotice | null;
  readonly reader: { report(request: ReportRequest, now: EpochMs): Report };
  close(now: EpochMs): unknown;
}

/** Everything a service touches outside itself. What is disposed of here is the service's from now on. */
export interface ServicePorts {
  readonly clock: Clock;
  readonly log: Log;
  readonly helper: HelperSource;
  readonly history: ServiceHistory;
  readonly scopeOf: ScopeOf;
  /** The control group this process lives in (see `appOf`). */
  readonly home: ControlGroup;
  readonly configuration: CaptureConfiguration;
  /** How addresses without a name are looked up; absent where they are not (the default). */
  readonly reverseLookUp?: ReverseLookUp;
  readonly socketPath: string;
  readonly historyPath: string;
  readonly pid: number;
}

/** A running service. `client` talks to it in process; `failed` settles only if it cannot go on. */
export interface Service {
  readonly client: AppClient;
  readonly failed: Promise<ServiceFailure>;
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

function createMeasuring(ports: ServicePorts, feed: LiveFeed): Measuring {
  const names = createNaming();
  const troubles = new Troubles();
  const window = new UsageWindow(names);
  const joining = new Joining({ names, scopeOf: ports.scopeOf, home: ports.home });
  const recorder = new Recorder({ ...ports, window, troubles });
  if (ports.history.notice !== null) noteSetAside(ports.history.notice.message, { troubles, log: ports.log });
  const memory = new NameMemory({ ...ports, names });
  const { clock, reverseLookUp: lookUp } = ports;
  const reverseNames = lookUp === undefined ? null : new ReverseNames({ clock, lookUp, seen: (name) => names.see(name, null) });
  return new Measuring({ ...ports, joining, recorder, memory, reverseNames, feed, troubles });
}

/**
 * A service on the given ports: the same for the command line, the desktop and the tests. Resolves when it measures and
 * listens; throws {@link ServiceError} where it cannot, and has then ended whatever it had begun.
 */
export async function createService(ports: ServicePorts): Promise<Service> {
  const { clock, history } = ports;
  const endings = new Endings();
  endings.add(() => void history.close(clock.now()));
  try {
    const feed = new LiveFeed();
    endings.add(() => feed[Symbol.dispose]());
    endings.add(() => ports.helper[Symbol.asyncDispose]());
    const measuring = createMeasuring(ports, feed);
    endings.add(() => measuring[Symbol.asyncDispose]());
    const startedAt = clock.now();
    const calls = appCalls({
      identify: () => ({ protocol: appProtocolVersion, version, pid: ports.pid, startedAt, historyPath: ports.historyPath }),
      report: (request) => {
        measuring.flushIfDue();
        return history.reader.report(request, clock.now());
      },
    });
    const server = await AppServer.listen(ports.socketPath, { calls, feed, limits: defaultAppLimits, log: ports.log });
    endings.add(() => server[Symbol.asyncDispose]());
    await measuring.start();
    const client = new LocalClient(calls, feed, defaultAppLimits);
    endings.add(() => client.close());
    return { client, failed: measuring.failed, stop: () => endings.end() };
  } catch (error) {
    await endings.end();
    throw error;
  }
}
