import { tableFromIPC } from 'apache-arrow';
import { readParquet } from 'parquet-wasm';

/** A Parquet file as another reader sees it: the one of Apache Arrow in Rust. One object for each row. */
export function rowsInParquet(bytes: Uint8Array): readonly Readonly<Record<string, unknown>>[] {
  return tableFromIPC(readParquet(bytes).intoIPCStream()).toArray().map((row) => row.toJSON());
}
