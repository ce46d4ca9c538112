import { Argument, Command } from 'commander';
import { z } from 'zod';
import type { PrivacyMode } from '../../protocol/app.ts';
import { parseSpell } from '../arguments.ts';
import type { Edges } from '../edges.ts';
import { UsageError } from '../failure.ts';
import { chosenPaths, GlobalOptions } from '../global-options.ts';
import { privateText } from '../mode-lines.ts';
import { Output } from '../output.ts';
import { withRunningService } from '../running-service.ts';
import type { ServiceSession } from '../service-session.ts';
import { spellOf } from './pause.ts';

const Options = GlobalOptions.extend({ for: z.number().optional() });

const examples = `
Examples:
  tidewatch private              until \`tidewatch private off\`
  tidewatch private --for 30m    for half an hour
  tidewatch private off

Bytes are counted as ever. Which apps, hosts and domains they belong to is neither shown nor kept: it stands as
"private mode". What was kept before stays; \`tidewatch forget\` takes it out.`;

function change({ client }: ServiceSession, state: 'on' | 'off', seconds: number | undefined): Promise<PrivacyMode> {
  return state === 'off' ? client.command('endPrivate', {}) : client.command('beginPrivate', spellOf(seconds));
}

/** `tidewatch private`. */
export function privateCommand(edges: Edges): Command {
  return new Command('private')
    .description('count totals, and neither show nor keep who used them and where')
    .addArgument(new Argument('[state]', 'on or off').choices(['on', 'off']).default('on'))
    .option('--for <time>', 'for so long, such as 30m, 1h30m or 2d (default: until switched off)', parseSpell)
    .addHelpText('after', examples)
    .action(async (state: unknown, _options: unknown, command: Command) => {
      const options = Options.parse(command.optsWithGlobals());
      const wanted = z.enum(['on', 'off']).parse(state);
      if (wanted === 'off' && options.for !== undefined) throw new UsageError('`private off` has no --for: leave one of them out');
      const output = new Output(edges.output, edges.ending);
      const { socketPath } = chosenPaths(options, edges.defaultPaths);
      const mode = await withRunningService(socketPath, (session) => change(session, wanted, options.for));
      output.lines([mode.private === null ? 'The private mode is off.' : privateText(mode.private)]);
      await output.finish();
    });
}
