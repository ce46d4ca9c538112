import { Command } from 'commander';
import { z } from 'zod';
import { maximumRows } from '../../protocol/app.ts';
import { parseDuration, parsePositiveCount } from '../arguments.ts';
import type { Edges } from '../edges.ts';
import { UsageError } from '../failure.ts';
import { askHistory } from '../history-session.ts';
import { monitorAfter, newHttpMonitor } from '../http/monitor.ts';
import { httpData, httpHostLines, httpSumLine, spanLines } from '../http/tables.ts';
import { ListingOptions, checkListing, writeListing } from '../listing.ts';
import type { Listing } from '../listing.ts';
import { showNow } from '../now/show.ts';
import { rangeOf } from '../range.ts';
import { dateTimeText, whenExamples } from '../time.ts';
import { durationText } from '../units.ts';

const Options = ListingOptions.extend({
  from: z.string().optional(),
  to: z.string().optional(),
  top: z.number().default(10),
  span: z.number().default(10),
  threshold: z.number().default(10),
  timeout: z.number().optional(),
});
type Options = z.infer<typeof Options>;

/** Requests in a time that has been. Throws `ServiceError` where there is no history. */
async function past(options: Options, edges: Edges): Promise<void> {
  const range = rangeOf(options, edges);
  const session = await askHistory(options, edges);
  const { from, to, hosts } = await (async () => {
    try {
      return await session.ask('http', { ...range, limit: maximumRows });
    } finally {
      await session.close();
    }
  })();
  const listing: Listing = {
    lines: (canvas) => [
      canvas.paint('strong', `${dateTimeText(from)} to ${dateTimeText(to)}`),
      ...(hosts.length === 0 ? ['No plain HTTP was seen in this time.'] : [httpSumLine(hosts), ...httpHostLines(hosts, options.top, canvas)]),
    ],
    json: () => ({ from, to, hosts }),
    csv: () => httpData(hosts),
  };
  await writeListing(listing, options, edges);
}

/** Requests as they come, span by span. */
async function now(options: Options, edges: Edges): Promise<void> {
  const { span, threshold } = options;
  if (options.csv) throw new UsageError('--csv is of a time that has been: give --from, or write --json for what comes');
  let monitor = newHttpMonitor;
  await showNow(
    ({ snapshot }) => {
      monitor = monitorAfter(monitor, snapshot, { span, threshold });
      const { ended } = monitor;
      if (ended === null) return null;
      return { lines: (canvas) => spanLines(ended, options, canvas), json: () => ({ ...ended, threshold }), csv: () => httpData(ended.hosts) };
    },
    { ...options, watch: true, duration: options.timeout, waiting: `waiting for the first ${durationText(span)} of plain HTTP…` },
    edges,
  );
}

async function http(options: Options, edges: Edges): Promise<void> {
  checkListing(options);
  return options.from === undefined && options.to === undefined ? now(options, edges) : past(options, edges);
}

const examples = `
Counts requests and answers of HTTP/1 that nobody encrypted, by host: methods, first sections of paths, classes of statuses.
Without --from and --to as they come: every span one list, and a line when there are more hits a second than the threshold,
and when there no longer are. With them, what the history has of that time.
Times: ${whenExamples}.

Examples:
  tidewatch http
  tidewatch http --span 120 --threshold 10 --timeout 600
  tidewatch http --json | jq 'select(.state != "calm")'
  tidewatch http --from yesterday --to yesterday --csv`;

/** `tidewatch http`. */
export function httpCommand(edges: Edges): Command {
  return new Command('http')
    .description('plain HTTP by host: sections, methods, answers, hits a second')
    .option('--span <seconds>', 'length of what one list is of (default: 10)', parseDuration)
    .option('--threshold <count>', 'hits a second above which it says so (default: 10)', parsePositiveCount)
    .option('--timeout <seconds>', 'end by itself after this time', parseDuration)
    .option('--top <count>', 'name this many hosts, the rest as one (default: 10)', parsePositiveCount)
    .option('--from <time>', 'of the history instead: beginning, inclusive')
    .option('--to <time>', 'of the history instead: end')
    .option('--json', 'print one JSON object a span {from,to,seconds,requests,responses,hitsPerSecond,hosts,state,overSince,threshold}; of the history one {from,to,hosts}')
    .option('--csv', 'print CSV, of the history')
    .addHelpText('after', examples)
    .action(async (_options: unknown, command: Command) => http(Options.parse(command.optsWithGlobals()), edges));
}
