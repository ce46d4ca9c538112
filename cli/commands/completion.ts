import { Argument, Command } from 'commander';
import { z } from 'zod';
import { candidatesFor } from '../completion/candidates.ts';
import { completionScripts, endings, shells } from '../completion/scripts.ts';
import type { Edges } from '../edges.ts';
import { Output } from '../output.ts';
import { visible } from '../terminal.ts';

const Shell = z.enum(shells);

const examples = `
With it, Tab completes commands, options, their values, and names of files where one is wanted.

Examples:
  eval "$(tidewatch completion bash)"          in ~/.bashrc
  eval "$(tidewatch completion zsh)"           in ~/.zshrc, after compinit
  tidewatch completion fish > ~/.config/fish/completions/tidewatch.fish`;

/** `tidewatch completion`. */
export function completionCommand(edges: Edges): Command {
  return new Command('completion')
    .description('print the script by which a shell completes what is typed')
    .addArgument(new Argument('<shell>', 'for this shell').choices(shells))
    .addHelpText('after', examples)
    .action(async (shell: unknown) => {
      const output = new Output(edges.output, edges.ending);
      output.lines([completionScripts[Shell.parse(shell)]]);
      await output.finish();
    });
}

/** `tidewatch complete -- WORDS…`: what the scripts ask. A candidate a line, with a tab before its description. */
export function completeCommand(edges: Edges): Command {
  return new Command('complete')
    .description('print what may stand in place of the last word')
    .argument('[words...]', 'the words up to the cursor')
    .action(async (words: readonly string[], _options: unknown, command: Command) => {
      const { values, files } = candidatesFor(command.parent ?? command, words);
      const output = new Output(edges.output, edges.ending);
      output.lines([...values.map(({ value, description }) => `${visible(value)}\t${visible(description)}`), files ? endings.files : endings.none]);
      await output.finish();
    });
}
