import { Command } from 'commander';
import { z } from 'zod';
import type { Finding } from '../../protocol/examination.ts';
import { examine } from '../../service/index.ts';
import type { Edges } from '../edges.ts';
import { CommandError } from '../failure.ts';
import { Output } from '../output.ts';
import { paintFor } from '../paint.ts';
import type { Paint, Tone } from '../paint.ts';
import { jsonLine, visible } from '../terminal.ts';

const Options = z.object({ json: z.boolean().default(false) });

const marks: Record<Finding['state'], { readonly mark: string; readonly tone: Tone }> = {
  works: { mark: '✓', tone: 'good' },
  limited: { mark: '!', tone: 'warning' },
  fails: { mark: '✗', tone: 'bad' },
};

/** The findings as lines: mark, subject and message; below those that do not work, what to do. */
export function findingLines(findings: readonly Finding[], paint: Paint): string[] {
  return findings.flatMap((finding) => {
    const { mark, tone } = marks[finding.state];
    const message = finding.message === '' ? '' : `: ${visible(finding.message)}`;
    const line = `${paint(tone, mark)} ${paint('strong', visible(finding.subject))}${message}`;
    return finding.remedy === '' ? [line] : [line, `  ${paint(tone, '→')} ${visible(finding.remedy)}`];
  });
}

const examples = `
Examples:
  tidewatch doctor           what works here (✓), works with less (!), does not work (✗), and what to do about it
  tidewatch doctor --json    the same for programs

Exits with 1 where something does not work.`;

/** `tidewatch doctor`. */
export function doctorCommand(edges: Edges): Command {
  return new Command('doctor')
    .description('examine this machine: what works, what does not, and the remedy')
    .option('--json', 'print one JSON object: {findings:[{subject,state,message,remedy}]}')
    .addHelpText('after', examples)
    .action(async (_options: unknown, command: Command) => {
      const options = Options.parse(command.optsWithGlobals());
      const output = new Output(edges.output, edges.ending);
      const { findings } = await examine();
      const paint = paintFor({ isTerminal: edges.output.isTTY, environment: edges.environment });
      output.lines(options.json ? [jsonLine({ findings })] : findingLines(findings, paint));
      await output.finish();
      const failing = findings.filter((finding) => finding.state === 'fails').map((finding) => finding.subject);
      if (failing.length > 0) {
        throw new CommandError(`${failing.join(', ')}: not working here; the remedies are listed above`);
      }
    });
}
