import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { z } from 'zod';
import { sleep } from './clock.ts';
import type { Clock } from './clock.ts';
import { errorCode } from './error-code.ts';
import type { Command } from './helper-command.ts';
import type { HelperLink } from './helper-link.ts';
import { openHelperLink } from './helper-link.ts';
import { linesOf } from './lines.ts';
import type { Log } from './log.ts';
import { ServiceError } from './service-error.ts';

/** Where the service gets a helper from. */
export interface HelperSource extends AsyncDisposable {
  /**
   * A link to a helper that runs, or to one started now. Throws {@link ServiceError} with what to do where there is
   * none to be had, and the signal's reason where it aborts.
   */
  connect(signal: AbortSignal): Promise<HelperLink>;
  /** Whether a link to another helper waits to be taken, so that there is nothing to be patient about. */
  hasLink?(): boolean;
  /** Asks a person for the right to capture; absent where nobody can be asked while the service runs. */
  grant?(): Promise<Granted>;
}

/** What became of asking for the right to capture. */
export type Granted = 'granted' | 'refused' | 'not-needed';

export interface HelperProcessPorts {
  readonly clock: Clock;
  readonly log: Log;
  readonly socketPath: string;
  /** How to start a helper here and now. Throws {@link ServiceError} 'no-rights' where nothing would work. */
  readonly command: () => Promise<Command>;
  /** Throws where a helper at the socket's place is not to be believed. */
  readonly refuseUntrusted: (socketPath: string) => void;
}

/** A helper is there within a second; a person who is asked for a password takes longer. */
const startMs = 120_000;
const lookEveryMs = 50;
/** How long the helper has to end by itself, and then after SIGTERM. */
const endMs = 2000;
/** Lines of the helper's log kept for the message that says why it ended. */
const keptLines = 20;
const longestLogLine = 16_384;

interface Child {
  readonly process: ChildProcess;
  readonly command: Command;
  readonly lastLines: string[];
}

function ended(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}

/** Nothing waits for it any more: this process can end while that one hangs, which ends once it can, as its input is closed. */
function letGo(child: ChildProcess): void {
  child.stdin?.destroy();
  child.stderr?.destroy();
  child.unref();
}

const LogLine = z.object({ msg: z.string() });

/** What a log line says; null where it is none. */
function messageOf(line: string): string | null {
  try {
    return LogLine.parse(JSON.parse(line)).msg;
  } catch {
    return null;
  }
}

/** The line that says best why a process ended: its last log line, else the first that names an error, else the last. */
function lastWords(lines: readonly string[]): string {
  const messages = lines.flatMap((line) => messageOf(line) ?? []);
  return messages.at(-1) ?? lines.find((line) => /error/iu.test(line)) ?? lines.at(-1) ?? 'it said nothing';
}

/** A helper that began writes a log; one that nobody let begin does not. */
function wasRefused({ process, command, lastLines }: Child): boolean {
  return (command.refusals ?? []).includes(process.exitCode ?? -1) && lastLines.every((line) => messageOf(line) === null);
}

/**
 * Finds the helper that listens on the socket, or starts one as a child. The child never outlives its parent: it ends
 * when the pipe at its standard input closes, whatever becomes of us.
 */
export class HelperProcess implements HelperSource {
  readonly #ports: HelperProcessPorts;
  #child: Child | null = null;

  constructor(ports: HelperProcessPorts) {
    this.#ports = ports;
  }

  async connect(signal: AbortSignal): Promise<HelperLink> {
    const found = await this.#find();
    if (found !== null) return found;
    await this.#endChild();
    const child = await this.#start();
    return this.#firstLink(child, signal);
  }

  /** Ends the child that was started, if any: by closing its input, then SIGTERM, then SIGKILL. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#endChild();
  }

  #find(): Promise<HelperLink | null> {
    this.#ports.refuseUntrusted(this.#ports.socketPath);
    return openHelperLink(this.#ports.socketPath);
  }

  async #start(): Promise<Child> {
    const command = await this.#ports.command();
    this.#ports.log.debug('starting the helper', { command: [command.file, ...command.arguments].join(' ') });
    // In a process group of its own, Ctrl-C on the terminal reaches only us, and we end the helper in order.
    const detached = command.terminal === 'unused';
    const process = spawn(command.file, command.arguments, { stdio: ['pipe', 'ignore', 'pipe'], detached });
    const child: Child = { process, command, lastLines: [] };
    try {
      await once(process, 'spawn');
    } catch (error) {
      throw new ServiceError('helper-failed', `cannot run ${command.file} (${errorCode(error) ?? String(error)}); look for what is missing with: tidewatch doctor`, {
        cause: error,
      });
    }
    // A child that ends closes its input, which is no news: that it ended is.
    process.stdin?.on('error', () => undefined);
    // Root's helper may not be killed by a user (kill(2), EPERM): whether it ends is looked at in any case.
    process.on('error', (error) => this.#ports.log.warn('the helper could not be told to end', { reason: error.message }));
    this.#child = child;
    void this.#forwardLog(child);
    return child;
  }

  async #firstLink(child: Child, signal: AbortSignal): Promise<HelperLink> {
    const { clock } = this.#ports;
    const deadline = clock.monotonic() + startMs;
    while (!ended(child.process) && clock.monotonic() < deadline) {
      signal.throwIfAborted();
      const link = await this.#find();
      if (link !== null) return link;
      await sleep(clock, lookEveryMs, signal);
    }
    await this.#endChild();
    if (wasRefused(child)) throw new ServiceError('no-rights', `access was refused (${child.command.file}: ${lastWords(child.lastLines)})`);
    throw new ServiceError('helper-failed', `the helper did not start (${lastWords(child.lastLines)}); look for what is missing with: tidewatch doctor`);
  }

  /** The helper's own log goes into ours; its last lines say why it ended. */
  async #forwardLog({ process, lastLines }: Child): Promise<void> {
    if (process.stderr === null) return;
    try {
      for await (const line of linesOf(process.stderr, longestLogLine)) {
        lastLines.push(line.slice(0, 512));
        if (lastLines.length > keptLines) lastLines.shift();
        this.#ports.log.debug('helper', { line });
      }
    } catch (error) {
      this.#ports.log.debug("the helper's log broke off", { reason: String(error) });
      process.stderr.resume();
    }
  }

  async #endChild(): Promise<void> {
    const child = this.#child?.process;
    this.#child = null;
    if (child === undefined || ended(child)) return;
    const { promise: gone, resolve } = Promise.withResolvers<void>();
    child.once('exit', () => resolve());
    child.stdin?.end();
    for (const next of ['SIGTERM', 'SIGKILL'] as const) {
      if (await this.#within(gone)) return;
      this.#ports.log.warn('the helper does not end by itself', { next });
      child.kill(next);
    }
    if (await this.#within(gone)) return;
    this.#ports.log.error('the helper could not be ended', { helperPid: child.pid ?? null });
    letGo(child);
  }

  async #within(gone: Promise<unknown>): Promise<boolean> {
    const enough = new AbortController();
    const over = sleep(this.#ports.clock, endMs, enough.signal).then(() => false);
    const result = await Promise.race([gone.then(() => true), over]);
    enough.abort();
    return result;
  }
}
