import { Command } from 'commander';
import { z } from 'zod';
import { SettingsFile, ntmdPort } from '../../service/index.ts';
import type { SettingsPart, WebOptions } from '../../service/index.ts';
import { parseAddress, parsePort } from '../arguments.ts';
import type { Edges } from '../edges.ts';
import { CaptureOptions, settingsOf, withCaptureOptions } from '../capture-options.ts';
import { CommandError, UsageError } from '../failure.ts';
import { GlobalOptions, chosenPaths } from '../global-options.ts';
import { modeLines } from '../mode-lines.ts';
import { Output } from '../output.ts';
import { startOwn } from '../service-session.ts';
import { visible } from '../terminal.ts';

const Options = GlobalOptions.extend(CaptureOptions.shape).extend({
  /** True where the option stands without a port. */
  web: z.union([z.number(), z.literal(true)]).optional(),
  webReadOnly: z.boolean().default(false),
  metrics: z.string().optional(),
  metricsCompat: z.boolean().optional(),
  /** True where the option stands without a port. */
  ntmd: z.union([z.number(), z.literal(true)]).optional(),
});
type Options = z.infer<typeof Options>;

/** The page that is asked for. Throws {@link UsageError} for rights to a page that is not. */
function webOf({ web, webReadOnly }: Options): { readonly web?: WebOptions } {
  if (web === undefined && webReadOnly) throw new UsageError('--web-read-only says what the page may do: add --web');
  if (web === undefined) return {};
  return { web: { port: web === true ? 0 : web, rights: webReadOnly ? 'read' : 'control' } };
}

/** What other programs are told in this run. */
function exportsOf({ metrics, metricsCompat, ntmd }: Options): SettingsPart {
  const port = ntmd === undefined ? undefined : String(ntmd === true ? ntmdPort : ntmd);
  return { metrics: { address: metrics, compatible: metricsCompat }, ntmd: { port } };
}

/** What is measured: what the options name, else what the settings do. */
function measuredText({ interface: given }: Options, settingsPath: string): string {
  const interfaces = given ?? new SettingsFile(settingsPath).read().settings.capture.interfaces;
  return interfaces === 'edges' ? 'every interface at the edge of this machine' : interfaces.join(', ');
}

const examples = `
Examples:
  tidewatch serve                           measure until SIGTERM or Ctrl-C
  tidewatch serve --interface eth0          measure one interface only
  tidewatch serve --history /srv/tidewatch.sqlite
  tidewatch serve --web                     with a page on loopback; prints its address
  tidewatch serve --metrics 127.0.0.1:9718  with metrics for Prometheus

While it runs, \`tidewatch live\` and \`tidewatch report\` ask it. Its log is on standard error, as JSON lines.`;

/** `tidewatch serve`. */
export function serveCommand(edges: Edges): Command {
  return withCaptureOptions(new Command('serve'))
    .description('measure in the background of a server: no table, until SIGTERM or Ctrl-C')
    .option('--web [port]', 'serve a page on loopback and print its address; on this port, or on one that is free', parsePort)
    .option('--web-read-only', 'whoever opens the page may look and change nothing')
    .option('--metrics <address>', 'serve metrics for Prometheus at this address, such as 127.0.0.1:9718, under /metrics', parseAddress)
    .option('--metrics-compat', "serve trafficmonitor's names too")
    .option('--ntmd [port]', `answer the commands of ntmd on this port of loopback (${ntmdPort})`, parsePort)
    .addHelpText('after', examples)
    .action(async (_options: unknown, command: Command) => {
      const options = Options.parse(command.optsWithGlobals());
      const paths = chosenPaths(options, edges.defaultPaths);
      const output = new Output(edges.output, edges.ending);
      const session = await startOwn({
        ...paths,
        ...webOf(options),
        settings: { ...settingsOf(options), ...exportsOf(options), log: { level: options.verbose ? 'debug' : undefined } },
      });
      try {
        output.lines([visible(`Tidewatch measures ${measuredText(options, paths.settingsPath)}; it answers on ${paths.socketPath} and keeps its history in ${paths.historyPath}`)]);
        output.lines(modeLines(await session.client.query('mode', {})));
        if (session.webAddress !== null) output.lines([`The page is at ${session.webAddress}`]);
        if (session.metricsAddress !== null) output.lines([`Metrics are at ${session.metricsAddress}`]);
        if (session.ntmdPort !== null) output.lines([`ntmd's commands are answered on 127.0.0.1:${session.ntmdPort}`]);
        const asked = Promise.race([edges.ending.reason, session.stopAsked]);
        const failure = await Promise.race([asked.then(() => null), session.failed]);
        if (failure !== null) throw new CommandError(failure.message);
      } finally {
        await session.close();
      }
    });
}
