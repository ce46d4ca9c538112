import { Command } from 'commander';
import { z } from 'zod';
import { readCaptureFile } from '../../service/capture-file.ts';
import type { CaptureFileResult } from '../../service/capture-file.ts';
import { ServiceError } from '../../service/service-error.ts';
import type { ServiceErrorCode } from '../../service/service-error.ts';
import { parsePositiveCount } from '../arguments.ts';
import { jsonPieces } from '../capture-file/json.ts';
import { canvasOf } from '../edges.ts';
import type { Edges } from '../edges.ts';
import { CommandError, UsageError } from '../failure.ts';
import { GlobalOptions } from '../global-options.ts';
import { Output } from '../output.ts';
import { ProgressBar } from '../progress.ts';
import { countText } from '../units.ts';

const Options = GlobalOptions.extend({ json: z.boolean().default(false), top: z.number().default(20) });
type Options = z.infer<typeof Options>;

function titleOf(file: string): string {
  return file === '-' ? 'standard input' : file;
}

/** What to do about a file that cannot be read as a capture. */
const remedies: Partial<Record<ServiceErrorCode, string>> = {
  'not-a-capture': 'give a pcap or pcapng file, plain or compressed with gzip or zstd',
  'damaged-capture': 'get the file again, or capture anew',
  'unsupported-capture': 'convert it with `editcap -F pcapng`, or capture anew',
};

/** The reader does not know what the file is called; who reads the line does not know which of several was meant. */
function withFileName(error: unknown, title: string): unknown {
  if (!(error instanceof ServiceError)) return error;
  const remedy = remedies[error.code];
  const named = error.message.includes(title) ? error.message : `${title}: ${error.message}`;
  return new CommandError(remedy === undefined ? named : `${named}; ${remedy}`, { cause: error });
}

async function readWithProgress(file: string, edges: Edges): Promise<CaptureFileResult> {
  if (file === '-' && edges.input.isTTY) {
    throw new UsageError('standard input is a terminal: pipe a capture into it, such as `tcpdump -w - | tidewatch read -`');
  }
  using bar = new ProgressBar(edges.errors, () => edges.now());
  const title = titleOf(file);
  try {
    return await readCaptureFile(file === '-' ? { stdin: true } : { path: file }, (progress) => {
      bar.update({ done: progress.readBytes, total: progress.totalBytes, words: `${countText(progress.packets)} packets` });
    });
  } catch (error) {
    throw withFileName(error, title);
  }
}

/** What a person reads. Tables and settings are loaded for it only: that takes as long as a small file does. */
async function linesFor(result: CaptureFileResult, options: Options & { readonly file: string }, edges: Edges): Promise<readonly string[]> {
  const [{ chosenUnits }, { readLines }] = await Promise.all([import('../chosen-units.ts'), import('../capture-file/tables.ts')]);
  return readLines(result, { title: titleOf(options.file), top: options.top }, canvasOf(edges, chosenUnits(options, edges.defaultPaths)));
}

const examples = `
Examples:
  tidewatch read capture.pcap
  tidewatch read --json capture.pcapng.gz | jq '.flows[] | .hostname'
  tcpdump -w - -c 1000 | tidewatch read -`;

/** `tidewatch read`. */
export function readCommand(edges: Edges): Command {
  return new Command('read')
    .description('what a capture file holds: totals, flows and names')
    .argument('<file>', 'a pcap or pcapng file, plain or compressed with gzip or zstd; - for standard input')
    .option('--json', 'print one JSON object: {packets,ipBytes,linkType,flows,…}')
    .option('--top <count>', 'show this many rows of each table (default: 20)', parsePositiveCount)
    .addHelpText('after', examples)
    .action(async (file: string, _options: unknown, command: Command) => {
      const options = Options.parse(command.optsWithGlobals());
      const output = new Output(edges.output, edges.ending);
      const result = await Promise.race([readWithProgress(file, edges), edges.ending.reason.then(() => null)]);
      if (result === null) return;
      if (options.json) for (const piece of jsonPieces(result)) output.write(piece);
      else output.lines(await linesFor(result, { ...options, file }, edges));
      await output.finish();
    });
}
