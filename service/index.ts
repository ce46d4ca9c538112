/**
 * The face of service/ for the shells (cli/, later electron/): start a service, attach to one, read a capture file, ask
 * the history, examine the machine.
 */
import { homedir } from 'node:os';
import type { Report, ReportRequest } from '../protocol/app.ts';
import type { Examination } from '../protocol/examination.ts';
import { systemClock } from './clock.ts';
import { examineWith } from './examination.ts';
import { readReport } from './history/index.ts';
import { defaultPaths } from './paths.ts';

export { connectToService } from './app-client.ts';
export { readCaptureFile } from './capture-file.ts';
export type { CaptureFileFlow, CaptureFileResult, CaptureFileSource, ReadProgress } from './capture-file.ts';
export type { Service } from './create-service.ts';
export type { LogLevel } from './log.ts';
export { defaultPaths } from './paths.ts';
export type { PathsEnvironment, ServicePaths } from './paths.ts';
export { ServiceError } from './service-error.ts';
export type { ServiceErrorCode, ServiceFailure } from './service-error.ts';
export { startService } from './start.ts';
export type { ServiceOptions } from './start.ts';

/** A report straight from the history file, read-only, for when no service runs. Throws `ServiceError`. */
export function reportFromHistory(historyPath: string, request: ReportRequest): Report {
  return readReport(historyPath, request, systemClock.now());
}

/** What works on this machine and what does not, each with its remedy. */
export function examine(): Promise<Examination> {
  const environment = { variables: process.env, uid: process.getuid?.() ?? 0, homeDirectory: homedir() };
  return examineWith(defaultPaths(environment));
}
