import { Command } from 'commander';
import { z } from 'zod';
import type { LiveEvent } from '../../protocol/app.ts';
import { parseDuration } from '../arguments.ts';
import { CaptureOptions, givenCaptureOptions, settingsOf, withCaptureOptions } from '../capture-options.ts';
import type { Edges } from '../edges.ts';
import { until } from '../ending.ts';
import { CommandError, UsageError } from '../failure.ts';
import { chosenUnits } from '../chosen-units.ts';
import { GlobalOptions, chosenPaths } from '../global-options.ts';
import { openFace } from '../live/face.ts';
import type { Face } from '../live/face.ts';
import { modeLines } from '../mode-lines.ts';
import { Output } from '../output.ts';
import { attach, startOwn } from '../service-session.ts';
import type { ServiceSession } from '../service-session.ts';

const Options = GlobalOptions.extend(CaptureOptions.shape).extend({
  json: z.boolean().default(false),
  duration: z.number().optional(),
});
type Options = z.infer<typeof Options>;

/**
 * The service that runs already, or one of our own. What was to be captured is settled when a service starts: options
 * that say otherwise are refused rather than ignored. Throws `ServiceError` and {@link UsageError}.
 */
async function openSession(options: Options, edges: Edges): Promise<ServiceSession> {
  const paths = chosenPaths(options, edges.defaultPaths);
  const running = await attach(paths.socketPath);
  if (running === null) {
    return startOwn({
      ...paths,
      settings: { ...settingsOf(options), log: { level: options.verbose ? 'debug' : 'error' } },
    });
  }
  const given = givenCaptureOptions(options);
  if (given.length === 0) return running;
  const { pid } = await running.client.query('identify', {});
  await running.close();
  throw new UsageError(
    `a Tidewatch service (process ${pid}) is measuring already, so ${given.join(', ')} cannot apply: leave that out to watch it, or end it first`,
  );
}

/** Hands every event to the face until the ending; throws where the service goes away before. */
async function follow(session: ServiceSession, face: Face, edges: Edges): Promise<void> {
  const show = async (): Promise<null> => {
    for await (const event of until<LiveEvent>(edges.ending, session.client.live())) face.show(event);
    return null;
  };
  const failure = await Promise.race([show(), session.failed, session.stopAsked.then(() => edges.ending.end('asked')).then(() => null)]);
  if (failure !== null) throw new CommandError(failure.message);
  if (!edges.ending.signal.aborted) {
    throw new CommandError('the service that was watched has ended: start it again with `tidewatch serve`, or run `tidewatch live` to measure from here');
  }
}

async function live(options: Options, edges: Edges): Promise<void> {
  const session = await openSession(options, edges);
  const output = new Output(edges.output, edges.ending);
  const timer = options.duration === undefined ? null : setTimeout(() => edges.ending.end('time-over'), options.duration * 1000);
  try {
    for (const line of modeLines(await session.client.query('mode', {}))) edges.errors.write(`tidewatch: ${line}\n`);
    const face = openFace({ ...options, units: chosenUnits(options, edges.defaultPaths) }, edges, output);
    try {
      await follow(session, face, edges);
    } finally {
      face.close();
    }
  } finally {
    if (timer !== null) clearTimeout(timer);
    await session.close();
  }
  await output.finish();
}

const examples = `
On a terminal a table that is drawn again every second; \`q\` or Ctrl-C ends it. Elsewhere one line a second.
Watches the service that runs already; where none does, measures by itself and ends that with the table.

Examples:
  tidewatch live
  tidewatch live --interface eth0 --interface wlan0
  tidewatch live --filter 'tcp port 443'
  tidewatch live --json --duration 10 | jq '.apps[] | select(.rxBytes > 1e6)'`;

/** `tidewatch live`. */
export function liveCommand(edges: Edges): Command {
  return withCaptureOptions(new Command('live'))
    .description('who is using the bandwidth now: apps, domains and totals, once a second')
    .option('--json', 'print one JSON object a second, on a line of its own')
    .option('--duration <seconds>', 'end by itself after this time', parseDuration)
    .addHelpText('after', examples)
    .action(async (_options: unknown, command: Command) => live(Options.parse(command.optsWithGlobals()), edges));
}
