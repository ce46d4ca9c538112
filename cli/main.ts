import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { Command } from 'commander';
import { z } from 'zod';
import { epochMs } from '../protocol/units.ts';
import { defaultPaths } from '../service/index.ts';
import { doctorCommand } from './commands/doctor.ts';
import { forgetCommand } from './commands/forget.ts';
import { liveCommand } from './commands/live.ts';
import { pauseCommand, resumeCommand } from './commands/pause.ts';
import { privateCommand } from './commands/private.ts';
import { readCommand } from './commands/read.ts';
import { reportCommand } from './commands/report.ts';
import { serveCommand } from './commands/serve.ts';
import { stopCommand } from './commands/stop.ts';
import { settingsCommand } from './commands/settings.ts';
import type { Edges } from './edges.ts';
import { Ending } from './ending.ts';
import { exitCodes, verdictOn } from './failure.ts';
import { withGlobalOptions } from './global-options.ts';
import { visible } from './terminal.ts';

/** The command line: builds the program, runs it once, says what went wrong in one line, ends with the right code. */

const PackageVersion = z.object({ version: z.string() });

function version(): string {
  return PackageVersion.parse(JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))).version;
}

const examples = `
Examples:
  tidewatch live                              who is using the bandwidth now
  tidewatch live --json --duration 10         the same for programs, ten seconds of it
  tidewatch report --from yesterday --by app  who used it since yesterday
  tidewatch read capture.pcap                 what a capture file holds
  tidewatch doctor                            what works on this machine, and what to do where it does not

Each command has its own --help. Exit codes: 0 done, 1 failed, 2 wrong usage.`;

/** The commands in the order in which the help lists them. */
const commands = [
  liveCommand, reportCommand, readCommand, serveCommand, stopCommand,
  pauseCommand, resumeCommand, privateCommand, forgetCommand, settingsCommand, doctorCommand,
];

/** All of the program; `ran` is told the full name of the command that is about to run. */
function program(edges: Edges): Command {
  const tidewatch = withGlobalOptions(new Command('tidewatch'))
    .description('Shows who is using your bandwidth: live, per app and per domain, with a history that stays on this machine.')
    .version(version(), '--version', 'print the version')
    .helpOption('--help', 'show this help')
    .helpCommand('help [command]', 'show the help of a command')
    .addHelpText('after', examples)
    .configureHelp({ showGlobalOptions: true });
  for (const command of commands) {
    tidewatch.addCommand(command(edges));
  }
  // addCommand, unlike command(), hands nothing down: every command behaves as the program does.
  for (const each of [tidewatch, ...tidewatch.commands, ...tidewatch.commands.flatMap(({ commands }) => commands)]) {
    each.exitOverride().helpOption('--help', 'show this help').configureHelp({ showGlobalOptions: true });
    each.configureOutput({
      writeOut: (text) => void edges.output.write(text),
      // Commander writes help here where a command is missing; its complaints come back as exceptions.
      writeErr: (text) => void edges.output.write(text),
      outputError: () => {},
    });
  }
  return tidewatch;
}

/** The command that the words name, for the hint where its help is: `tidewatch live`. */
function commandName(tidewatch: Command, words: readonly string[]): string {
  const command = tidewatch.commands.find((each) => words.includes(each.name()));
  const sub = command?.commands.find((each) => words.includes(each.name()));
  return [tidewatch, command, sub].flatMap((each) => each?.name() ?? []).join(' ');
}

/** Says in one line what went wrong, with its stack where --verbose asks for it. Returns the exit code. */
function sayFailure(error: unknown, words: readonly string[], to: { errors: NodeJS.WriteStream; name: string }): number {
  const { exitCode, line } = verdictOn(error, to.name);
  if (line === '') return exitCode;
  const stack = words.includes('--verbose') && error instanceof Error ? (error.stack ?? '').split('\n').map(visible) : [];
  to.errors.write(`${[`tidewatch: ${line}`, ...stack].join('\n')}\n`);
  return exitCode;
}

/** Runs the command line once. Returns the exit code; never throws. */
async function run(words: readonly string[], edges: Edges): Promise<number> {
  const tidewatch = program(edges);
  try {
    await tidewatch.parseAsync(words, { from: 'user' });
    return exitCodes.done;
  } catch (error) {
    return sayFailure(error, words, { errors: edges.errors, name: commandName(tidewatch, words) });
  }
}

/** What is still open when the end was wished has this long to close; a helper writes its last bytes in far less. */
const longestEndingMs = 10_000;

function giveUp(): void {
  process.stderr.write('tidewatch: ending took too long and was cut short; run it with --verbose to see what hangs\n');
  process.exit(exitCodes.failed);
}

const ending = new Ending();
ending.signal.addEventListener('abort', () => void setTimeout(giveUp, longestEndingMs).unref());
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => ending.end('asked'));
// A reader that went away is a good end (`| head`); `Output` deals with what is wrong in another way.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => ending.end('reader-gone'));
// Unhandled rejections come here too. The screen is given back by its own 'exit' listener.
process.on('uncaughtException', (error) => {
  sayFailure(error, process.argv.slice(2), { errors: process.stderr, name: 'tidewatch' });
  process.exit(exitCodes.failed);
});

const code = await run(process.argv.slice(2), {
  input: process.stdin,
  output: process.stdout,
  outputDescriptor: process.stdout.fd,
  errors: process.stderr,
  environment: process.env,
  defaultPaths: defaultPaths({
    variables: process.env,
    uid: process.getuid?.() ?? 0,
    homeDirectory: homedir(),
  }),
  ending,
  now: () => epochMs(Date.now()),
});
// All that was started has been ended by now; what a library may have left must not keep the process.
process.exit(code);
