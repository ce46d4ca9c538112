import { stripVTControlCharacters } from 'node:util';

/** One line of the result. A measurement without a budget has no verdict; what could not be measured says why. */
export interface Row {
  readonly part: string;
  readonly what: string;
  readonly measured: string;
  /** The peer measured in the same run, with its figure. */
  readonly beside?: string;
  /** Ours divided by the peer's. */
  readonly ratio?: number;
  readonly budget?: string;
  readonly verdict?: 'ok' | 'over';
}

/** The verdict on a figure that must not be above its budget. */
export function atMost(value: number, budget: number): 'ok' | 'over' {
  return value <= budget ? 'ok' : 'over';
}

/** A row for what could not be measured here; the reason begins with "pending". */
export function pendingRow(part: string, what: string, reason: string): Row {
  return { part, what, measured: reason.startsWith('pending') ? reason : `pending: ${reason}` };
}

/** The middle one of an odd number of figures; of an even number the lower middle one. NaN for none. */
export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor((values.length - 1) / 2)] ?? Number.NaN;
}

/** Bytes in MB (10^6), as text. */
export function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}

const columns = ['part', 'what', 'measured', 'beside', 'ratio', 'budget', 'verdict'] as const;

function cells(row: Row): readonly string[] {
  return [row.part, row.what, row.measured, row.beside ?? '', row.ratio === undefined ? '' : row.ratio.toFixed(2), row.budget ?? '', row.verdict ?? ''];
}

/** The rows as a table of aligned columns. */
export function renderTable(rows: readonly Row[]): string {
  const lines = [columns, ...rows.map(cells)];
  const widths = columns.map((_, column) => Math.max(...lines.map((line) => stripVTControlCharacters(line[column] ?? '').length)));
  const written = lines.map((line) => line.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ').trimEnd());
  return [written[0], widths.map((width) => '─'.repeat(width)).join('  '), ...written.slice(1)].join('\n');
}
