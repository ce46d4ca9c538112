import { once } from 'node:events';
import { createServer } from 'node:net';
import type { Server, Socket } from 'node:net';
import type { Withholding } from '../../core/settings/index.ts';
import type { AppClient } from '../../protocol/app.ts';
import { epochMs } from '../../protocol/units.ts';
import type { EpochMs } from '../../protocol/units.ts';
import type { Clock } from '../clock.ts';
import { errorCode } from '../error-code.ts';
import { ServiceError } from '../service-error.ts';
import { ApplicationTraffic, byName } from './application-traffic.ts';
import type { TrafficByName } from './application-traffic.ts';
import { parseCommand } from './command.ts';
import type { NtmdCommand } from './command.ts';
import { liveText, welcomeText } from './live-text.ts';

export interface NtmdOptions {
  /** On loopback; 0 for any that is free. */
  readonly port: number;
  readonly intervalSeconds: number;
}

export interface NtmdPorts {
  readonly clock: Clock;
  readonly rules: () => Withholding | null;
}

const maximumClients = 64;
const longestLine = 1024;
/** ntmd reads once and takes what is there: a client that sends no end of line has said all after this long. */
const quietMs = 250;
/** A client that says nothing is let go. */
const patienceMs = 10_000;
/** What is held for a client that does not read; the largest answer of all applications is a little more. */
const heldBytes = 262_144;
/** A live client that has gone without a word is found out in a few minutes (tcp(7), TCP_KEEPIDLE). */
const keepAliveMs = 30_000;

interface Live {
  readonly socket: Socket;
  readonly form: 'live' | 'live-text';
}

function payload(data: TrafficByName, interval: number | null): string {
  const length = Object.keys(data).length;
  return `${JSON.stringify({ data, ...(interval === null ? {} : { interval }), length, result: 'success' })}\n`;
}

function refusal(reason: string): string {
  return `${JSON.stringify({ errmsg: reason, result: 'error' })}\n`;
}

/** Local midnight before an instant. */
function beginningOfDay(now: EpochMs): EpochMs {
  const at = new Date(now);
  return epochMs(new Date(at.getFullYear(), at.getMonth(), at.getDate()).getTime());
}

/** The TCP socket of ntmd. See README.md for what it promises. */
export class NtmdServer implements AsyncDisposable {
  readonly traffic: ApplicationTraffic;
  readonly #ports: NtmdPorts;
  readonly #options: NtmdOptions;
  readonly #server: Server;
  readonly #clients = new Set<Socket>();
  readonly #live = new Set<Live>();
  #client: AppClient | null = null;

  constructor(options: NtmdOptions, ports: NtmdPorts) {
    this.#options = options;
    this.#ports = ports;
    this.traffic = new ApplicationTraffic(options.intervalSeconds, { ...ports, completed: (traffic, seconds) => this.#publish(traffic, seconds) });
    this.#server = createServer({ allowHalfOpen: true }, (socket) => this.#accept(socket));
    this.#server.maxConnections = maximumClients;
  }

  /** Begins to answer. Throws {@link ServiceError} 'ntmd-unavailable' where the port cannot be had. */
  async listen(client: AppClient): Promise<void> {
    this.#client = client;
    try {
      this.#server.listen({ host: '127.0.0.1', port: this.#options.port, exclusive: true });
      await once(this.#server, 'listening');
    } catch (error) {
      const reason = errorCode(error) ?? String(error);
      throw new ServiceError('ntmd-unavailable', `cannot answer ntmd's commands on port ${this.#options.port} (${reason}); end what listens there, or choose another port`, { cause: error });
    }
  }

  /** The port it listens on; 0 where it does not. */
  get port(): number {
    const bound = this.#server.address();
    return typeof bound === 'object' && bound !== null ? bound.port : 0;
  }

  get clients(): number {
    return this.#clients.size;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#server.listening) return;
    const closed = once(this.#server, 'close');
    this.#server.close();
    for (const socket of this.#clients) socket.destroy();
    await closed;
  }

  #accept(socket: Socket): void {
    this.#clients.add(socket);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => this.#clients.delete(socket));
    socket.setEncoding('latin1');
    const patience = this.#ports.clock.after(patienceMs, () => this.#end(socket, refusal('no command came')));
    let quiet: Disposable | null = null;
    let line = '';
    const take = (): void => {
      patience[Symbol.dispose]();
      quiet?.[Symbol.dispose]();
      socket.removeAllListeners('data').removeAllListeners('end').resume();
      void this.#answer(socket, line);
    };
    socket.on('close', () => {
      patience[Symbol.dispose]();
      quiet?.[Symbol.dispose]();
    });
    socket.on('end', take);
    socket.on('data', (text: string) => {
      line += text;
      quiet?.[Symbol.dispose]();
      const end = line.indexOf('\n');
      if (end >= 0) line = line.slice(0, end);
      if (end >= 0 || line.length > longestLine) take();
      else quiet = this.#ports.clock.after(quietMs, take);
    });
  }

  async #answer(socket: Socket, line: string): Promise<void> {
    const request = line.length > longestLine ? ({ kind: 'refused', reason: 'the command is too long' } as const) : parseCommand(line);
    if (request.kind === 'refused') return this.#end(socket, refusal(request.reason));
    try {
      await this.#run(socket, request.command);
    } catch (error) {
      this.#end(socket, refusal(error instanceof ServiceError ? error.message : 'the history could not be read'));
    }
  }

  async #run(socket: Socket, command: NtmdCommand): Promise<void> {
    switch (command.kind) {
      case 'snapshot':
        return this.#end(socket, payload(this.traffic.running, this.#options.intervalSeconds));
      case 'live':
      case 'live-text':
        return this.#follow({ socket, form: command.kind });
      case 'traffic-daily':
        return this.#end(socket, await this.#report(beginningOfDay(this.#ports.clock.now()), null));
      case 'traffic':
        return this.#end(socket, await this.#report(command.from, command.to));
    }
  }

  async #report(from: EpochMs, to: EpochMs | null): Promise<string> {
    if (from >= (to ?? this.#ports.clock.now()) || this.#client === null) return payload({}, null);
    const { rows } = await this.#client.query('report', { by: 'app', from, ...(to === null ? {} : { to }) });
    const applications = rows.map(({ key, displayName, rxBytes, txBytes, rxPackets, txPackets }) => ({
      id: key, displayName: displayName ?? key ?? '', bytesRx: rxBytes, bytesTx: txBytes, pktRxCount: rxPackets, pktTxCount: txPackets,
    }));
    return payload(byName(applications), null);
  }

  #follow(live: Live): void {
    const { socket, form } = live;
    this.#live.add(live);
    socket.setKeepAlive(true, keepAliveMs);
    socket.on('close', () => this.#live.delete(live));
    if (form === 'live-text') socket.write(welcomeText);
  }

  #publish(traffic: TrafficByName, seconds: number): void {
    const json = payload(traffic, seconds);
    const text = liveText(traffic, seconds);
    for (const { socket, form } of this.#live) {
      // What a slow client has not read yet is not added to: it misses this interval.
      if (socket.writableLength < heldBytes) socket.write(form === 'live' ? json : text);
    }
  }

  /** Says a last thing. Whoever does not read it is let go all the same. */
  #end(socket: Socket, text: string): void {
    if (socket.destroyed) return;
    const patience = this.#ports.clock.after(patienceMs, () => socket.destroy());
    socket.on('close', () => patience[Symbol.dispose]());
    socket.end(text, () => socket.destroySoon());
  }
}
