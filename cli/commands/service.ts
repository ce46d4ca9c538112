import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { Command } from 'commander';
import { z } from 'zod';
import { install, installationState, runningSystemd, uninstall } from '../../service/install/index.ts';
import type { InstallationPlace, InstalledUser } from '../../service/install/index.ts';
import type { Edges } from '../edges.ts';
import { CommandError, UsageError } from '../failure.ts';
import { GlobalOptions } from '../global-options.ts';
import { visible } from '../harmless.ts';
import { Output } from '../output.ts';
import { jsonLine } from '../terminal.ts';

const Options = GlobalOptions.extend({ for: z.string().optional(), root: z.string().default('/'), json: z.boolean().default(false) });
type Options = z.infer<typeof Options>;

const checkout = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/u, '');

/** One number that id(1) tells of a user; null where there is no such user. */
function idOf(option: '-u' | '-g', name: string): number | null {
  const { status, stdout } = spawnSync('id', [option, '--', name], { encoding: 'utf8' });
  return status === 0 ? Number(stdout) : null;
}

/** The user that is meant: the one named, else whoever called sudo(8), else whoever runs this. */
function userOf(options: Options, edges: Edges): InstalledUser {
  const name = options.for ?? edges.environment['SUDO_USER'] ?? String(process.getuid?.() ?? 0);
  const [uid, gid] = [idOf('-u', name), idOf('-g', name)];
  if (uid !== null && gid !== null) return { name, uid, gid };
  throw new UsageError(`there is no user "${visible(name)}" here: name one with --for`);
}

function placeOf({ root }: Options): InstallationPlace {
  return { root, systemd: root === '/' ? runningSystemd() : null };
}

function requireRoot(words: string): void {
  if (process.getuid?.() !== 0) throw new CommandError(`only root may do this: sudo ${checkout}/bin/tidewatch service ${words}`);
}

/** A mistake of the file system as one line with what to do. */
function refusable<Result>(act: () => Result): Result {
  try {
    return act();
  } catch (error) {
    if (error instanceof Error && 'syscall' in error) throw new CommandError(`cannot install: ${error.message}; make room or mend the rights, then run it again`, { cause: error });
    throw error;
  }
}

function installLines(options: Options, edges: Edges): string[] {
  const user = userOf(options, edges);
  requireRoot(`install --for ${user.name}`);
  const { written, next } = refusable(() => install(checkout, user, placeOf(options)));
  return [`Installed for ${user.name}:`, ...written.map((file) => `  ${file}`), 'Next:', ...next.map((command) => `  ${command}`)];
}

function stateLines(options: Options, edges: Edges): string[] {
  const state = installationState(userOf(options, edges), placeOf(options));
  if (options.json) return [jsonLine(state)];
  if (state.version === null) return ['Tidewatch is not installed as a service; `sudo tidewatch service install` does that.'];
  const words = { true: 'runs', false: 'does not run', null: 'systemd does not run here' };
  return [`Tidewatch ${visible(state.version)} in ${state.program}`, ...state.units.map(({ path, active }) => `  ${path}: ${words[`${active}`]}`)];
}

function uninstallLines(options: Options, edges: Edges): string[] {
  const user = userOf(options, edges);
  requireRoot(`uninstall --for ${user.name}`);
  const removed = refusable(() => uninstall(user, placeOf(options)));
  if (removed.length === 0) return [`Nothing was installed for ${user.name}.`];
  return ['Removed:', ...removed.map((file) => `  ${file}`), 'The history and the settings stay where they are.'];
}

const examples = `
The program is copied to /usr/local/lib/tidewatch, where only root may write, and the helper runs from there with the capabilities
it needs. The service itself is the user's own. Installing again updates both.

Examples:
  sudo bin/tidewatch service install
  sudo bin/tidewatch service install --for ada
  tidewatch service status
  sudo tidewatch service uninstall`;

/** `tidewatch service install|status|uninstall`. */
export function serviceCommand(edges: Edges): Command {
  const command = new Command('service').description('measure without a login: Tidewatch as a service of systemd').addHelpText('after', examples);
  const add = (name: string, description: string, linesFor: (options: Options, edges: Edges) => string[]): Command =>
    command
      .command(name)
      .description(description)
      .option('--for <user>', 'for this user (default: who called sudo, else who runs this)')
      .option('--root <folder>', 'below this folder instead of /, for packages and images', '/')
      .action(async (_options: unknown, run: Command) => {
        const output = new Output(edges.output, edges.ending);
        output.lines(linesFor(Options.parse(run.optsWithGlobals()), edges));
        await output.finish();
      });
  add('install', 'copy the program, write the units, start the helper', installLines);
  add('status', 'what is installed, and whether it runs', stateLines).option('--json', 'print one JSON object: {version,program,units}');
  add('uninstall', 'stop the helper and remove what was installed', uninstallLines);
  return command;
}
