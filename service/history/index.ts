/** The history on disk: see README.md for what it promises. */
export { History } from './store.ts';
export type { FlushOutcome, HistoryOptions } from './store.ts';
export type { Forgettable, Forgotten } from './forget.ts';
export { KeptAlerts } from './kept-alerts.ts';
export type { Delivery, NamedAlert, StoredDelivery } from './kept-alerts.ts';
export { HistoryReader } from './reader.ts';
export { calendarOf, systemCalendar } from './system-calendar.ts';
export type { DamageNotice } from './set-aside.ts';

export { ExportReader } from './export-reader.ts';
export type { ExportedRow } from './export-reader.ts';
