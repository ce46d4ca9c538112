/** One column. Null stands for what is not known. */
export type DataColumn =
  | { readonly name: string; readonly type: 'text'; readonly values: readonly (string | null)[] }
  /** Whole numbers from 0 to 2^53 - 1. */
  | { readonly name: string; readonly type: 'count'; readonly values: readonly (number | null)[] }
  | { readonly name: string; readonly type: 'number'; readonly values: readonly (number | null)[] }
  /** Milliseconds since 1970. */
  | { readonly name: string; readonly type: 'time'; readonly values: readonly (number | null)[] };

/** Columns, all equally long. */
export type DataTable = readonly DataColumn[];

/** How many rows a table has. */
export function rowsOf(table: DataTable): number {
  return table[0]?.values.length ?? 0;
}
