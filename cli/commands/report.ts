import path from 'node:path';
import { Command, Option } from 'commander';
import { z } from 'zod';
import { ReportKey } from '../../protocol/app.ts';
import type { Report, ReportRequest } from '../../protocol/app.ts';
import { reportFromHistory } from '../../service/index.ts';
import { parsePositiveCount } from '../arguments.ts';
import { canvasOf } from '../edges.ts';
import type { Edges } from '../edges.ts';
import { UsageError } from '../failure.ts';
import { chosenUnits } from '../chosen-units.ts';
import { GlobalOptions, chosenPaths } from '../global-options.ts';
import { Output } from '../output.ts';
import { notMeasuredSeconds, reportLines } from '../report/tables.ts';
import { attach } from '../service-session.ts';
import { jsonLine } from '../terminal.ts';
import { stretchOf } from '../stretch.ts';
import { whenExamples } from '../time.ts';

const Options = GlobalOptions.extend({
  from: z.string().optional(),
  to: z.string().optional(),
  by: ReportKey.default('app'),
  json: z.boolean().default(false),
  top: z.number().default(40),
});
type Options = z.infer<typeof Options>;

/** What is asked for. Throws {@link UsageError} for words that name no time, and for ranges without length. */
function requestOf(options: Options, edges: Edges): ReportRequest {
  const from = options.from === undefined ? undefined : stretchOf('--from', options.from, edges).from;
  const to = options.to === undefined ? undefined : stretchOf('--to', options.to, edges).to;
  if (from !== undefined && to !== undefined && from >= to) {
    throw new UsageError(`--from "${options.from}" is not before --to "${options.to}": exchange them`);
  }
  if (from !== undefined && to === undefined && from >= edges.now()) {
    throw new UsageError(`--from "${options.from}" is in the future: nothing has been measured there yet; give an earlier time`);
  }
  return { by: options.by, ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) };
}

/**
 * From the service that keeps this very history, which knows the last seconds too; else from the file itself.
 * Throws `ServiceError`.
 */
async function askForReport(options: Options, request: ReportRequest, edges: Edges): Promise<Report> {
  const { historyPath, socketPath } = chosenPaths(options, edges.defaultPaths);
  const running = await attach(socketPath);
  if (running === null) return reportFromHistory(historyPath, request);
  try {
    const identity = await running.client.query('identify', {});
    const isSameHistory = options.history === undefined || path.resolve(identity.historyPath) === historyPath;
    return isSameHistory ? await running.client.query('report', request) : reportFromHistory(historyPath, request);
  } finally {
    await running.close();
  }
}

const examples = `
Times: ${whenExamples},
also "3 hours ago", "this month", 2026-11, 2026-11-20T18:30:00Z. Days are local, from midnight to midnight; without an
offset a time is local. --from takes the beginning of what is named and --to its end, so that
\`--from yesterday --to yesterday\` is the whole of yesterday. Without --from all that is kept, without --to until now.

Examples:
  tidewatch report
  tidewatch report --from yesterday --to yesterday --by domain
  tidewatch report --from "7 days ago" --by day
  tidewatch report --from 2026-11-01 --to 2026-11-30 --json`;

/** `tidewatch report`. */
export function reportCommand(edges: Edges): Command {
  return new Command('report')
    .description('what was used, from the history')
    .option('--from <time>', 'beginning, inclusive (default: all that is kept)')
    .option('--to <time>', 'end: a day or week is included whole (default: now)')
    .addOption(new Option('--by <key>', 'group by this').choices(ReportKey.options).default('app'))
    .option('--top <count>', 'show this many rows, the rest as one (default: 40)', parsePositiveCount)
    .option('--json', 'print one JSON object: {from,to,by,rows,total,gaps,notMeasuredSeconds}; all rows')
    .addHelpText('after', examples)
    .action(async (_options: unknown, command: Command) => {
      const options = Options.parse(command.optsWithGlobals());
      const output = new Output(edges.output, edges.ending);
      const report = await askForReport(options, requestOf(options, edges), edges);
      const lines = options.json
        ? [jsonLine({ ...report, notMeasuredSeconds: notMeasuredSeconds(report) })]
        : reportLines(report, options.top, canvasOf(edges, chosenUnits(options, edges.defaultPaths)));
      output.lines(lines);
      await output.finish();
    });
}
