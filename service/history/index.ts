/** The history on disk: see README.md for what it promises. */
import type { Report, ReportRequest } from '../../protocol/app.ts';
import type { EpochMs } from '../../protocol/units.ts';
import { openForReading } from './open.ts';
import { HistoryReader } from './reader.ts';

export { History } from './store.ts';
export type { FlushOutcome, HistoryOptions } from './store.ts';
export type { Forgettable, Forgotten } from './forget.ts';
export { KeptAlerts } from './kept-alerts.ts';
export type { Delivery, NamedAlert, StoredDelivery } from './kept-alerts.ts';
export { HistoryReader } from './reader.ts';
export { calendarOf, systemCalendar } from './system-calendar.ts';
export type { DamageNotice } from './set-aside.ts';

/**
 * A report when no service runs: opens the file to read it, answers, closes it. Throws ServiceError with the code
 * `history-missing` where nothing has been kept yet, or another `history-…` code.
 */
export function readReport(path: string, request: ReportRequest, now: EpochMs): Report {
  const database = openForReading(path);
  try {
    return new HistoryReader(database).report(request, now);
  } finally {
    database.close();
  }
}
