import { closeSync, fsyncSync, openSync, renameSync, rmSync, statSync, writeSync } from 'node:fs';
import path from 'node:path';
import { randomUUID } from 'node:crypto';
import { Command, InvalidArgumentError } from 'commander';
import { z } from 'zod';
import type { AppClient, RecordedPiece } from '../../protocol/app.ts';
import { parseDuration } from '../arguments.ts';
import { CaptureOptions, givenCaptureOptions, settingsOf, withCaptureOptions } from '../capture-options.ts';
import type { Edges } from '../edges.ts';
import { CommandError, UsageError } from '../failure.ts';
import { GlobalOptions, chosenPaths } from '../global-options.ts';
import { modeLines } from '../mode-lines.ts';
import { Output } from '../output.ts';
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

/** A file that is written beside its place and takes it when it is done: after each piece it is a good capture file. */
class GrowingFile implements Disposable {
  readonly #file: string;
  readonly #temporary: string;
  #descriptor: number | null;
  bytes = 0;

  /** Throws {@link CommandError} where nothing can be written there. */
  constructor(file: string) {
    this.#file = file;
    this.#temporary = path.join(path.dirname(file), `.${path.basename(file)}.${randomUUID().slice(0, 8)}`);
    this.#descriptor = this.#attempt(() => {
      if (statSync(file, { throwIfNoEntry: false })?.isFile() === false) throw new CommandError(`${visible(file)} is no file: name one to record into`);
      return openSync(this.#temporary, 'wx', 0o600);
    });
  }

  write(bytes: Uint8Array): void {
    this.#attempt(() => {
      for (let written = 0; written < bytes.length; ) written += writeSync(this.#descriptor ?? -1, bytes, written);
    });
    this.bytes += bytes.length;
  }

  finish(): void {
    this.#attempt(() => {
      if (this.#descriptor === null) return;
      fsyncSync(this.#descriptor);
      closeSync(this.#descriptor);
      this.#descriptor = null;
      renameSync(this.#temporary, this.#file);
    });
  }

  [Symbol.dispose](): void {
    if (this.#descriptor === null) return;
    closeSync(this.#descriptor);
    this.#descriptor = null;
    rmSync(this.#temporary, { force: true });
  }

  #attempt<Result>(act: () => Result): Result {
    try {
      return act();
    } catch (error) {
      if (error instanceof CommandError) throw error;
      const reason = error instanceof Error && 'code' in error ? String(error.code) : String(error);
      throw new CommandError(`cannot write ${visible(this.#file)} (${reason}): nothing was recorded there; free some space, or name another place`, { cause: error });
    }
  }
}

interface Recorded {
  packets: number;
  missed: number;
}

/** Length of the first whole blocks of a piece (pcapng: each says its length in its second word) that fit, and the packets in them. */
function fitting(bytes: Buffer, room: number): { readonly length: number; readonly packets: number } {
  let length = 0;
  let packets = 0;
  while (length + 8 <= bytes.length) {
    const next = bytes.readUInt32LE(length + 4);
    if (next < 12 || length + next > Math.min(room, bytes.length)) break;
    if (bytes.readUInt32LE(length) === 6) packets += 1;
    length += next;
  }
  return { length, packets };
}

/** Writes a piece, or what of it fits; false where not all did. */
function add(piece: RecordedPiece, to: { readonly file: GrowingFile; readonly maximumBytes: number; readonly recorded: Recorded }): boolean {
  const bytes = Buffer.from(piece.bytes, 'base64');
  const { length, packets } = fitting(bytes, to.maximumBytes - to.file.bytes);
  if (length > 0) to.file.write(bytes.subarray(0, length));
  to.recorded.packets += packets;
  to.recorded.missed += piece.missed;
  return length === bytes.length;
}

/** Pieces are asked for so often. */
const askEveryMs = 200;

/** Resolves after a while, or as soon as the signal aborts. */
function pause(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const timer = setTimeout(done, askEveryMs);
    function done(): void {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    }
    signal.addEventListener('abort', done);
    return undefined;
  });
}

/** Takes pieces until the end is wished or the file is full; then the rest. */
async function takeAll(client: AppClient, to: Parameters<typeof add>[1], signal: AbortSignal): Promise<'full' | 'ended'> {
  const id = await client.command('beginRecording', {});
  while (!signal.aborted) {
    const piece = await client.command('takeRecording', id);
    if (!add(piece, to)) {
      await client.command('endRecording', id);
      return 'full';
    }
    if (!piece.more) await pause(signal);
  }
  await client.command('endRecording', id);
  for (;;) {
    const piece = await client.command('takeRecording', id);
    if (!add(piece, to)) return 'full';
    if (!piece.more) return 'ended';
  }
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
