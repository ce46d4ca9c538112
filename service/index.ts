/**
 * The face of service/ for the shells (cli/, later electron/): start a service, attach to one, read a capture file, ask
 * the history, examine the machine.
 */
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import type { Forgettable, ForgetPreview, Forgotten } from '../protocol/app.ts';
import type { Examination } from '../protocol/examination.ts';
import { systemClock } from './clock.ts';
import { examineWith } from './examination.ts';
import { forgetInHistory, previewForgetting } from './forgetting.ts';
import { History, systemCalendar } from './history/index.ts';
import { defaultPaths } from './paths.ts';
import { ServiceError } from './service-error.ts';

export { alertsFromHistory, plansFromHistory } from './alerts/from-history.ts';
export { connectToService } from './app-client.ts';
export { readCaptureFile } from './capture-file.ts';
export type { CaptureFileFlow, CaptureFileResult, CaptureFileSource, ReadProgress } from './capture-file.ts';
export type { Service } from './create-service.ts';
export type { LogLevel } from './log.ts';
export { defaultPaths } from './paths.ts';
export type { PathsEnvironment, ServicePaths } from './paths.ts';
export { SettingsFile } from './settings-file.ts';
export type { SettingsState } from './settings-file.ts';
export { ntmdPort, parseListenAddress, parseSettingText, settingList, settingNamed, settingText, shownValue, valueOf } from '../core/settings/index.ts';
export type { Setting, Settings, SettingsPart } from '../core/settings/index.ts';
export { anomaliesIn, barChart, escapedText, patternsIn, seriesOf, trendOf } from '../core/report/index.ts';
export type { Anomaly, PairDays, Part, Patterns, Point, Trend } from '../core/report/index.ts';
export { ServiceError } from './service-error.ts';
export type { ServiceErrorCode, ServiceFailure } from './service-error.ts';
export { startService } from './start.ts';
export type { ServiceOptions } from './start.ts';
export type { Asking } from './helper-command.ts';
export { csvText, parquetBytes, rowsOf, writeWhole } from './formats/index.ts';
export type { DataColumn, DataTable } from './formats/index.ts';
export { mergedHttp } from '../core/packet/index.ts';
export { openHistoryFile } from './history-file.ts';
export type { HistoryFile } from './history-file.ts';
export type { HistoryQueryName } from './history-handlers.ts';
export { connectOverWeb } from './web/client.ts';
export type { WebOptions } from './web/server.ts';

/** A history that no service keeps, to forget something of it. Disposing of it lets a service have it. */
export interface ForgetfulFile extends Disposable {
  preview(what: Forgettable): Promise<ForgetPreview>;
  forget(what: Forgettable): Promise<Forgotten>;
}

/** Opens a history to forget something of it, for when no service runs. Throws `ServiceError`, also where there is none. */
export function openToForget(historyPath: string): ForgetfulFile {
  if (!existsSync(historyPath)) {
    throw new ServiceError('history-missing', `there is no history at ${historyPath}: nothing has been kept, so there is nothing to forget`);
  }
  const calendar = systemCalendar(process.env);
  const history = new History({ path: historyPath, calendar, now: systemClock.now(), pid: process.pid });
  return {
    preview: (what) => previewForgetting(history, what, systemClock.now()),
    forget: (what) => forgetInHistory(history, what, systemClock.now()),
    [Symbol.dispose]: () => void history.close(systemClock.now()),
  };
}

/** What works on this machine and what does not, each with its remedy. */
export function examine(): Promise<Examination> {
  const environment = { variables: process.env, uid: process.getuid?.() ?? 0, homeDirectory: homedir() };
  return examineWith(defaultPaths(environment));
}
