import { epochMs } from '../../protocol/units.ts';
import type { EpochMs } from '../../protocol/units.ts';
import { errorCode } from '../error-code.ts';
import { parquetBytes } from '../formats/parquet.ts';
import { writePieces, writeWhole } from '../formats/write-whole.ts';
import { rowsOf } from '../formats/data-table.ts';
import type { DataTable } from '../formats/data-table.ts';
import { ExportReader } from '../history/index.ts';
import type { ExportedRow } from '../history/index.ts';
import { ServiceError } from '../service-error.ts';

export type ExportFormat = 'jsonl' | 'parquet';

export interface ExportResult {
  readonly rows: number;
  readonly rxBytes: number;
  readonly txBytes: number;
  /** Up to where, exclusive: the last quarter-hour that was over. */
  readonly to: EpochMs;
}

/** The first line of an export as JSON lines. */
export interface ExportHead {
  readonly tidewatch: 'history';
  readonly version: 1;
  /** What the history is known by. */
  readonly id: string;
  readonly to: EpochMs;
}

const quarterMs = 900_000;
/** A service writes every ten seconds: what was over this long ago is in the file. */
const settledMs = 60_000;
/** Lines that are written at once, in bytes. */
const writeAtBytes = 1_048_576;
/** A Parquet file is made in memory, of some hundred bytes a row. */
const mostParquetRows = 5_000_000;

class Sum {
  rows = 0;
  rxBytes = 0;
  txBytes = 0;

  *of(rows: Iterable<ExportedRow>): Generator<ExportedRow, void, undefined> {
    for (const row of rows) {
      this.rows += 1;
      this.rxBytes += row.rxBytes;
      this.txBytes += row.txBytes;
      yield row;
    }
  }
}

/** Lines with their ends, many at a time: a write for each would take longer than all else. */
function* pieces(lines: Iterable<string>): Generator<string, void, undefined> {
  let held = '';
  for (const line of lines) {
    held += `${line}\n`;
    if (held.length < writeAtBytes) continue;
    yield held;
    held = '';
  }
  yield held;
}

const texts = ['step', 'app', 'appName', 'executable', 'certainty', 'reason', 'scope', 'network', 'service', 'hostKind', 'host', 'domain', 'source', 'country'] as const;
const counts = ['rxBytes', 'txBytes', 'rxPackets', 'txPackets', 'connections'] as const;

/** The rows as columns. Equal texts are held once: a year has millions of rows and thousands of names. */
function tableOf(rows: Iterable<ExportedRow>): DataTable {
  const held = new Map<string, string>();
  const once = (text: string | null): string | null => {
    if (text === null) return null;
    const known = held.get(text);
    if (known === undefined) held.set(text, text);
    return known ?? text;
  };
  const starts: number[] = [];
  const textColumns = texts.map((name) => ({ name, type: 'text' as const, values: [] as (string | null)[] }));
  const countColumns = counts.map((name) => ({ name, type: 'count' as const, values: [] as number[] }));
  for (const row of rows) {
    if (starts.length === mostParquetRows) throw new ServiceError('report-unwritable', `the history has more than ${mostParquetRows} rows, which is more than a Parquet file is made of here: export it as jsonl`);
    starts.push(row.start);
    for (const column of textColumns) column.values.push(once(row[column.name]));
    for (const column of countColumns) column.values.push(row[column.name]);
  }
  return [{ name: 'start', type: 'time', values: starts }, ...textColumns, ...countColumns];
}

function* lines(head: ExportHead, rows: Iterable<ExportedRow>): Generator<string, void, undefined> {
  yield JSON.stringify(head);
  for (const row of rows) yield JSON.stringify(row);
}

/**
 * Writes the whole history into a file: whole, or not at all. Works beside a service. Throws {@link ServiceError} where there is no history, nothing
 * in it, or the file cannot be written.
 */
export function exportHistory(historyPath: string, { file, format, now }: { readonly file: string; readonly format: ExportFormat; readonly now: EpochMs }): ExportResult {
  using reader = new ExportReader(historyPath);
  const to = epochMs(Math.max(0, Math.floor((now - settledMs) / quarterMs) * quarterMs));
  const sum = new Sum();
  const rows = sum.of(reader.rows(to));
  try {
    if (format === 'jsonl') writePieces(file, pieces(lines({ tidewatch: 'history', version: 1, id: reader.id, to }, rows)));
    else {
      const table = tableOf(rows);
      if (rowsOf(table) === 0) throw new ServiceError('report-unwritable', 'there is nothing to export yet: a quarter-hour must be over');
      writeWhole(file, parquetBytes(table));
    }
  } catch (error) {
    if (error instanceof ServiceError) throw error;
    const reason = errorCode(error);
    if (reason === null) throw error;
    throw new ServiceError('report-unwritable', `cannot write ${file} (${reason}): nothing was written; free some space, or name another place`, { cause: error });
  }
  return { rows: sum.rows, rxBytes: sum.rxBytes, txBytes: sum.txBytes, to };
}
