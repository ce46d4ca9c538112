import path from 'node:path';
import { Command, Option } from 'commander';
import { z } from 'zod';
import type { ReportPreviewQuery, ReportsState, ReportWanted } from '../../protocol/app.ts';
import { ReportPeriod } from '../../protocol/app.ts';
import type { EpochMs } from '../../protocol/units.ts';
import { writeWhole } from '../../service/formats/write-whole.ts';
import { chosenUnits } from '../chosen-units.ts';
import { canvasOf } from '../edges.ts';
import type { Edges } from '../edges.ts';
import { CommandError } from '../failure.ts';
import { GlobalOptions, chosenPaths } from '../global-options.ts';
import { Output } from '../output.ts';
import { withRunningService } from '../running-service.ts';
import { stretchOf } from '../stretch.ts';
import { tableLines } from '../table.ts';
import type { Canvas } from '../table.ts';
import { jsonLine, visible } from '../terminal.ts';
import { dateTimeText } from '../time.ts';
import { sizeText } from '../units.ts';

const Options = GlobalOptions.extend({ json: z.boolean().default(false) });
const MakeOptions = Options.extend({ at: z.string().optional(), format: z.enum(['text', 'html', 'mail', 'json']).default('text'), output: z.string().optional() });
type MakeOptions = z.infer<typeof MakeOptions>;

function timeText(time: EpochMs | null): string {
  return time === null ? '–' : dateTimeText(time);
}

function stateLines(state: ReportsState, canvas: Canvas): string[] {
  const due = tableLines(
    {
      columns: [{ title: 'report', align: 'left' }, { title: 'schedule', align: 'left', grows: true }, { title: 'next', align: 'left' }, { title: 'last', align: 'left' }],
      rows: state.due.map(({ period, schedule, next, last }) => [period, schedule, timeText(next), timeText(last)]),
    },
    canvas,
  );
  const waiting = state.spool.length === 0 ? ['No mail waits.'] : tableLines(
    {
      columns: [{ title: 'waiting mail', align: 'left', grows: true }, { title: 'attempts', align: 'right' }, { title: 'next attempt', align: 'left' }, { title: 'why', align: 'left' }],
      rows: state.spool.map(({ subject, attempts, nextAttempt, problem }) => [subject, String(attempts), timeText(nextAttempt), problem ?? '']),
    },
    canvas,
  );
  const archived = state.archive.slice(0, 20).map(({ name, bytes, writtenAt }) => visible(`${dateTimeText(writtenAt)}  ${name}  ${sizeText(bytes, canvas.units)}`));
  const archive = state.archive.length === 0 ? ['Nothing is archived.'] : [visible(`Archived in ${state.archiveFolder} (${state.archive.length}):`), ...archived];
  return [...due, '', ...waiting, '', ...archive];
}

/** Which report. Throws `UsageError` for words that name no time. */
function wantedOf(period: ReportPeriod, { at }: MakeOptions, edges: Edges): ReportWanted {
  return { period, ...(at === undefined ? {} : { at: stretchOf('--at', at, edges).from }) };
}

function writeTo(file: string, text: string): void {
  try {
    writeWhole(path.resolve(file), text);
  } catch (error) {
    const reason = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    throw new CommandError(`cannot write ${file} (${reason}): choose another place`, { cause: error });
  }
}

const examples = `
Examples:
  tidewatch reports                                    when the next are made, what waits, what is archived
  tidewatch reports preview daily                      yesterday's, as text
  tidewatch reports preview weekly --format html -o week.html
  tidewatch reports send monthly --at 2026-11-01       October's, mailed and archived now

They are set up with settings: reports.daily, reports.mail, mail.host, … (\`tidewatch settings\`). The password of mail is in
TIDEWATCH_SMTP_PASSWORD or in the keyring: secret-tool store --label=Tidewatch service tidewatch account USER@HOST`;

function period(): [string, string] {
  return ['<period>', 'daily, weekly or monthly'];
}

function parsePeriod(text: string): ReportPeriod {
  const parsed = ReportPeriod.safeParse(text);
  if (parsed.success) return parsed.data;
  throw new CommandError(`"${text}" is no report: it is daily, weekly or monthly`);
}

function previewCommand(edges: Edges): Command {
  return new Command('preview')
    .description('show a report without mailing it')
    .argument(...period(), parsePeriod)
    .option('--at <time>', 'of the last whole period before this (default: now)')
    .addOption(new Option('--format <format>', 'how').choices(['text', 'html', 'mail', 'json']).default('text'))
    .option('-o, --output <file>', 'write it there')
    .action(async (kind: ReportPeriod, _options: unknown, command: Command) => {
      const options = MakeOptions.parse(command.optsWithGlobals());
      const output = new Output(edges.output, edges.ending);
      const query: ReportPreviewQuery = { ...wantedOf(kind, options, edges), format: options.format };
      const { text } = await withRunningService(chosenPaths(options, edges.defaultPaths).socketPath, ({ client }) => client.query('reportPreview', query));
      // What a terminal would obey in a name is made harmless; a file has it as it is.
      if (options.output === undefined) output.lines(text.split('\n').map(visible));
      else writeTo(options.output, text);
      await output.finish();
    });
}

const sentWords = { sent: 'mailed', spooled: 'not mailed yet; it is tried again', off: 'not mailed: reports.mail is off, or mail.host is not set' } as const;

function sendCommand(edges: Edges): Command {
  return new Command('send')
    .description('make a report now, mail and archive it as it is set up')
    .argument(...period(), parsePeriod)
    .option('--at <time>', 'of the last whole period before this (default: now)')
    .option('--json', 'print what became of it')
    .action(async (kind: ReportPeriod, _options: unknown, command: Command) => {
      const options = MakeOptions.parse(command.optsWithGlobals());
      const output = new Output(edges.output, edges.ending);
      const wanted = wantedOf(kind, options, edges);
      const sent = await withRunningService(chosenPaths(options, edges.defaultPaths).socketPath, ({ client }) => client.command('sendReport', wanted));
      const archived = sent.archived === null ? [] : [visible(`Archived as ${sent.archived}`)];
      output.lines(options.json ? [jsonLine(sent)] : [visible(`${sent.subject}: ${sentWords[sent.mail]}`), ...archived]);
      await output.finish();
      if (sent.problem !== null) throw new CommandError(sent.problem);
    });
}

/** `tidewatch reports`. */
export function reportsCommand(edges: Edges): Command {
  return new Command('reports')
    .description('reports on a schedule: when they are made, and making one now')
    .option('--json', 'print one JSON object')
    .addHelpText('after', examples)
    .addCommand(previewCommand(edges))
    .addCommand(sendCommand(edges))
    .action(async (_options: unknown, command: Command) => {
      const options = Options.parse(command.optsWithGlobals());
      const output = new Output(edges.output, edges.ending);
      const state = await withRunningService(chosenPaths(options, edges.defaultPaths).socketPath, ({ client }) => client.query('reports', {}));
      output.lines(options.json ? [jsonLine(state)] : stateLines(state, canvasOf(edges, chosenUnits(options, edges.defaultPaths))));
      await output.finish();
    });
}
