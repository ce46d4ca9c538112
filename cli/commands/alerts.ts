import path from 'node:path';
import { Command, Option } from 'commander';
import { z } from 'zod';
import { AlertChannel, AlertKind } from '../../protocol/app.ts';
import type { AlertQuiet, AlertsQuery, AlertsResult, Mute } from '../../protocol/app.ts';
import { alertsFromHistory } from '../../service/index.ts';
import { alertLines, quietLines } from '../alerts/tables.ts';
import { parsePositiveCount, parseSpell } from '../arguments.ts';
import { chosenUnits } from '../chosen-units.ts';
import { canvasOf } from '../edges.ts';
import type { Edges } from '../edges.ts';
import { CommandError, UsageError } from '../failure.ts';
import { chosenPaths, GlobalOptions } from '../global-options.ts';
import { Output } from '../output.ts';
import { withRunningService } from '../running-service.ts';
import { attach } from '../service-session.ts';
import { stretchOf } from '../stretch.ts';
import { jsonLine, visible } from '../terminal.ts';
import { whenExamples } from '../time.ts';

const mostShown = 1000;

const Options = GlobalOptions.extend({
  from: z.string().optional(),
  to: z.string().optional(),
  kind: AlertKind.optional(),
  open: z.boolean().default(false),
  limit: z.number().default(50),
  app: z.string().min(1).max(4200).optional(),
  domain: z.string().min(1).max(253).optional(),
  json: z.boolean().default(false),
});
type Options = z.infer<typeof Options>;

function queryOf({ from, to, kind, open, limit }: Options, edges: Edges): AlertsQuery {
  return {
    limit: Math.min(limit, mostShown),
    ...(kind === undefined ? {} : { kind }),
    ...(open ? { state: 'open' } : {}),
    ...(from === undefined ? {} : { from: stretchOf('--from', from, edges).from }),
    ...(to === undefined ? {} : { to: stretchOf('--to', to, edges).to }),
  };
}

/** From the service that keeps this very history; else from the file itself. Throws `ServiceError`. */
async function ask(options: Options, edges: Edges): Promise<AlertsResult> {
  const query = queryOf(options, edges);
  const { historyPath, socketPath } = chosenPaths(options, edges.defaultPaths);
  const running = await attach(socketPath);
  if (running === null) return alertsFromHistory(historyPath, query, edges.now());
  try {
    const identity = await running.client.query('identify', {});
    const isSameHistory = options.history === undefined || path.resolve(identity.historyPath) === historyPath;
    return isSameHistory ? await running.client.query('alerts', query) : alertsFromHistory(historyPath, query, edges.now());
  } finally {
    await running.close();
  }
}

function optionsOf(command: Command): Options {
  return Options.parse(command.optsWithGlobals());
}

async function list(command: Command, edges: Edges): Promise<void> {
  const options = optionsOf(command);
  const output = new Output(edges.output, edges.ending);
  const result = await ask(options, edges);
  output.lines(options.json ? [jsonLine(result)] : alertLines(result, canvasOf(edges, chosenUnits(options, edges.defaultPaths))));
  await output.finish();
}

/** Does something about what holds alerts back, and says what does so now. */
async function change(command: Command, edges: Edges, act: (options: Options) => Promise<AlertQuiet>): Promise<void> {
  const options = optionsOf(command);
  const output = new Output(edges.output, edges.ending);
  const quiet = await act(options);
  const lines = quietLines(quiet).map(visible);
  output.lines(options.json ? [jsonLine(quiet)] : lines.length === 0 ? ['Nothing holds alerts back but the settings.'] : lines);
  await output.finish();
}

function socketOf(options: Options, edges: Edges): string {
  return chosenPaths(options, edges.defaultPaths).socketPath;
}

function muteOf({ kind, app, domain }: Options): Mute {
  if (kind === undefined && app === undefined && domain === undefined) throw new UsageError('say what: --kind, --app or --domain');
  return { ...(kind === undefined ? {} : { kind }), ...(app === undefined ? {} : { app }), ...(domain === undefined ? {} : { domain: domain.toLowerCase() }) };
}

async function test(command: Command, edges: Edges, channel: AlertChannel): Promise<void> {
  const options = optionsOf(command);
  const output = new Output(edges.output, edges.ending);
  const tested = await withRunningService(socketOf(options, edges), ({ client }) => client.command('testChannel', { channel }));
  output.lines([options.json ? jsonLine(tested) : visible(tested.message)]);
  await output.finish();
  if (!tested.ok) throw new CommandError(`the test was not sent: ${tested.message}`);
}

function spellSeconds(text: string): number {
  return text === 'off' ? 0 : parseSpell(text);
}

function channelOf(text: string): AlertChannel {
  const channel = AlertChannel.safeParse(text);
  if (channel.success) return channel.data;
  throw new UsageError(`"${visible(text)}" is no channel: give ${AlertChannel.options.join(', ')}`);
}

const kindOption = (): Option => new Option('--kind <kind>', 'only this kind').choices(AlertKind.options);

const examples = `
Times: ${whenExamples}.

Examples:
  tidewatch alerts                             the last 50, the newest first
  tidewatch alerts --open                      what is going on now
  tidewatch alerts --from yesterday --kind spike --json
  tidewatch alerts snooze 1h                   tell nobody of anything for an hour
  tidewatch alerts snooze off
  tidewatch alerts mute --app /usr/bin/steam --kind spike
  tidewatch alerts unmute --app /usr/bin/steam --kind spike
  tidewatch alerts test webhook                send something that says it is a test

What is told, where, and when not: \`tidewatch settings\`, group alerts. Alerts that nobody was told of are listed, too.`;

const quietJson = 'print one JSON object: {snoozedUntil,mutes:[{kind,app,domain}],learningUntil}';

/** `tidewatch alerts`, and what is below it. */
export function alertsCommand(edges: Edges): Command {
  const alerts = new Command('alerts')
    .description('what Tidewatch has told, and what it kept to itself')
    .option('--from <time>', 'beginning, inclusive')
    .option('--to <time>', 'end: a day or week is included whole')
    .addOption(kindOption())
    .option('--open', 'only what is not over')
    .option('--limit <count>', 'at most so many (default: 50, most 1000)', parsePositiveCount)
    .option('--json', 'print one JSON object: {alerts:[{id,kind,state,severity,since,until,title,text,cause,told,quiet,…}],quiet}')
    .addHelpText('after', examples)
    .action((_options: unknown, command: Command) => list(command, edges));
  alerts
    .command('snooze')
    .description('tell nobody of any alert for a while')
    .argument('<time>', 'for so long, such as 1h, or off', spellSeconds)
    .option('--json', quietJson)
    .action((forSeconds: number, _options: unknown, command: Command) =>
      change(command, edges, (options) => withRunningService(socketOf(options, edges), ({ client }) => client.command('snoozeAlerts', { forSeconds }))),
    );
  for (const [name, method, words] of [['mute', 'muteAlerts', 'tell nobody of such alerts'], ['unmute', 'unmuteAlerts', 'take back exactly this mute']] as const) {
    alerts
      .command(name)
      .description(words)
      .addOption(kindOption())
      .option('--app <app>', 'of this app, as reports name it')
      .option('--domain <domain>', 'of this domain and all below it')
      .option('--json', quietJson)
      .action((_options: unknown, command: Command) =>
        change(command, edges, (options) => {
          const mute = muteOf(options);
          return withRunningService(socketOf(options, edges), ({ client }) => client.command(method, mute));
        }),
      );
  }
  alerts
    .command('test')
    .description('send something that says it is a test')
    .argument('<channel>', AlertChannel.options.join(', '))
    .option('--json', 'print one JSON object: {ok,message}')
    .action((text: string, _options: unknown, command: Command) => test(command, edges, channelOf(text)));
  return alerts;
}
