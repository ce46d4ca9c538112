import type { AppHandlers } from '../app-calls.ts';
import type { Reports } from './reports.ts';

/** What is done for the methods of the contract that are about reports on a schedule. */
export function reportHandlers(reports: Reports): Pick<AppHandlers, 'reports' | 'reportPreview' | 'sendReport'> {
  return {
    reports: () => reports.state(),
    reportPreview: (query) => reports.preview(query),
    sendReport: (wanted) => reports.send(wanted),
  };
}
