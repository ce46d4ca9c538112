import { Command } from 'commander';
import { z } from 'zod';
import { parseDuration, parsePort } from '../arguments.ts';
import { withCaptureOptions } from '../capture-options.ts';
import { chosenUnits } from '../chosen-units.ts';
import type { Edges } from '../edges.ts';
import { openFace } from '../live/face.ts';
import { Output } from '../output.ts';
import { WatchOptions, follow, withWatched } from '../watched.ts';

const Options = WatchOptions.extend({
  json: z.boolean().default(false),
  duration: z.number().optional(),
  /** True where the option stands without a port. */
  web: z.union([z.number(), z.literal(true)]).optional(),
});
type Options = z.infer<typeof Options>;

async function live(options: Options, edges: Edges): Promise<void> {
  const output = new Output(edges.output, edges.ending);
  const { web } = options;
  const page = web === undefined ? undefined : ({ port: web === true ? 0 : web, rights: 'control' } as const);
  await withWatched({ ...options, page }, edges, async (session) => {
    if (session.webAddress !== null) edges.errors.write(`tidewatch: the window is at ${session.webAddress}\n`);
    const face = openFace({ ...options, units: chosenUnits(options, edges.defaultPaths), page: session.webAddress }, edges, output);
    try {
      await follow(session, edges, (event) => {
        face.show(event);
        return 'more';
      });
    } finally {
      face.close();
    }
  });
  await output.finish();
}

const examples = `
On a terminal a table that is drawn again every second; \`q\` or Ctrl-C ends it. Elsewhere one line a second.
Watches the service that runs already; where none does, measures by itself and ends that with the table.

Examples:
  tidewatch live
  tidewatch live --interface eth0 --interface wlan0
  tidewatch live --filter 'tcp port 443'
  tidewatch live --json --duration 10 | jq '.apps[] | select(.rxBytes > 1e6)'`;

/** `tidewatch live`. */
export function liveCommand(edges: Edges): Command {
  return withCaptureOptions(new Command('live'))
    .description('who is using the bandwidth now: apps, domains and totals, once a second')
    .option('--json', 'print one JSON object a second, on a line of its own')
    .option('--web [port]', 'serve the window as a page on loopback meanwhile; on this port, or on one that is free', parsePort)
    .option('--duration <seconds>', 'end by itself after this time', parseDuration)
    .addHelpText('after', examples)
    .action(async (_options: unknown, command: Command) => live(Options.parse(command.optsWithGlobals()), edges));
}
