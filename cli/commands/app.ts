import { Command } from 'commander';
import { z } from 'zod';
import { maximumRows } from '../../protocol/app.ts';
import { parsePositiveCount } from '../arguments.ts';
import type { Edges } from '../edges.ts';
import { UsageError } from '../failure.ts';
import { askHistory } from '../history-session.ts';
import { ListingOptions, checkListing, writeListing } from '../listing.ts';
import { appJson, appLines, appTable } from '../past/app-page.ts';
import { appFacts } from '../past/app.ts';
import type { AppFacts } from '../past/app.ts';
import { rangeOf } from '../range.ts';
import { whenExamples } from '../time.ts';

const Options = ListingOptions.extend({ from: z.string().optional(), to: z.string().optional(), top: z.number().default(10) });
type Options = z.infer<typeof Options>;

async function app(names: readonly string[], options: Options, edges: Edges): Promise<void> {
  checkListing(options);
  if (options.top > maximumRows) throw new UsageError(`--top ${options.top} is more than one answer has: at most ${maximumRows}`);
  const range = rangeOf(options, edges);
  const session = await askHistory(options, edges);
  const apps: AppFacts[] = [];
  try {
    for (const name of new Set(names)) apps.push(await appFacts(name, { range, domains: options.top }, session));
  } finally {
    await session.close();
  }
  const listing = {
    lines: (canvas: Parameters<typeof appLines>[1]) => apps.flatMap((facts, index) => [...(index === 0 ? [] : ['']), ...appLines(facts, canvas)]),
    json: () => ({ apps: apps.map(appJson) }),
    csv: () => appTable(apps),
  };
  await writeListing(listing, options, edges);
}

const examples = `
An app is named by its id, by what it is called, or by the last part of its path where only one app has it.
Times: ${whenExamples}.

Examples:
  tidewatch app firefox
  tidewatch app /usr/bin/curl --from "last month" --to "last month"
  tidewatch app firefox thunderbird --from "this week" --json`;

/** `tidewatch app`. */
export function appCommand(edges: Edges): Command {
  return new Command('app')
    .description('what an app used: in all, with which domains, day by day')
    .argument('<name...>', 'apps')
    .option('--from <time>', 'beginning, inclusive (default: all that is kept)')
    .option('--to <time>', 'end: a day or week is included whole (default: now)')
    .option('--top <count>', 'name this many domains, the rest as one (default: 10)', parsePositiveCount)
    .option('--json', 'print one JSON object {apps:[{app,displayName,first,last,from,to,total,domains,otherDomains,days,gaps}]}')
    .option('--csv', 'print CSV, a line for each app and day')
    .addHelpText('after', examples)
    .action(async (names: readonly string[], _options: unknown, command: Command) => app(names, Options.parse(command.optsWithGlobals()), edges));
}
