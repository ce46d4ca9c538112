/**
 * The face of service/ for the shells (cli/, later electron/): start a service, attach to one, read a capture file, ask
 * the history, examine the machine.
 */
import type { AppClient, Report, ReportRequest } from '../protocol/app.ts';
import type { Examination } from '../protocol/examination.ts';
import type { CaptureConfiguration } from '../protocol/helper.ts';
import type { ServiceFailure } from './service-error.ts';

export { readCaptureFile } from './capture-file.ts';
export type { CaptureFileFlow, CaptureFileResult, CaptureFileSource, ReadProgress } from './capture-file.ts';
export { defaultPaths } from './paths.ts';
export type { PathsEnvironment, ServicePaths } from './paths.ts';
export { ServiceError } from './service-error.ts';
export type { ServiceErrorCode, ServiceFailure } from './service-error.ts';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent';

export interface ServiceOptions {
  readonly historyPath: string;
  readonly socketPath: string;
  readonly helperSocketPath: string;
  readonly capture: CaptureConfiguration;
  /** Networks of one's own beyond the private ones, as CIDR: they count as `lan`. */
  readonly localNetworks: readonly string[];
  readonly logLevel: LogLevel;
}

/** A running service. `client` talks to it in process; `failed` settles only if it cannot go on. */
export interface Service {
  readonly client: AppClient;
  readonly failed: Promise<ServiceFailure>;
  /** Writes what is not yet in the history, closes the sockets and ends the helper it started. */
  stop(): Promise<void>;
}

/** Starts the service with everything real. Throws {@link ServiceError} with one line that names the next action. */
export async function startService(_options: ServiceOptions): Promise<Service> {
  throw new Error('startService is not wired yet');
}

/** A client of the service that listens on `socketPath`, or null where nobody does. */
export async function connectToService(_socketPath: string): Promise<AppClient | null> {
  return null;
}

/** A report straight from the history file, read-only, for when no service runs. Throws {@link ServiceError}. */
export function reportFromHistory(_historyPath: string, _request: ReportRequest): Report {
  throw new Error('reportFromHistory is not wired yet');
}

/** What works on this machine and what does not, each with its remedy. */
export async function examine(): Promise<Examination> {
  throw new Error('examine is not wired yet');
}
