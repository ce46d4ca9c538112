import { z } from 'zod';
import { csvText } from '../service/index.ts';
import type { DataTable } from '../service/index.ts';
import { chosenUnits } from './chosen-units.ts';
import { canvasOf } from './edges.ts';
import type { Edges } from './edges.ts';
import { UsageError } from './failure.ts';
import { GlobalOptions } from './global-options.ts';
import { Output } from './output.ts';
import type { Canvas } from './table.ts';
import { jsonLine } from './terminal.ts';

/** What a command lists, in each of the ways in which it can be written. */
export interface Listing {
  readonly lines: (canvas: Canvas) => readonly string[];
  readonly json: () => unknown;
  readonly csv: () => DataTable;
}

/** How a list is to be written: a table unless one of them is asked for. */
export const ListingOptions = GlobalOptions.extend({ json: z.boolean().default(false), csv: z.boolean().default(false) });
export type ListingOptions = z.infer<typeof ListingOptions>;

/** Throws {@link UsageError} where a list is asked for in two ways at once. */
export function checkListing({ json, csv }: Pick<ListingOptions, 'json' | 'csv'>): void {
  if (json && csv) throw new UsageError('--json and --csv are two ways of writing one list: leave one of them out');
}

/** Writes a list as its options say. Throws `CommandError` where it cannot be written. */
export async function writeListing(listing: Listing, options: ListingOptions, edges: Edges): Promise<void> {
  const output = new Output(edges.output, edges.ending);
  if (options.json) output.lines([jsonLine(listing.json())]);
  else if (options.csv) output.write(csvText(listing.csv()));
  else output.lines(listing.lines(canvasOf(edges, chosenUnits(options, edges.defaultPaths))));
  await output.finish();
}
