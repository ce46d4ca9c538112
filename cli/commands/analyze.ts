import { Command, Option } from 'commander';
import { z } from 'zod';
import { canvasOf } from '../edges.ts';
import type { Edges } from '../edges.ts';
import { chosenUnits } from '../chosen-units.ts';
import { UsageError } from '../failure.ts';
import { GlobalOptions } from '../global-options.ts';
import { askHistory } from '../history-session.ts';
import { Output } from '../output.ts';
import { analyse } from '../analysis/analyse.ts';
import type { Analysis, Wanted } from '../analysis/analyse.ts';
import { analysisHtml } from '../analysis/page.ts';
import { analysisLines } from '../analysis/tables.ts';
import { stretchOf } from '../stretch.ts';
import { jsonLine } from '../terminal.ts';
import { whenExamples } from '../time.ts';
import { writeOutputFile } from '../write-output-file.ts';

const Options = GlobalOptions.extend({
  type: z.enum(['trend', 'anomaly', 'patterns']),
  from: z.string().optional(),
  to: z.string().optional(),
  step: z.enum(['hour', 'day']).default('day'),
  format: z.enum(['table', 'json', 'html']).optional(),
  json: z.boolean().default(false),
  output: z.string().optional(),
});
type Options = z.infer<typeof Options>;

/** What is looked at. Throws {@link UsageError} for words that name no time, and for ranges without length. */
function wantedOf({ type, from, to, step }: Options, edges: Edges): Wanted {
  const range = {
    ...(from === undefined ? {} : { from: stretchOf('--from', from, edges).from }),
    ...(to === undefined ? {} : { to: stretchOf('--to', to, edges).to }),
  };
  if (range.from !== undefined && range.from >= (range.to ?? edges.now())) throw new UsageError(`--from "${from}" is not before ${to === undefined ? 'now' : `--to "${to}"`}: give an earlier time`);
  return { type, step, range };
}

/** What the history says. Throws `ServiceError`. */
async function analysisOf(options: Options, edges: Edges): Promise<Analysis> {
  const wanted = wantedOf(options, edges);
  const session = await askHistory(options, edges);
  try {
    return await analyse(wanted, session, edges.now());
  } finally {
    await session.close();
  }
}

const examples = `
Times: ${whenExamples}.

  trend     where it leads: the slope by Theil and Sen, which a few wild days do not move, with the interval in which
            nineteen of twenty such slopes lie
  anomaly   days or hours that are unlike the others of their kind, how unlike, and which apps and domains made it
  patterns  the rhythm of days and weeks, and which apps meet which domains again and again

Examples:
  tidewatch analyze --type trend --from "3 months ago"
  tidewatch analyze --type anomaly --step hour --from "2 weeks ago" --json
  tidewatch analyze --type patterns --format html -o patterns.html`;

/** `tidewatch analyze`. */
export function analyzeCommand(edges: Edges): Command {
  return new Command('analyze')
    .description('trends, anomalies and patterns in the history')
    .addOption(new Option('--type <type>', 'what to look for').choices(['trend', 'anomaly', 'patterns']).makeOptionMandatory())
    .option('--from <time>', 'beginning, inclusive (default: all that is kept)')
    .option('--to <time>', 'end: a day or week is included whole (default: now)')
    .addOption(new Option('--step <step>', 'of days or of hours; hours are kept as long as quarter-hours').choices(['hour', 'day']).default('day'))
    .addOption(new Option('--format <format>', 'how it is written (default: table)').choices(['table', 'json', 'html']))
    .option('--json', 'the same as --format json')
    .option('-o, --output <file>', 'write it to this file, whole or not at all')
    .addHelpText('after', examples)
    .action(async (_options: unknown, command: Command) => {
      const options = Options.parse(command.optsWithGlobals());
      const units = chosenUnits(options, edges.defaultPaths);
      const found = await analysisOf(options, edges);
      const canvas = options.output === undefined ? canvasOf(edges, units) : { width: Infinity, paint: (_tone: unknown, text: string) => text, units };
      const writers = {
        json: () => `${jsonLine(found)}\n`,
        html: () => analysisHtml(found, units),
        table: () => `${analysisLines(found, canvas).join('\n')}\n`,
      };
      const text = writers[options.format ?? (options.json ? 'json' : 'table')]();
      const output = new Output(edges.output, edges.ending);
      if (options.output === undefined) output.write(text);
      else writeOutputFile(options.output, text);
      await output.finish();
    });
}
