import path from 'node:path';
import { Command, Option } from 'commander';
import { z } from 'zod';
import { exportHistory } from '../../service/import/index.ts';
import type { Edges } from '../edges.ts';
import { chosenUnits } from '../chosen-units.ts';
import { UsageError } from '../failure.ts';
import { GlobalOptions, chosenPaths } from '../global-options.ts';
import { visible } from '../harmless.ts';
import { Output } from '../output.ts';
import { jsonLine } from '../terminal.ts';
import { countText, sizeText } from '../units.ts';

const Options = GlobalOptions.extend({ output: z.string(), format: z.enum(['jsonl', 'parquet']).optional(), json: z.boolean().default(false) });

/** The format that is asked for, or that the file's name says. Throws {@link UsageError} where neither does. */
function formatOf({ format, output }: z.infer<typeof Options>): 'jsonl' | 'parquet' {
  if (format !== undefined) return format;
  if (output.endsWith('.jsonl')) return 'jsonl';
  if (output.endsWith('.parquet')) return 'parquet';
  throw new UsageError(`the name ${JSON.stringify(output)} does not say how to write it: end it with .jsonl or .parquet, or add --format`);
}

const examples = `
Examples:
  tidewatch export -o laptop.jsonl     to take it over elsewhere: tidewatch import tidewatch laptop.jsonl
  tidewatch export -o all.parquet      for DuckDB, pandas, …

Every row that is kept, each once: quarter-hours for as long as they are kept, days before that. What is not over yet, and what
was not measured, is not in it.`;

/** `tidewatch export`. */
export function exportCommand(edges: Edges): Command {
  return new Command('export')
    .description('write the whole history into a file')
    .requiredOption('-o, --output <file>', 'where to')
    .addOption(new Option('--format <format>', "how (default: what the file's name says)").choices(['jsonl', 'parquet']))
    .option('--json', 'print what was written as one JSON object')
    .addHelpText('after', examples)
    .action(async (_options: unknown, command: Command) => {
      const options = Options.parse(command.optsWithGlobals());
      const file = path.resolve(options.output);
      const result = exportHistory(chosenPaths(options, edges.defaultPaths).historyPath, { file, format: formatOf(options), now: edges.now() });
      const units = chosenUnits(options, edges.defaultPaths);
      const output = new Output(edges.output, edges.ending);
      output.lines(options.json ? [jsonLine(result)] : [visible(`${countText(result.rows)} rows in ${file}: ${sizeText(result.rxBytes, units)} received and ${sizeText(result.txBytes, units)} sent`)]);
      await output.finish();
    });
}
