import { connect } from 'node:net';
import type { Socket } from 'node:net';
import type { NameSeen } from '../../protocol/flow.ts';
import type { EpochMs } from '../../protocol/units.ts';
import { LineSplitter } from '../link/lines.ts';
import { readReply } from './query-result.ts';

/** Where systemd-resolved listens for who wants to know its answers (since version 252). */
export const monitorSocket = '/run/systemd/resolve/io.systemd.Resolve.Monitor';

/** Varlink: JSON values, each ended by a zero byte. */
const endOfMessage = 0;
const subscription = `${JSON.stringify({ method: 'io.systemd.Resolve.Monitor.SubscribeQueryResults', parameters: {}, more: true })}\0`;

/** Longest reply: an answer of 64 KiB has some 200 KiB as JSON. A longer one ends the connection. */
const maximumReplyBytes = 1_048_576;

const firstPauseMs = 1000;
const longestPauseMs = 60_000;

/** Why the monitor tells nothing now. `absent`: nobody listens there; `refused`: it may not be asked, or speaks otherwise. */
export type MonitorState = 'connecting' | 'listening' | 'absent' | 'refused';

export interface ResolverMonitorPorts {
  readonly path: string;
  readonly now: () => EpochMs;
  readonly seen: (name: NameSeen) => void;
  /** Calls `act` after so many milliseconds; the result prevents it. Injected so that tests need not wait. */
  readonly after: (milliseconds: number, act: () => void) => () => void;
}

function stateOf(error: unknown): MonitorState {
  const code = error instanceof Error && 'code' in error ? error.code : null;
  return code === 'ENOENT' || code === 'ECONNREFUSED' ? 'absent' : 'refused';
}

/**
 * Hears what the system's resolver answers to the programs of this machine, whichever way it asked: over TLS, from its cache
 * or by a stub on loopback. Connects again with growing pauses for as long as it lives; a resolver that is not there costs
 * one attempt a minute.
 */
export class ResolverMonitor implements Disposable {
  readonly #ports: ResolverMonitorPorts;
  #socket: Socket | null = null;
  #cancelPause: () => void = () => undefined;
  #pauseMs = firstPauseMs;
  #state: MonitorState = 'connecting';
  #closed = false;

  constructor(ports: ResolverMonitorPorts) {
    this.#ports = ports;
    this.#connect();
  }

  get state(): MonitorState {
    return this.#state;
  }

  /** Ends the connection; nothing is seen afterwards. */
  [Symbol.dispose](): void {
    this.#closed = true;
    this.#cancelPause();
    this.#socket?.destroy();
  }

  #connect(): void {
    if (this.#closed) return;
    const socket = connect(this.#ports.path);
    this.#socket = socket;
    const replies = new LineSplitter(maximumReplyBytes, endOfMessage);
    socket.once('connect', () => socket.write(subscription));
    socket.on('data', (piece) => this.#take(socket, replies.push(piece)));
    socket.once('error', (error) => {
      this.#state = stateOf(error);
    });
    socket.once('close', () => this.#lost());
    // It is no reason to stay: the helper ends by itself.
    socket.unref();
  }

  #take(socket: Socket, replies: readonly string[] | null): void {
    if (socket.destroyed) return;
    if (replies === null || !replies.every((reply) => this.#read(reply))) this.#refuse(socket);
  }

  /** Whether the server goes on as one should. */
  #read(text: string): boolean {
    const reply = readReply(text, this.#ports.now());
    if (reply.kind !== 'names') return false;
    this.#state = 'listening';
    this.#pauseMs = firstPauseMs;
    for (const name of reply.names) this.#ports.seen(name);
    return true;
  }

  #refuse(socket: Socket): void {
    this.#state = 'refused';
    socket.destroy();
  }

  #lost(): void {
    if (this.#closed) return;
    if (this.#state === 'listening' || this.#state === 'connecting') this.#state = 'absent';
    this.#cancelPause = this.#ports.after(this.#pauseMs, () => this.#connect());
    this.#pauseMs = Math.min(this.#pauseMs * 2, longestPauseMs);
  }
}
