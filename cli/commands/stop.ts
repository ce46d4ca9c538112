import { Command } from 'commander';
import type { Edges } from '../edges.ts';
import { chosenPaths, GlobalOptions } from '../global-options.ts';
import { Output } from '../output.ts';
import { withRunningService } from '../running-service.ts';

/** `tidewatch stop`. */
export function stopCommand(edges: Edges): Command {
  return new Command('stop')
    .description('end the service that runs, with all written')
    .addHelpText('after', '\nExamples:\n  tidewatch stop')
    .action(async (_options: unknown, command: Command) => {
      const options = GlobalOptions.parse(command.optsWithGlobals());
      const output = new Output(edges.output, edges.ending);
      const { socketPath } = chosenPaths(options, edges.defaultPaths);
      const pid = await withRunningService(socketPath, async ({ client }) => {
        const identity = await client.query('identify', {});
        await client.command('stop', {});
        return identity.pid;
      });
      output.lines([`The service (process ${pid}) is ending.`]);
      await output.finish();
    });
}
