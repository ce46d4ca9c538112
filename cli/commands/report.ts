import { Command, Option } from 'commander';
import { z } from 'zod';
import { QueryKey, ReportKey, Scope } from '../../protocol/app.ts';
import type { ReportRequest } from '../../protocol/app.ts';
import { parsePositiveCount } from '../arguments.ts';
import { chosenUnits } from '../chosen-units.ts';
import { canvasOf } from '../edges.ts';
import type { Edges } from '../edges.ts';
import { CommandError, UsageError } from '../failure.ts';
import { GlobalOptions } from '../global-options.ts';
import { askHistory } from '../history-session.ts';
import type { HistorySession } from '../history-session.ts';
import { Output } from '../output.ts';
import { rangeOf } from '../range.ts';
import { answerOf, cutTo, difference, sumOf } from '../report/answer.ts';
import type { Answer } from '../report/answer.ts';
import { reportCsv, reportHtml, reportJson, reportMarkdown, reportParquet } from '../report/documents.ts';
import { filterOf } from '../report/filter.ts';
import { bandwhichReport } from '../report/from-bandwhich.ts';
import { reportLines } from '../report/tables.ts';
import { whenExamples } from '../time.ts';
import { writeOutputFile } from '../write-output-file.ts';

const Format = z.enum(['table', 'json', 'csv', 'parquet', 'html', 'markdown']);
type Format = z.infer<typeof Format>;

const Options = GlobalOptions.extend({
  from: z.string().optional(),
  to: z.string().optional(),
  by: ReportKey.default('app'),
  app: z.string().optional(),
  domain: z.string().optional(),
  host: z.string().optional(),
  scope: Scope.optional(),
  network: z.string().optional(),
  country: z.string().optional(),
  service: z.string().optional(),
  compare: z.boolean().default(false),
  format: Format.optional(),
  json: z.boolean().default(false),
  output: z.string().optional(),
  top: z.number().optional(),
  fromBandwhich: z.array(z.string()).optional(),
});
type Options = z.infer<typeof Options>;

/** Rows of a table for people, where nobody asks for more. */
const usualRows = 40;

/** Most rows that can be compared: as many as one answer has. */
const mostCompared = 1000;

function formatOf(options: Options): Format {
  if (options.json && options.format !== undefined && options.format !== 'json') throw new UsageError(`--json is --format json: leave one of them out`);
  return options.format ?? (options.json ? 'json' : 'table');
}

/** How many rows stand for themselves. Programs get all, unless they ask for fewer. */
function rowsWanted(options: Options, format: Format): number | null {
  return options.top ?? (format === 'json' || format === 'csv' || format === 'parquet' ? null : usualRows);
}

async function ask(options: Options, request: ReportRequest, session: HistorySession): Promise<Answer> {
  if (options.compare) return compared(request, session);
  return answerOf(await session.ask('report', request));
}

async function compared(request: ReportRequest, session: HistorySession): Promise<Answer> {
  const by = QueryKey.safeParse(request.by);
  if (!by.success) throw new UsageError(`--compare sets keys side by side, and there is no ${request.by} before: leave --compare out, or choose another --by`);
  const result = await session.ask('compare', { ...request, by: by.data, limit: mostCompared });
  const { gaps } = await session.ask('report', { ...request, limit: 1 });
  const { from, to, previousFrom, total, previousTotal } = result;
  const rows = result.rows.map(({ key, kind, label, previous, ...counts }) => ({
    key: kind === 'unknown' ? null : key,
    displayName: request.by === 'app' && kind === 'known' ? label : undefined,
    counts,
    previous,
  }));
  const rest = { counts: difference(total, sumOf(rows.map((row) => row.counts))), previous: difference(previousTotal, sumOf(rows.map((row) => row.previous))) };
  // What was there before and is not now has no row of its own.
  const isAll = rows.length < mostCompared && Object.values(rest.previous).every((count) => count === 0);
  return { by: request.by, from, to, previousFrom, rows, other: isAll ? null : { ...rest, keys: 0 }, total, previousTotal, gaps };
}

interface Place {
  readonly output: Output;
  readonly edges: Edges;
}

function write(answer: Answer, options: Options, { output, edges }: Place): void {
  const format = formatOf(options);
  const units = chosenUnits(options, edges.defaultPaths);
  const content = ((): string | Uint8Array => {
    switch (format) {
      case 'table':
        return `${reportLines(answer, options.output === undefined ? canvasOf(edges, units) : { width: Infinity, paint: (_tone, text) => text, units }).join('\n')}\n`;
      case 'json':
        return `${reportJson(answer)}\n`;
      case 'csv':
        return reportCsv(answer);
      case 'parquet':
        return reportParquet(answer);
      case 'html':
        return reportHtml(answer, units);
      case 'markdown':
        return reportMarkdown(answer, units);
    }
  })();
  if (options.output === undefined) output.write(content);
  else writeOutputFile(options.output, content);
}

async function report(options: Options, edges: Edges): Promise<void> {
  const format = formatOf(options);
  if (format === 'parquet' && options.output === undefined && edges.output.isTTY) {
    throw new UsageError('a Parquet file is nothing to look at: name a file with --output, or send it through a pipe');
  }
  const range = rangeOf(options, edges);
  if (options.fromBandwhich !== undefined) return bandwhichReport({ places: options.fromBandwhich, range, format, output: options.output }, edges);
  const session = await askHistory(options, edges);
  const answer = await (async () => {
    try {
      const filter = await filterOf(options, session);
      const request = { by: options.by, ...range, ...(Object.keys(filter).length === 0 ? {} : { filter }) };
      return await ask(options, request, session);
    } finally {
      await session.close();
    }
  })();
  if (format === 'parquet' && answer.rows.length === 0) throw new CommandError('nothing was measured in this time: a Parquet file without rows is none; choose another time or format');
  const top = rowsWanted(options, format);
  const output = new Output(edges.output, edges.ending);
  write(top === null ? answer : cutTo(answer, top), options, { output, edges });
  await output.finish();
}

const examples = `
Times: ${whenExamples},
also "3 hours ago", "this month", 2026-11, 2026-11-20T18:30:00Z. Days are local, from midnight to midnight; without an
offset a time is local. --from takes the beginning of what is named and --to its end, so that
\`--from yesterday --to yesterday\` is the whole of yesterday. Without --from all that is kept, without --to until now.
Hours are known for as long as quarter-hours are kept (90 days, unless set otherwise); before that, a day is one row.

Examples:
  tidewatch report
  tidewatch report --from yesterday --to yesterday --by domain
  tidewatch report --from "7 days ago" --by day --app firefox
  tidewatch report --from "this month" --compare --by app --top 10
  tidewatch report --by country --scope internet --format markdown
  tidewatch report --from 2026-11-01 --to 2026-11-30 --format parquet -o november.parquet
  tidewatch report --from "last week" --by day --format html -o week.html`;

/** `tidewatch report`. */
export function reportCommand(edges: Edges): Command {
  return new Command('report')
    .description('what was used, from the history')
    .option('--from <time>', 'beginning, inclusive (default: all that is kept)')
    .option('--to <time>', 'end: a day or week is included whole (default: now)')
    .addOption(new Option('--by <key>', 'group by this').choices(ReportKey.options).default('app'))
    .option('--top <count>', 'show this many rows, the rest as one (default: 40 for people, all for programs)', parsePositiveCount)
    .option('--app <name>', 'only this app: its id, its name, or the last part of its path')
    .option('--domain <name>', 'only this domain')
    .option('--host <name>', 'only this host, by its name or its address')
    .addOption(new Option('--scope <scope>', 'only this scope').choices(Scope.options))
    .option('--network <name>', 'only what went through this network')
    .option('--country <code>', 'only hosts in this country (DE, US, …), or none')
    .option('--service <name>', 'only this service (https, ntp, …)')
    .option('--compare', 'beside the period before, which is as long')
    .addOption(new Option('--format <format>', 'how it is written (default: table)').choices(Format.options))
    .option('--json', 'the same as --format json: one object {from,to,by,rows,other,total,gaps,notMeasuredSeconds}')
    .option('-o, --output <file>', 'write it to this file, whole or not at all')
    .option('--from-bandwhich <path...>', 'of logs of `bandwhich --raw` instead, as json or csv in the shapes of their pipelines')
    .addHelpText('after', examples)
    .action(async (_options: unknown, command: Command) => report(Options.parse(command.optsWithGlobals()), edges));
}
