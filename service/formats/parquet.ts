import { zstdCompressSync } from 'node:zlib';
import { parquetWriteBuffer } from 'hyparquet-writer';
import type { ColumnSource } from 'hyparquet-writer';
import { version } from '../version.ts';
import type { DataColumn, DataTable } from './data-table.ts';

function source(column: DataColumn): ColumnSource {
  const { name, type, values } = column;
  switch (type) {
    case 'text':
      return { name, type: 'STRING', data: [...values] };
    case 'count':
      return { name, type: 'INT64', data: values.map((value) => (value === null ? null : BigInt(value))) };
    case 'number':
      return { name, type: 'DOUBLE', data: [...values] };
    case 'time':
      return { name, type: 'TIMESTAMP', data: values.map((value) => (value === null ? null : new Date(value))) };
  }
}

/** A table as a Parquet file, compressed with zstd. */
export function parquetBytes(table: DataTable): Uint8Array {
  return new Uint8Array(parquetWriteBuffer({
    columnData: table.map(source),
    codec: 'ZSTD',
    compressors: { ZSTD: (bytes) => zstdCompressSync(bytes) },
    createdBy: `tidewatch ${version}`,
  }));
}
