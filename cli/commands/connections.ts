import { Command, Option } from 'commander';
import { z } from 'zod';
import type { Snapshot } from '../../protocol/app.ts';
import { parseDuration, parsePositiveCount } from '../arguments.ts';
import type { Edges } from '../edges.ts';
import { UsageError } from '../failure.ts';
import { ListingOptions, checkListing } from '../listing.ts';
import type { Listing } from '../listing.ts';
import { appNames, connectionData, connectionOrders, connectionTable, inOrder, withWords } from '../now/connection-list.ts';
import { showNow } from '../now/show.ts';
import { tableLines } from '../table.ts';
import type { Canvas } from '../table.ts';
import { clockText } from '../time.ts';
import { countedText, rateOf, rateText } from '../units.ts';

const Options = ListingOptions.extend({
  watch: z.boolean().default(false),
  sort: z.enum(connectionOrders).default('rate'),
  top: z.number().optional(),
  duration: z.number().optional(),
});
type Options = z.infer<typeof Options>;

/** The connections of one snapshot, as the words and options ask for them. */
function listingOf(snapshot: Snapshot, words: readonly string[], { sort, top }: Options): Listing {
  const names = appNames(snapshot);
  const all = inOrder(withWords(snapshot.connections, words, names), sort, names);
  const { time, intervalSeconds, otherConnections } = snapshot;
  const shown = top === undefined ? all : all.slice(0, top);
  const rest = all.slice(shown.length);
  const bytes = [...rest, ...(words.length === 0 ? [otherConnections] : [])].reduce((sum, row) => sum + row.rxBytes + row.txBytes, 0);
  const more = rest.length + (words.length === 0 ? otherConnections.connections : 0);
  const lines = ({ width, paint, units }: Canvas): readonly string[] => {
    const table = connectionTable(shown, { title: clockText(time), width, intervalSeconds, names, units });
    if (all.length === 0) return [`${clockText(time)}  no connection ${words.length === 0 ? 'carries anything' : 'has these words'}`];
    return [...tableLines(table, { width, paint }), ...(more === 0 ? [] : [paint('faint', `… ${countedText(more, 'connection')} more, ${rateText(rateOf(bytes, intervalSeconds), units)}`)])];
  };
  return { lines, json: () => ({ time, intervalSeconds, connections: shown, otherConnections }), csv: () => connectionData(shown, names) };
}

async function connections(words: readonly string[], options: Options, edges: Edges): Promise<void> {
  checkListing(options);
  const watch = options.watch || options.duration !== undefined;
  if (options.csv && watch) throw new UsageError('--csv is one list: leave --watch and --duration out, or write --json for a list each second');
  await showNow(({ snapshot }) => listingOf(snapshot, words, options), { ...options, watch }, edges);
}

const examples = `
Every word must occur in what is known of a connection: its app, process, host, address with port, service, country (DE, US, …)
or interface. Watches the service that runs already; where none does, measures by itself for a moment.

Examples:
  tidewatch connections
  tidewatch connections firefox :443 --sort round-trip
  tidewatch connections --watch --sort received
  tidewatch connections --json | jq -r '.connections[].remoteAddress'`;

/** `tidewatch connections`. */
export function connectionsCommand(edges: Edges): Command {
  return new Command('connections')
    .description('the connections of this moment, once or each second')
    .argument('[word...]', 'only connections that have all of these words')
    .option('--watch', 'again each second, until `q` or Ctrl-C')
    .option('--duration <seconds>', 'as --watch, and end by itself after this time', parseDuration)
    .addOption(new Option('--sort <order>', 'order: the largest first, names by the alphabet').choices(connectionOrders).default('rate'))
    .option('--top <count>', 'show this many; a line says what the others move (default: all)', parsePositiveCount)
    .option('--json', 'print one JSON object {time,intervalSeconds,connections,otherConnections}; with --watch one a second')
    .option('--csv', 'print CSV')
    .addHelpText('after', examples)
    .action(async (words: readonly string[], _options: unknown, command: Command) => connections(words, Options.parse(command.optsWithGlobals()), edges));
}
