import { Command } from 'commander';
import { z } from 'zod';
import { readCaptureFile } from '../../service/index.ts';
import type { CaptureFileResult } from '../../service/index.ts';
import { parsePositiveCount } from '../arguments.ts';
import { canvasOf } from '../edges.ts';
import type { Edges } from '../edges.ts';
import { UsageError } from '../failure.ts';
import { Output } from '../output.ts';
import { ProgressBar } from '../progress.ts';
import { readLines } from '../capture-file/tables.ts';
import { jsonLine } from '../terminal.ts';

const Options = z.object({ json: z.boolean().default(false), top: z.number().default(20) });

async function readWithProgress(file: string, edges: Edges): Promise<CaptureFileResult> {
  if (file === '-' && edges.input.isTTY) {
    throw new UsageError('standard input is a terminal: pipe a capture into it, such as `tcpdump -w - | tidewatch read -`');
  }
  using bar = new ProgressBar(edges.errors, () => edges.now());
  return await readCaptureFile(file === '-' ? { stdin: true } : { path: file }, (progress) => {
    bar.update({ done: progress.readBytes, total: progress.totalBytes, packets: progress.packets });
  });
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
      const title = file === '-' ? 'standard input' : file;
      output.lines(options.json ? [jsonLine(result)] : readLines(result, { title, top: options.top }, canvasOf(edges)));
      await output.finish();
    });
}
