import { Command, Option } from 'commander';
import { z } from 'zod';
import { maximumRows } from '../../protocol/app.ts';
import { parsePositiveCount } from '../arguments.ts';
import type { Edges } from '../edges.ts';
import { UsageError } from '../failure.ts';
import { askHistory } from '../history-session.ts';
import { ListingOptions, checkListing, writeListing } from '../listing.ts';
import { qualityLines, qualityTable } from '../past/quality-table.ts';
import { rangeOf } from '../range.ts';
import { filterOf } from '../report/filter.ts';
import { dateTimeText, whenExamples } from '../time.ts';

const Options = ListingOptions.extend({
  from: z.string().optional(),
  to: z.string().optional(),
  by: z.enum(['app', 'host']).default('app'),
  app: z.string().optional(),
  domain: z.string().optional(),
  host: z.string().optional(),
  top: z.number().default(40),
});
type Options = z.infer<typeof Options>;

async function quality(options: Options, edges: Edges): Promise<void> {
  checkListing(options);
  const { by, app, domain, host } = options;
  if (options.top > maximumRows) throw new UsageError(`--top ${options.top} is more than one answer has: at most ${maximumRows}`);
  const range = rangeOf(options, edges);
  const session = await askHistory(options, edges);
  const { from, to, rows } = await (async () => {
    try {
      const { app: appId, domain: domainName, host: hostName } = await filterOf({ app, domain, host }, session);
      const filter = { ...(appId === undefined ? {} : { app: appId }), ...(domainName === undefined ? {} : { domain: domainName }), ...(hostName === undefined ? {} : { host: hostName }) };
      return await session.ask('quality', { ...range, by, limit: options.top, ...(Object.keys(filter).length === 0 ? {} : { filter }) });
    } finally {
      await session.close();
    }
  })();
  const listing = {
    lines: (canvas: Parameters<typeof qualityLines>[2]) => [canvas.paint('strong', `${dateTimeText(from)} to ${dateTimeText(to)}, by ${by}`), ...qualityLines(rows, by, canvas)],
    json: () => ({ from, to, by, rows }),
    csv: () => qualityTable(rows, by),
  };
  await writeListing(listing, options, edges);
}

const examples = `
Round-trip times are those of TCP connections, one sample a second of each at most. "Sent again" counts segments whose data
had been sent before. Both are kept by the quarter-hour.
Times: ${whenExamples}.

Examples:
  tidewatch quality
  tidewatch quality --by host --app firefox --from today
  tidewatch quality --by host --from "7 days ago" --csv`;

/** `tidewatch quality`. */
export function qualityCommand(edges: Edges): Command {
  return new Command('quality')
    .description('how well connections went: round-trip times, and what had to be sent again')
    .option('--from <time>', 'beginning, inclusive (default: all that is kept)')
    .option('--to <time>', 'end: a day or week is included whole (default: now)')
    .addOption(new Option('--by <key>', 'group by this').choices(['app', 'host']).default('app'))
    .option('--app <name>', 'only this app: its id, its name, or the last part of its path')
    .option('--domain <name>', 'only this domain')
    .option('--host <name>', 'only this host, by its name or its address')
    .option('--top <count>', 'show this many rows, those with the most samples (default: 40)', parsePositiveCount)
    .option('--json', 'print one JSON object {from,to,by,rows:[{key,samples,roundTripMicroseconds,retransmits,packets,retransmitShare,…}]}')
    .option('--csv', 'print CSV')
    .addHelpText('after', examples)
    .action(async (_options: unknown, command: Command) => quality(Options.parse(command.optsWithGlobals()), edges));
}
