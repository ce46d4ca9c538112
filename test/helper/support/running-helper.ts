import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { HeardFlows } from '../../../core/flow/told-flows.ts';
import type { FlowDelta, ProcessDescription } from '../../../protocol/flow.ts';
import { HelperLine, helperProtocolVersion } from '../../../protocol/helper.ts';
import type { CaptureConfiguration, FlowAgain, HelperMessage } from '../../../protocol/helper.ts';
import { helperCommandHere } from '../../../service/helper-command.ts';
import { until } from '../../scenario/harness/until.ts';

/** How long anything that a helper does may take in a test, in milliseconds. */
const patienceMs = 15_000;

/** One connection to a helper, and everything that came over it. */
export class HelperPeer {
  readonly messages: HelperMessage[] = [];
  readonly socket: Socket;
  readonly #heard = new HeardFlows();

  constructor(socketPath: string) {
    this.socket = connect(socketPath);
    this.socket.on('error', () => undefined);
    createInterface({ input: this.socket }).on('line', (line) => this.#hear(HelperLine.parse(JSON.parse(line))));
    this.say({ kind: 'hello', protocol: helperProtocolVersion, version: 'test' });
  }

  #hear(line: HelperLine): void {
    if (line.kind === 'flows') this.#heard.hear(line.flows);
    this.messages.push(line.kind === 'again' ? { kind: 'flows', flows: line.flows.map((row) => this.#complete(row)) } : line);
  }

  #complete(row: FlowAgain): FlowDelta {
    const delta = this.#heard.complete(row);
    if (delta === null) throw new Error(`flow ${row[0]} was never described`);
    return delta;
  }

  say(message: unknown): void {
    this.socket.write(`${JSON.stringify(message)}\n`);
  }

  async configure(part: Partial<CaptureConfiguration>): Promise<void> {
    this.say({ kind: 'configure', configuration: { interfaces: 'edges', filter: '', promiscuous: false, loopback: false, ...part } });
    await this.until('an interface that is captured', (message) => message.kind === 'interfaces' && message.interfaces.some(({ state }) => state === 'capturing'));
  }

  /** Waits for a message, also among those that have come. */
  async until(what: string, fits: (message: HelperMessage) => boolean): Promise<HelperMessage> {
    return await until(what, patienceMs, () => this.messages.find(fits));
  }

  async ticks(count: number): Promise<void> {
    const before = this.messages.length;
    await until(`${count} ticks`, patienceMs, () => this.messages.slice(before).filter(({ kind }) => kind === 'tick').length >= count);
  }

  flows(): readonly FlowDelta[] {
    return this.messages.flatMap((message) => (message.kind === 'flows' ? message.flows : []));
  }

  processOf(flow: FlowDelta): ProcessDescription | undefined {
    const { owner } = flow;
    if (owner.certainty === 'unknown') return undefined;
    return this.messages.flatMap((message) => (message.kind === 'processes' ? message.processes : [])).findLast(({ key }) => key === owner.process);
  }
}

export interface HelperOptions {
  /** Network namespace it runs in; the machine's own where there is none. */
  readonly namespace?: string;
  readonly moreArguments?: readonly string[];
  readonly socketPath?: string;
}

/** A helper of its own, started as root with what the service gives it and no more. */
export class RunningHelper implements AsyncDisposable {
  readonly socketPath: string;
  readonly process: ChildProcess;
  readonly ended: Promise<number | null>;
  readonly #folder: string;
  stderr = '';

  private constructor(socketPath: string, folder: string, command: readonly string[]) {
    this.socketPath = socketPath;
    this.#folder = folder;
    const [file = '', ...words] = command;
    this.process = spawn(file, words, { stdio: ['pipe', 'ignore', 'pipe'] });
    this.process.stderr?.on('data', (piece: Buffer) => {
      this.stderr += piece.toString('utf8');
    });
    this.ended = once(this.process, 'exit').then(([code]: readonly unknown[]) => (typeof code === 'number' ? code : null));
  }

  static async start(options: HelperOptions = {}): Promise<RunningHelper> {
    const folder = mkdtempSync(join(tmpdir(), 'tidewatch-helper-'));
    const socketPath = options.socketPath ?? join(folder, 'run/helper.sock');
    const command = await helperCommandHere({ socketPath, uid: 0, gid: 0, verbose: 'verbose' });
    const inside = options.namespace === undefined ? [] : ['ip', 'netns', 'exec', options.namespace];
    return new RunningHelper(socketPath, folder, [...inside, command.file, ...command.arguments, ...(options.moreArguments ?? [])]);
  }

  /** Connects as the service does, as soon as the helper listens. */
  async connect(): Promise<HelperPeer> {
    await until('the helper to listen', patienceMs, () => existsSync(this.socketPath) && this.stderr.includes('listening'));
    const peer = new HelperPeer(this.socketPath);
    await peer.until('hello', ({ kind }) => kind === 'hello');
    return peer;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.process.kill('SIGKILL');
    await this.ended;
    rmSync(this.#folder, { recursive: true });
  }
}
