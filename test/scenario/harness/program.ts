import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

/** The checkout's root folder, with a slash at its end. */
export const projectRoot = fileURLToPath(new URL('../../..', import.meta.url));

/** Debian keeps servers in /usr/sbin, which a user's PATH may lack; the project's own Node comes first. */
const searchPath = [path.dirname(process.execPath), process.env['PATH'] ?? '', '/usr/sbin', '/sbin'].join(path.delimiter);

/** Lines kept of each of a program's two outputs: enough to explain a failure; a live stream is read by its listener. */
const maximumLines = 10_000;

/** How long a program may take to obey SIGTERM before it is killed. */
const patienceMs = 8000;

export interface Outcome {
  /** Exit code; null where a signal ended it. */
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface ProgramOptions {
  readonly environment?: Readonly<Record<string, string>>;
  readonly workingDirectory?: string;
  /** Called with each line of standard output as it comes; lines are then not kept. */
  readonly onLine?: (line: string) => void;
  /** `own`: a process group of its own, as a shell gives a command, so that Ctrl-C can reach all of it and nobody else. */
  readonly processGroup?: 'own' | 'shared';
}

/** A child process with its output line by line and an end that can be awaited. */
export class Program implements AsyncDisposable {
  readonly pid: number;
  readonly ended: Promise<Outcome>;
  readonly #child: ChildProcess;
  readonly #stdout: string[] = [];
  readonly #stderr: string[] = [];

  constructor(command: string, words: readonly string[], options: ProgramOptions) {
    const child = spawn(command, words, {
      cwd: options.workingDirectory ?? projectRoot,
      env: { ...process.env, PATH: searchPath, ...options.environment },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: options.processGroup === 'own',
    });
    this.#child = child;
    this.pid = child.pid ?? 0;
    const keep = (lines: string[]) => (line: string): void => {
      if (lines.length < maximumLines) lines.push(line);
    };
    createInterface({ input: child.stdout }).on('line', options.onLine ?? keep(this.#stdout));
    createInterface({ input: child.stderr }).on('line', keep(this.#stderr));
    this.ended = this.#untilEnd();
  }

  async #untilEnd(): Promise<Outcome> {
    await once(this.#child, 'close');
    return { code: this.#child.exitCode, signal: this.#child.signalCode, stdout: this.stdout, stderr: this.stderr };
  }

  get stdout(): string {
    return this.#stdout.join('\n');
  }

  get stderr(): string {
    return this.#stderr.join('\n');
  }

  get running(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Sends a signal to its whole process group, as a terminal does on Ctrl-C; the group must be its own. */
  killGroup(signal: NodeJS.Signals): void {
    process.kill(-this.pid, signal);
  }

  /** Asks it to end with `signal`; after eight seconds kills it. Resolves when it has ended. */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<Outcome> {
    if (this.running) this.kill(signal);
    const impatience = new AbortController();
    const killer = delay(patienceMs, undefined, { signal: impatience.signal })
      .then(() => this.kill('SIGKILL'))
      .catch(() => undefined);
    const outcome = await this.ended;
    impatience.abort();
    await killer;
    return outcome;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }
}

/** Starts a program; a command that does not exist ends it at once with the error on `ended`. */
export function startProgram(command: string, words: readonly string[], options: ProgramOptions = {}): Program {
  return new Program(command, words, options);
}

/** Says what a finished program said, for the message of an assertion. */
export function describeOutcome(outcome: Outcome): string {
  const end = outcome.signal === null ? `exit code ${outcome.code}` : `signal ${outcome.signal}`;
  return `${end}\nstdout: ${outcome.stdout.slice(-2000)}\nstderr: ${outcome.stderr.slice(-2000)}`;
}
