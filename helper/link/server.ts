import { createServer } from 'node:net';
import type { Server } from 'node:net';
import { once } from 'node:events';
import { helperProtocolVersion } from '../../protocol/helper.ts';
import type { CaptureConfiguration, HeaderRecording, HelperCommand, HelperMessage } from '../../protocol/helper.ts';
import type { EpochMs } from '../../protocol/units.ts';
import { Connection } from './connection.ts';
import { claimSocketPlace, handSocketTo, SocketPlaceError } from './socket-place.ts';
import type { SocketOwner } from './socket-place.ts';

/** What the service may ask, and what it is told when it comes. */
export interface LinkEvents {
  configure(configuration: CaptureConfiguration): void;
  pause(): void;
  resume(): void;
  stop(): void;
  record(recording: HeaderRecording): void;
  freeze(): void;
  /** The service has gone. */
  gone(): void;
  /** The state of things, told right after `hello`: interfaces and troubles. */
  state(): readonly HelperMessage[];
}

/** Who this helper is. */
export interface HelperIdentity {
  readonly version: string;
  readonly pid: number;
  readonly startedAt: EpochMs;
}

/** Connections at one time, most: one service, and a few that are about to be refused. */
const maximumConnections = 8;

/** The server side of protocol/helper.ts: one socket, one service at a time. */
export class LinkServer {
  readonly #path: string;
  readonly #owner: SocketOwner;
  readonly #identity: HelperIdentity;
  readonly #events: LinkEvents;
  readonly #connections = new Set<Connection>();
  readonly #server: Server;
  #service: Connection | null = null;

  constructor(parts: {
    readonly path: string;
    readonly owner: SocketOwner;
    readonly identity: HelperIdentity;
    readonly events: LinkEvents;
  }) {
    this.#path = parts.path;
    this.#owner = parts.owner;
    this.#identity = parts.identity;
    this.#events = parts.events;
    this.#server = createServer((socket) => {
      const connection = new Connection(socket, {
        greeted: (greeted) => this.#greeted(greeted),
        command: (command) => this.#obey(command),
        ended: (ended) => this.#ended(ended),
      });
      this.#connections.add(connection);
    });
    this.#server.maxConnections = maximumConnections;
  }

  /** Begins to listen. Throws {@link SocketPlaceError} where the place is taken or cannot be used. */
  async listen(): Promise<void> {
    await claimSocketPlace(this.#path);
    // The mask holds while bind(2) makes the socket, so that there is no moment in which others could connect.
    const mask = process.umask(0o177);
    try {
      this.#server.listen(this.#path);
      await once(this.#server, 'listening');
      handSocketTo(this.#path, this.#owner);
    } catch (cause) {
      this.#server.close();
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new SocketPlaceError('socket-unusable', `cannot listen on ${this.#path}: ${reason}`, cause);
    } finally {
      process.umask(mask);
    }
  }

  /** The service if it is there and has read what it was sent; null where everything must be kept for later. */
  reader(): Connection | null {
    return this.#service?.ready === true ? this.#service : null;
  }

  /** Tells the service if there is one. For what is part of {@link LinkEvents.state}, so that a later one learns it, too. */
  tell(message: HelperMessage): void {
    this.#service?.send(message);
  }

  /** Ends all connections and removes the socket. */
  close(): void {
    for (const connection of this.#connections) connection.close();
    this.#server.close();
  }

  #greeted(connection: Connection): true | string {
    if (this.#service !== null) return 'another service is connected to this helper';
    this.#service = connection;
    connection.send({ kind: 'hello', protocol: helperProtocolVersion, ...this.#identity });
    for (const message of this.#events.state()) connection.send(message);
    return true;
  }

  #ended(connection: Connection): void {
    this.#connections.delete(connection);
    if (this.#service !== connection) return;
    this.#service = null;
    this.#events.gone();
  }

  #obey(command: Exclude<HelperCommand, { readonly kind: 'hello' }>): void {
    switch (command.kind) {
      case 'configure':
        this.#events.configure(command.configuration);
        return;
      case 'pause':
        this.#events.pause();
        return;
      case 'resume':
        this.#events.resume();
        return;
      case 'record':
        this.#events.record(command.recording);
        return;
      case 'freeze':
        this.#events.freeze();
        return;
      case 'stop':
        this.#events.stop();
    }
  }
}
