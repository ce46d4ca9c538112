/** Reports on a schedule: see README.md. */
export { reportHandlers } from './handlers.ts';
export { Reports, reportsFolderOf } from './reports.ts';
export type { ReportsPorts } from './reports.ts';
