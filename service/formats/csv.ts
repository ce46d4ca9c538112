import { rowsOf } from './data-table.ts';
import type { DataColumn, DataTable } from './data-table.ts';

/** What spreadsheets take for a formula at the beginning of a cell (OWASP, "CSV Injection"). */
const formula = /^[=+\-@\t\r]/u;

function quoted(text: string): string {
  const harmless = formula.test(text) ? `'${text}` : text;
  return /[",\r\n]/u.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}

function cell(column: DataColumn, row: number): string {
  const value = column.values[row] ?? null;
  if (value === null) return '';
  if (column.type === 'time') return new Date(Number(value)).toISOString();
  return typeof value === 'string' ? quoted(value) : String(value);
}

/** A table as RFC 4180 writes it: titles first, CRLF at the end of each line. */
export function csvText(table: DataTable): string {
  const lines = [table.map(({ name }) => quoted(name)).join(',')];
  for (let row = 0; row < rowsOf(table); row += 1) lines.push(table.map((column) => cell(column, row)).join(','));
  return `${lines.join('\r\n')}\r\n`;
}
