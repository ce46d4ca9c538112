import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { Command } from 'commander';
import { z } from 'zod';
import { epochMs } from '../protocol/units.ts';
import { defaultPaths } from '../service/paths.ts';
import type { Edges } from './edges.ts';
import { Ending } from './ending.ts';
import { exitCodes, verdictOn } from './failure.ts';
import { withGlobalOptions } from './global-options.ts';
import { visible } from './harmless.ts';

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

/**
 * The commands in the order in which the help lists them. Each is loaded when the words have its name: together they take
 * most of the time that a command needs to start.
 */
const commands: Readonly<Record<string, () => Promise<(edges: Edges) => Command>>> = {
  live: async () => (await import('./commands/live.ts')).liveCommand,
  report: async () => (await import('./commands/report.ts')).reportCommand,
  reports: async () => (await import('./commands/reports.ts')).reportsCommand,
  top: async () => (await import('./commands/top.ts')).topCommand,
  connections: async () => (await import('./commands/connections.ts')).connectionsCommand,
  http: async () => (await import('./commands/http.ts')).httpCommand,
  site: async () => (await import('./commands/site.ts')).siteCommand,
  app: async () => (await import('./commands/app.ts')).appCommand,
  quality: async () => (await import('./commands/quality.ts')).qualityCommand,
  read: async () => (await import('./commands/read.ts')).readCommand,
  record: async () => (await import('./commands/record.ts')).recordCommand,
  serve: async () => (await import('./commands/serve.ts')).serveCommand,
  stop: async () => (await import('./commands/stop.ts')).stopCommand,
  pause: async () => (await import('./commands/pause.ts')).pauseCommand,
  resume: async () => (await import('./commands/pause.ts')).resumeCommand,
  private: async () => (await import('./commands/private.ts')).privateCommand,
  forget: async () => (await import('./commands/forget.ts')).forgetCommand,
  alerts: async () => (await import('./commands/alerts.ts')).alertsCommand,
  plan: async () => (await import('./commands/plan.ts')).planCommand,
  analyze: async () => (await import('./commands/analyze.ts')).analyzeCommand,
  export: async () => (await import('./commands/export.ts')).exportCommand,
  import: async () => (await import('./commands/import.ts')).importCommand,
  settings: async () => (await import('./commands/settings.ts')).settingsCommand,
  service: async () => (await import('./commands/service.ts')).serviceCommand,
  doctor: async () => (await import('./commands/doctor.ts')).doctorCommand,
  completion: async () => (await import('./commands/completion.ts')).completionCommand,
  complete: async () => (await import('./commands/completion.ts')).completeCommand,
};

/** What only the scripts of `completion` ask for; people need not know of it. */
const hiddenCommands: ReadonlySet<string> = new Set(['complete']);

/**
 * The commands that the words may mean: those they name, since an option's value may be a name too; all where help may be wanted, or
 * the name itself is what is being typed.
 */
function wanted(words: readonly string[]): readonly (() => Promise<(edges: Edges) => Command>)[] {
  const isTyped = words[0] === 'complete' && !(words.length > 3 && Object.hasOwn(commands, words[2] ?? ''));
  const named = isTyped || words.includes('help') ? [] : Object.keys(commands).filter((name) => words.includes(name));
  return Object.entries(commands).flatMap(([name, load]) => (named.length === 0 || named.includes(name) ? [load] : []));
}

/** The program with the commands that the words may mean. */
async function program(words: readonly string[], edges: Edges): Promise<Command> {
  const tidewatch = withGlobalOptions(new Command('tidewatch'))
    .description('Shows who is using your bandwidth: live, per app and per domain, with a history that stays on this machine.')
    .version(version(), '--version', 'print the version')
    .helpOption('--help', 'show this help')
    .helpCommand('help [command]', 'show the help of a command')
    .addHelpText('after', examples)
    .configureHelp({ showGlobalOptions: true });
  const loaded = await Promise.all(wanted(words).map((load) => load()));
  for (const command of loaded.map((each) => each(edges))) tidewatch.addCommand(command, { hidden: hiddenCommands.has(command.name()) });
  // addCommand, unlike command(), hands nothing down: every command behaves as the program does.
  for (const each of [tidewatch, ...tidewatch.commands, ...tidewatch.commands.flatMap(({ commands: subcommands }) => subcommands)]) {
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
  // The first word that is a name: a later one may be an option's value (`quality --by app`).
  const namedIn = (parent: Command): Command | undefined => words.flatMap((word) => parent.commands.find((each) => each.name() === word) ?? [])[0];
  const command = namedIn(tidewatch);
  const sub = command === undefined ? undefined : namedIn(command);
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
  const tidewatch = await program(words, edges);
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
