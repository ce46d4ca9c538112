import { Command } from 'commander';
import { z } from 'zod';
import type { Edges } from '../edges.ts';
import { askHistory } from '../history-session.ts';
import { ListingOptions, checkListing, writeListing } from '../listing.ts';
import { siteRows } from '../past/site.ts';
import type { SiteRow } from '../past/site.ts';
import { siteLines, siteTable } from '../past/site-table.ts';
import { rangeOf } from '../range.ts';
import { whenExamples } from '../time.ts';

const Options = ListingOptions.extend({ from: z.string().optional(), to: z.string().optional() });
type Options = z.infer<typeof Options>;

async function site(names: readonly string[], options: Options, edges: Edges): Promise<void> {
  checkListing(options);
  const range = rangeOf(options, edges);
  const session = await askHistory(options, edges);
  const rows: SiteRow[] = [];
  try {
    for (const name of new Set(names)) rows.push(...(await siteRows(name, range, session)));
  } finally {
    await session.close();
  }
  await writeListing({ lines: (canvas) => siteLines(rows, canvas), json: () => ({ ...range, rows }), csv: () => siteTable(rows) }, options, edges);
}

const examples = `
Times: ${whenExamples}. As for \`tidewatch report\`, --to includes the day that it names.

Examples:
  tidewatch site example.org
  tidewatch site example.org example.net --from "last week" --to "last week"
  tidewatch site cdn.example.org --from "7 days ago" --csv`;

/** `tidewatch site`. */
export function siteCommand(edges: Edges): Command {
  return new Command('site')
    .description('what a domain and all hosts below it used, day by day')
    .argument('<name...>', 'domains or hosts')
    .option('--from <time>', 'beginning, inclusive (default: all that is kept)')
    .option('--to <time>', 'end: a day or week is included whole (default: now)')
    .option('--json', 'print one JSON object {from,to,rows:[{site,host,date,rxBytes,txBytes}]}')
    .option('--csv', 'print CSV: number, site, host, rx_bytes, tx_bytes, date')
    .addHelpText('after', examples)
    .action(async (names: readonly string[], _options: unknown, command: Command) => site(names, Options.parse(command.optsWithGlobals()), edges));
}
