import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { nodeProgram } from './node-program.ts';
import { ServiceError } from './service-error.ts';

/**
 * The capabilities (capabilities(7)) that the helper is born with, each with its reason. Everything else is taken from
 * its bounding set before it runs: it cannot come back.
 */
export const helperCapabilities = [
  { name: 'net_raw', reason: 'open AF_PACKET sockets (packet(7)): the capture itself' },
  { name: 'net_admin', reason: 'process events, BPF on cgroups, receive buffers beyond the limit' },
  { name: 'sys_ptrace', reason: "read /proc/PID/fd and /proc/PID/exe of other users' processes (proc(5))" },
  { name: 'dac_read_search', reason: "list those processes' directories, which only their owners may read" },
  { name: 'dac_override', reason: "connect to the system resolver's monitor, a socket that only its own user may write to" },
  { name: 'bpf', reason: 'load the owner map and its programs (bpf(2))' },
  { name: 'perfmon', reason: 'attach programs to tracepoints (bpf(2))' },
  { name: 'chown', reason: 'give its socket to the user it was started for' },
] as const;

/** A program and its arguments, as spawn(3) takes them: no shell reads them. */
export interface Command {
  readonly file: string;
  readonly arguments: readonly string[];
  /** Whether it asks a person on the terminal, and so must stay in the terminal's foreground. */
  readonly terminal: 'asks' | 'unused';
  /** What it exits with where a person, or a rule, says no; absent where nobody is asked. */
  readonly refusals?: readonly number[];
}

/** How a person may be asked for the right to capture. */
export type Asking = 'on-the-terminal' | 'in-a-dialog';

export interface HelperPlace {
  readonly socketPath: string;
  /** Whose the socket becomes. */
  readonly uid: number;
  readonly gid: number;
  readonly verbose: 'verbose' | 'quiet';
}

/**
 * What the helper's Node is told. Nearly all that it makes lives for one second, so the young generation stays small, and the old
 * one is collected when it has grown by a fifth: letting it double holds 30 MB of garbage with 10 000 flows. Collecting and compiling
 * on few threads costs less altogether, and nobody waits for them: capturing has a thread of its own. What the last compiler
 * (Turbofan) gains here is less than it takes: 0.1 s in the first seconds of a flood.
 */
const helperNodeOptions = ['--max-semi-space-size=2', '--heap-growing-percent=20', '--single-threaded-gc', '--v8-pool-size=1', '--no-turbofan'];

const helperProgram = fileURLToPath(new URL('../helper/main.ts', import.meta.url));

function helperCommand(place: HelperPlace): Command {
  const verbose = place.verbose === 'verbose' ? ['--verbose'] : [];
  const owner = `${place.uid}:${place.gid}`;
  const options = ['--socket', place.socketPath, '--owner', owner, ...verbose];
  return { file: nodeProgram(), arguments: [...helperNodeOptions, helperProgram, ...options], terminal: 'unused' };
}

/** A helper that counts instead of capturing, which anybody may. */
export function countingCommand(place: HelperPlace): Command {
  const command = helperCommand(place);
  return { ...command, arguments: [...command.arguments, '--limited'] };
}

/** A command as root runs it: through setpriv(1), with no more than {@link helperCapabilities}. */
export function withCapabilities(command: Command): Command {
  const kept = helperCapabilities.map(({ name }) => `+${name}`).join(',');
  const limits = ['--no-new-privs', '--inh-caps=-all', `--bounding-set=-all,${kept}`];
  return { ...command, file: 'setpriv', arguments: [...limits, '--', command.file, ...command.arguments] };
}

/** A command through sudo(8): silently where it asks for nothing, else with its own question on the terminal. */
export function withSudo(command: Command, asking: 'silently' | 'on-the-terminal'): Command {
  const question = ['-p', '[sudo] Tidewatch needs root to read packets; password for %u: '];
  const options = asking === 'silently' ? ['-n'] : question;
  return {
    file: 'sudo',
    arguments: [...options, '--', command.file, ...command.arguments],
    terminal: asking === 'silently' ? 'unused' : 'asks',
    refusals: [1],
  };
}

/** A command through pkexec(1): the desktop's own dialog asks. It exits with 126 where that is dismissed, with 127 where nobody may. */
export function withDialog(command: Command): Command {
  return { file: 'pkexec', arguments: [command.file, ...command.arguments], terminal: 'unused', refusals: [126, 127] };
}

/** Whether sudo(8) is here and exits well with these arguments. */
async function sudoSucceeds(sudoArguments: readonly string[]): Promise<boolean> {
  const child = spawn('sudo', sudoArguments, { stdio: 'ignore' });
  try {
    const [code] = await once(child, 'exit');
    return code === 0;
  } catch {
    // There is no sudo here.
    return false;
  }
}

/** Whether sudo(8) is here and would ask for nothing. */
export function sudoAsksNothing(): Promise<boolean> {
  return sudoSucceeds(['-n', 'true']);
}

function hasSudo(): Promise<boolean> {
  return sudoSucceeds(['--version']);
}

/** What a person types to start the helper by hand, and leaves running. */
function commandForHand(place: HelperPlace): string {
  const { file, arguments: helperArguments } = helperCommand(place);
  return ['sudo', file, ...helperArguments, '--detached'].join(' ');
}

/** Whether pkexec(1) is here, and a desktop to show its dialog on. */
function hasDialog({ PATH = '', DISPLAY, WAYLAND_DISPLAY }: NodeJS.ProcessEnv): boolean {
  const isHere = PATH.split(path.delimiter).some((folder) => existsSync(path.join(folder, 'pkexec')));
  return isHere && (DISPLAY ?? WAYLAND_DISPLAY ?? '') !== '';
}

/**
 * How the helper is started here: as root through setpriv; else through sudo where that asks for nothing; else in the way of
 * `asking`. Throws {@link ServiceError} 'no-rights' where nothing would work, with what to type instead.
 */
export async function helperCommandHere(place: HelperPlace, asking: Asking = 'on-the-terminal'): Promise<Command> {
  const limited = withCapabilities(helperCommand(place));
  if (process.getuid?.() === 0) return limited;
  if (await sudoAsksNothing()) return withSudo(limited, 'silently');
  if (asking === 'in-a-dialog' && hasDialog(process.env)) return withDialog(limited);
  if (asking === 'on-the-terminal' && process.stdin.isTTY && (await hasSudo())) return withSudo(limited, 'on-the-terminal');
  throw new ServiceError('no-rights', `reading packets needs root; start the helper in another terminal: ${commandForHand(place)}`);
}
