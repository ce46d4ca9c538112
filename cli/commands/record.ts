import { Command, InvalidArgumentError } from 'commander';
import { z } from 'zod';
import { parseDuration } from '../arguments.ts';
import { CaptureOptions, givenCaptureOptions, settingsOf, withCaptureOptions } from '../capture-options.ts';
import type { Edges } from '../edges.ts';
import { CommandError, UsageError } from '../failure.ts';
import { GlobalOptions, chosenPaths } from '../global-options.ts';
import { modeLines } from '../mode-lines.ts';
import { Output } from '../output.ts';
import { GrowingFile } from '../recording/growing-file.ts';
import { takeAll } from '../recording/take-all.ts';
import type { Recorded } from '../recording/take-all.ts';
import { attach, startOwn } from '../service-session.ts';
import type { ServiceSession } from '../service-session.ts';
import { visible } from '../terminal.ts';

const Options = GlobalOptions.extend(CaptureOptions.shape).extend({
  json: z.boolean().default(false),
  duration: z.number().optional(),
  maxSize: z.number().optional(),
});
type Options = z.infer<typeof Options>;

/** Why a recording ended. */
type Reason = 'asked' | 'time-over' | 'full' | 'reader-gone';

const unitBytes = { '': 1, k: 1e3, M: 1e6, G: 1e9 } as const;

/** The smallest file that holds more than its own beginning. */
const leastBytes = 10_000;

function parseSize(text: string): number {
  const match = /^(\d{1,12})([kMG]?)B?$/u.exec(text);
  const unit = z.enum(['', 'k', 'M', 'G']).safeParse(match?.[2]);
  const bytes = unit.success ? Number(match?.[1]) * unitBytes[unit.data] : 0;
  if (bytes >= leastBytes && bytes <= Number.MAX_SAFE_INTEGER) return bytes;
  throw new InvalidArgumentError('Give a size of at least 10k, such as 500k, 20M or 2G.');
}

/** The service that runs already, or one of our own with the capture that was asked for. Throws `ServiceError` and {@link UsageError}. */
async function openSession(options: Options, edges: Edges): Promise<ServiceSession> {
  const paths = chosenPaths(options, edges.defaultPaths);
  const running = await attach(paths.socketPath);
  if (running === null) return startOwn({ ...paths, settings: { ...settingsOf(options), log: { level: options.verbose ? 'debug' : 'error' } } });
  const given = givenCaptureOptions(options);
  if (given.length === 0) return running;
  await running.close();
  throw new UsageError(`a Tidewatch service is measuring already, so ${given.join(', ')} cannot apply: leave that out to record what it measures, or end it first`);
}

function summary(file: string, facts: Recorded & { readonly bytes: number; readonly reason: Reason }): string {
  const missed = facts.missed === 0 ? '' : `, ${facts.missed} came too fast`;
  const why = { asked: '', 'reader-gone': '', 'time-over': '', full: ' (as large as was allowed)' }[facts.reason];
  return `${facts.packets} packets${missed}, ${facts.bytes} bytes in ${visible(file)}${why}`;
}

async function record(file: string, options: Options, edges: Edges): Promise<void> {
  using growing = new GrowingFile(file);
  const session = await openSession(options, edges);
  const output = new Output(edges.output, edges.ending);
  const timer = options.duration === undefined ? null : setTimeout(() => edges.ending.end('time-over'), options.duration * 1000);
  const recorded: Recorded = { packets: 0, missed: 0 };
  try {
    for (const line of modeLines(await session.client.query('mode', {}))) edges.errors.write(`tidewatch: ${line}\n`);
    const taking = takeAll(session.client, { file: growing, maximumBytes: options.maxSize ?? Infinity, recorded }, edges.ending.signal);
    const ended = await Promise.race([taking, session.failed]);
    if (typeof ended !== 'string') throw new CommandError(ended.message);
    const reason: Reason = ended === 'full' ? 'full' : await edges.ending.reason;
    growing.finish();
    const facts = { file, ...recorded, bytes: growing.bytes, reason };
    output.write(options.json ? `${JSON.stringify(facts)}\n` : `${summary(file, facts)}\n`);
  } finally {
    if (timer !== null) clearTimeout(timer);
    await session.close();
  }
  await output.finish();
}

const examples = `
Writes the headers of packets (link, network, transport; never what is in them) as pcapng, each with the app and the host that it
belongs to as its comment: app=/usr/bin/curl domain=example.org. Ctrl-C ends it. What is withheld from the history is left out.
Records what a running service measures; where none runs, measures by itself.

Examples:
  tidewatch record trouble.pcapng --duration 60
  tidewatch record --interface eth0 --filter 'tcp port 443' --max-size 20M web.pcapng
  tshark -r web.pcapng -Y 'frame.comment contains "app=/usr/bin/curl"'`;

/** `tidewatch record`. */
export function recordCommand(edges: Edges): Command {
  return withCaptureOptions(new Command('record'))
    .description('record packet headers into a capture file, with the app and the host of each')
    .argument('<file>', 'the file to write (pcapng); one that is there is replaced when the recording has ended')
    .option('--duration <seconds>', 'end by itself after this time', parseDuration)
    .option('--max-size <size>', 'end when the file is as large as this: 500k, 20M, 2G', parseSize)
    .option('--json', 'print what was recorded as one JSON object')
    .addHelpText('after', examples)
    .action(async (file: string, _options: unknown, command: Command) => record(file, Options.parse(command.optsWithGlobals()), edges));
}
