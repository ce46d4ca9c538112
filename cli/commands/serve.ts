import { Command } from 'commander';
import type { Edges } from '../edges.ts';
import { CaptureOptions, captureOf, withCaptureOptions } from '../capture-options.ts';
import { CommandError } from '../failure.ts';
import { GlobalOptions, chosenPaths } from '../global-options.ts';
import { Output } from '../output.ts';
import { startOwn } from '../service-session.ts';
import { visible } from '../terminal.ts';

const Options = GlobalOptions.extend(CaptureOptions.shape);

const examples = `
Examples:
  tidewatch serve                           measure until SIGTERM or Ctrl-C
  tidewatch serve --interface eth0          measure one interface only
  tidewatch serve --history /srv/tidewatch.sqlite

While it runs, \`tidewatch live\` and \`tidewatch report\` ask it. Its log is on standard error, as JSON lines.`;

/** `tidewatch serve`. */
export function serveCommand(edges: Edges): Command {
  return withCaptureOptions(new Command('serve'))
    .description('measure in the background of a server: no table, until SIGTERM or Ctrl-C')
    .addHelpText('after', examples)
    .action(async (_options: unknown, command: Command) => {
      const options = Options.parse(command.optsWithGlobals());
      const paths = chosenPaths(options, edges.defaultPaths);
      const output = new Output(edges.output, edges.ending);
      const session = await startOwn({
        ...paths,
        capture: captureOf(options),
        localNetworks: options.localNetwork,
        reverseNames: options.reverseDns,
        logLevel: options.verbose ? 'debug' : 'info',
      });
      try {
        output.lines([visible(`Tidewatch measures ${options.interface?.join(', ') ?? 'every interface at the edge of this machine'}; it answers on ${paths.socketPath} and keeps its history in ${paths.historyPath}`)]);
        const failure = await Promise.race([edges.ending.reason.then(() => null), session.failed]);
        if (failure !== null) throw new CommandError(failure.message);
      } finally {
        await session.close();
      }
    });
}
