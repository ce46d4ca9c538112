import { Command } from 'commander';
import { z } from 'zod';
import { parseDuration, parsePositiveCount } from '../arguments.ts';
import type { Edges } from '../edges.ts';
import { UsageError } from '../failure.ts';
import { ListingOptions, checkListing } from '../listing.ts';
import { showNow } from '../now/show.ts';
import { topData, topJson, topLines, topNow } from '../now/top-list.ts';

const Options = ListingOptions.extend({
  watch: z.boolean().default(false),
  top: z.number().default(10),
  duration: z.number().optional(),
});
type Options = z.infer<typeof Options>;

async function top(options: Options, edges: Edges): Promise<void> {
  checkListing(options);
  const watch = options.watch || options.duration !== undefined;
  if (options.csv && watch) throw new UsageError('--csv is one list: leave --watch and --duration out, or write --json for a list each second');
  await showNow(
    ({ snapshot }) => {
      const now = topNow(snapshot, options.top);
      return { lines: (canvas) => topLines(now, canvas), json: () => topJson(now), csv: () => topData(now) };
    },
    { ...options, watch },
    edges,
  );
}

const examples = `
Rates are of the last second. Watches the service that runs already; where none does, measures by itself for a moment.

Examples:
  tidewatch top
  tidewatch top --top 3
  tidewatch top --watch
  tidewatch top --json | jq -r '.apps[0].label'`;

/** `tidewatch top`. */
export function topCommand(edges: Edges): Command {
  return new Command('top')
    .description('the largest apps and domains of this moment, once or each second')
    .option('--top <count>', 'show this many of each, the rest as one (default: 10)', parsePositiveCount)
    .option('--watch', 'again each second, until `q` or Ctrl-C')
    .option('--duration <seconds>', 'as --watch, and end by itself after this time', parseDuration)
    .option('--json', 'print one JSON object {time,intervalSeconds,totals,apps,otherApps,domains,otherDomains}; with --watch one a second')
    .option('--csv', 'print CSV')
    .addHelpText('after', examples)
    .action(async (_options: unknown, command: Command) => top(Options.parse(command.optsWithGlobals()), edges));
}
