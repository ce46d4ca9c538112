/** Tables as files: see README.md. */
export { csvText } from './csv.ts';
export { rowsOf } from './data-table.ts';
export type { DataColumn, DataTable } from './data-table.ts';
export { parquetBytes } from './parquet.ts';
export { writeWhole } from './write-whole.ts';
