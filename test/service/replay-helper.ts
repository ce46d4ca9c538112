import { once } from 'node:events';
import { createServer } from 'node:net';
import type { Server, Socket } from 'node:net';
import { HelperCommand, helperProtocolVersion } from '../../protocol/helper.ts';
import type { CaptureConfiguration, HelperMessage } from '../../protocol/helper.ts';
import { epochMs } from '../../protocol/units.ts';
import { linesOf } from '../../service/lines.ts';
import { until } from './driven-clock.ts';

/** How a replay helper differs from an ordinary one. */
export interface ReplayOptions {
  readonly protocol?: number;
  readonly pid?: number;
  readonly startedAt?: number;
  /** What it says between `configure` and `configured`. */
  readonly onConfigure?: readonly HelperMessage[];
  readonly refuse?: string;
  /** What it says before it answers a configuration, by the configuration. */
  readonly answer?: (configuration: CaptureConfiguration) => readonly HelperMessage[];
}

/** A helper that says what a test tells it to, over a real Unix socket. */
export class ReplayHelper implements AsyncDisposable {
  readonly commands: HelperCommand[] = [];
  readonly #options: ReplayOptions;
  readonly #server: Server;
  #service: Socket | null = null;
  #connections = 0;

  private constructor(options: ReplayOptions) {
    this.#options = options;
    this.#server = createServer((socket) => void this.#serve(socket));
  }

  static async listen(socketPath: string, options: ReplayOptions = {}): Promise<ReplayHelper> {
    const helper = new ReplayHelper(options);
    helper.#server.listen(socketPath);
    await once(helper.#server, 'listening');
    return helper;
  }

  /** How many services have connected so far. */
  get connections(): number {
    return this.#connections;
  }

  say(...messages: readonly HelperMessage[]): void {
    for (const message of messages) this.sayRaw(`${JSON.stringify(message)}\n`);
  }

  sayRaw(text: string): void {
    if (this.#service === null) throw new Error('no service is connected');
    this.#service.write(text);
  }

  /** Ends the connection, and goes on listening. */
  hangUp(): void {
    this.#service?.end();
    this.#service = null;
  }

  /** Waits until a service is connected and has said what to capture. */
  async configured(times: number): Promise<void> {
    await until(() => this.commands.filter(({ kind }) => kind === 'configure').length >= times, `it was configured ${times} times`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#service?.destroy();
    await closed;
  }

  async #serve(socket: Socket): Promise<void> {
    this.#service = socket;
    this.#connections += 1;
    socket.on('error', () => socket.destroy());
    try {
      for await (const line of linesOf(socket, 65_536)) this.#take(HelperCommand.parse(JSON.parse(line)));
    } catch (error) {
      if (!socket.destroyed) throw error;
    }
  }

  #take(command: HelperCommand): void {
    this.commands.push(command);
    const { refuse, answer = () => [], protocol = helperProtocolVersion, pid = 4711, startedAt = 1, onConfigure = [] } = this.#options;
    if (command.kind === 'hello') {
      if (refuse === undefined) this.say({ kind: 'hello', protocol, version: 'replay', pid, startedAt: epochMs(startedAt) });
      else this.say({ kind: 'refused', reason: refuse });
    }
    if (command.kind === 'configure') this.say(...onConfigure, ...answer(command.configuration), { kind: 'configured' });
  }
}
