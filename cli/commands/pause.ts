import { Command } from 'commander';
import { z } from 'zod';
import { parseSpell } from '../arguments.ts';
import type { Edges } from '../edges.ts';
import { chosenPaths, GlobalOptions } from '../global-options.ts';
import { pausedText } from '../mode-lines.ts';
import { Output } from '../output.ts';
import { withRunningService } from '../running-service.ts';

const Options = GlobalOptions.extend({ for: z.number().optional() });

/** What the service is asked for a length of time. */
export function spellOf(seconds: number | undefined): { forSeconds?: number } {
  return seconds === undefined ? {} : { forSeconds: seconds };
}

const pauseExamples = `
Examples:
  tidewatch pause             measure nothing until \`tidewatch resume\`
  tidewatch pause --for 1h    for an hour

The history then has a gap that says so: nothing measured is not nothing used.`;

/** `tidewatch pause`. */
export function pauseCommand(edges: Edges): Command {
  return new Command('pause')
    .description('measure nothing for a while: neither shown nor kept')
    .option('--for <time>', 'for so long, such as 30m, 1h30m or 2d (default: until resumed)', parseSpell)
    .addHelpText('after', pauseExamples)
    .action(async (_options: unknown, command: Command) => {
      const options = Options.parse(command.optsWithGlobals());
      const output = new Output(edges.output, edges.ending);
      const { socketPath } = chosenPaths(options, edges.defaultPaths);
      const { paused } = await withRunningService(socketPath, ({ client }) => client.command('pause', spellOf(options.for)));
      output.lines([paused === null ? 'Measuring.' : pausedText(paused)]);
      await output.finish();
    });
}

/** `tidewatch resume`. */
export function resumeCommand(edges: Edges): Command {
  return new Command('resume')
    .description('measure again after `tidewatch pause`')
    .addHelpText('after', '\nExamples:\n  tidewatch resume')
    .action(async (_options: unknown, command: Command) => {
      const options = GlobalOptions.parse(command.optsWithGlobals());
      const output = new Output(edges.output, edges.ending);
      const { socketPath } = chosenPaths(options, edges.defaultPaths);
      await withRunningService(socketPath, ({ client }) => client.command('resume', {}));
      output.lines(['Measuring.']);
      await output.finish();
    });
}
