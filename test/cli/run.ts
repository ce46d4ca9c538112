import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** The real command line in real child processes. */

export const launcher = fileURLToPath(new URL('../../bin/tidewatch', import.meta.url));

export interface Outcome {
  /** Exit code; null where a signal ended it. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A folder of its own for one test's paths, removed with it. */
export class Scratch implements Disposable {
  readonly folder = mkdtempSync(path.join(tmpdir(), 'tidewatch-cli-'));

  file(name: string): string {
    return path.join(this.folder, name);
  }

  /** Nothing of the person who runs the tests is touched: no history, no service, no colours set elsewhere. */
  get environment(): NodeJS.ProcessEnv {
    return {
      PATH: process.env['PATH'],
      TERM: 'xterm-256color',
      TZ: 'UTC',
      HOME: this.folder,
      TIDEWATCH_HISTORY: this.file('history.sqlite'),
      TIDEWATCH_SOCKET: this.file('service.sock'),
      TIDEWATCH_HELPER_SOCKET: this.file('helper.sock'),
    };
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** A child whose output is collected; a test that waits too long for it ends it. */
export class Running {
  readonly child: ChildProcess;
  stdout = '';
  stderr = '';
  readonly #onOutput = new Set<() => void>();
  readonly #ended: Promise<unknown[]>;

  constructor(command: readonly string[], options: { readonly environment: NodeJS.ProcessEnv }) {
    const [program = launcher, ...words] = command;
    this.child = spawn(program, words, { env: options.environment, stdio: ['pipe', 'pipe', 'pipe'] });
    this.#ended = once(this.child, 'close');
    this.child.stdout?.setEncoding('utf8').on('data', (text: string) => this.#take('stdout', text));
    this.child.stderr?.setEncoding('utf8').on('data', (text: string) => this.#take('stderr', text));
    // Who has ended does not read what is still typed.
    this.child.stdin?.on('error', () => this.child.stdin?.destroy());
  }

  #take(stream: 'stdout' | 'stderr', text: string): void {
    this[stream] += text;
    for (const listener of this.#onOutput) listener();
  }

  /** Resolves as soon as standard output has what is looked for; rejects if the child ends without it. */
  async untilOutput(pattern: RegExp): Promise<void> {
    const seen = Promise.withResolvers<void>();
    const look = (): void => {
      if (pattern.test(this.stdout)) seen.resolve();
    };
    this.#onOutput.add(look);
    look();
    void this.#ended.then(() => seen.reject(new Error(`ended without ${pattern.source}: ${this.stdout}${this.stderr}`)));
    await seen.promise;
    this.#onOutput.delete(look);
  }

  async outcome(): Promise<Outcome> {
    await this.#ended;
    return { code: this.child.exitCode, stdout: this.stdout, stderr: this.stderr };
  }
}

/** Runs `tidewatch` with these words to its end. */
export async function tidewatch(words: readonly string[], environment: NodeJS.ProcessEnv): Promise<Outcome> {
  const running = new Running([launcher, ...words], { environment });
  running.child.stdin?.end();
  return running.outcome();
}
