/** Taking over what other programs have measured: see README.md. */
export type { ImportProgress, ImportResult } from './bandwhich-import.ts';
export type { BrokenLine } from './bandwhich-block.ts';
export { foundFiles } from './found-files.ts';
export type { FoundFile } from './found-files.ts';
export { archiveFiles, importBandwhichInto } from './from-history-file.ts';
export { bandwhichTable, reportFromBandwhich } from './bandwhich-report.ts';
export type { BandwhichReport } from './bandwhich-report.ts';
export { exportHistory } from './history-export.ts';
export type { ExportFormat, ExportResult } from './history-export.ts';
export { importExport, importVnstat } from './from-history-file.ts';
export type { StretchResult } from './imported-usage.ts';
