import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { chmodSync, lstatSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import type { Server, Socket } from 'node:net';
import path from 'node:path';
import { maximumRequestBytes } from '../protocol/json-rpc.ts';
import type { Caller } from './app-calls.ts';
import { AppConnection } from './app-connection.ts';
import type { AppConnectionPorts } from './app-connection.ts';
import { askWhoAnswers } from './app-client.ts';
import { errorCode } from './error-code.ts';
import { socketChannel } from './message-channel.ts';
import { ServiceError } from './service-error.ts';

/**
 * Who can connect has the rights of the socket's owner: its mode (0600, in a folder of mode 0700) lets in nobody but that
 * user and root, who could as well write the history itself.
 */
const owner: Caller = { rights: 'control' };

/** How often a socket left by the dead is cleared away before giving up: each time another instance may have come. */
const attempts = 3;

/** Names of files that begin with a dot and a fresh identity are nobody else's. */
function nameAside(socketPath: string): string {
  return path.join(path.dirname(socketPath), `.${randomUUID()}.stale`);
}

function isSocket(file: string): boolean {
  return lstatSync(file, { throwIfNoEntry: false })?.isSocket() ?? false;
}

/** Throws {@link ServiceError} if somebody listens there: 'already-running' with the pid, or 'socket-in-use'. */
export async function refuseLiving(socketPath: string): Promise<void> {
  const answer = await askWhoAnswers(socketPath);
  if (answer.kind === 'service') {
    const { pid } = answer.identity;
    throw new ServiceError('already-running', `Tidewatch is already running (pid ${pid}); use it, or end it with: kill ${pid}`);
  }
  if (answer.kind === 'stranger') {
    throw new ServiceError('socket-in-use', `something else listens on ${socketPath}; name another path with TIDEWATCH_SOCKET`);
  }
}

/**
 * Clears away a socket that nobody listens on. It is moved aside before it is deleted and asked again there: between
 * the question and the answer another instance may have put its own in place, which is then put back.
 */
async function clearStale(socketPath: string): Promise<void> {
  if (!isSocket(socketPath)) {
    throw new ServiceError('socket-in-use', `${socketPath} is there and is no socket; move it, or set TIDEWATCH_SOCKET`);
  }
  await refuseLiving(socketPath);
  const aside = nameAside(socketPath);
  try {
    renameSync(socketPath, aside);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return;
    throw error;
  }
  try {
    await refuseLiving(aside);
  } catch (error) {
    renameSync(aside, socketPath);
    throw error;
  }
  rmSync(aside);
}

/** Creates the socket readable and writable by its owner alone, from its first instant: bind() obeys the umask. */
async function listenPrivately(server: Server, socketPath: string): Promise<void> {
  const umask = process.umask(0o177);
  try {
    server.listen(socketPath);
  } finally {
    process.umask(umask);
  }
  await once(server, 'listening');
  chmodSync(socketPath, 0o600);
}

function prepareDirectory(socketPath: string): void {
  const directory = path.dirname(socketPath);
  mkdirSync(path.dirname(directory), { recursive: true, mode: 0o755 });
  try {
    mkdirSync(directory, { mode: 0o700 });
  } catch (error) {
    if (errorCode(error) !== 'EEXIST') throw error;
  }
}

async function bind(server: Server, socketPath: string): Promise<void> {
  prepareDirectory(socketPath);
  for (let attempt = 1; ; attempt += 1) {
    try {
      await listenPrivately(server, socketPath);
      return;
    } catch (error) {
      if (errorCode(error) !== 'EADDRINUSE' || attempt === attempts) throw error;
      await clearStale(socketPath);
    }
  }
}

/** Serves the app API on a Unix socket: mode 0600, in a directory of mode 0700 where it had to be made. */
export class AppServer implements AsyncDisposable {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(ports: AppConnectionPorts) {
    this.#server = createServer((socket) => void this.#serve(socket, ports));
    this.#server.maxConnections = ports.limits.connections;
  }

  /**
   * Begins to listen. A socket whose instance is dead is replaced. Throws {@link ServiceError}: 'already-running' with
   * the other's pid, 'socket-in-use' where the path is taken by something else or cannot be made.
   */
  static async listen(socketPath: string, ports: AppConnectionPorts): Promise<AppServer> {
    const server = new AppServer(ports);
    try {
      await bind(server.#server, socketPath);
      return server;
    } catch (error) {
      if (error instanceof ServiceError) throw error;
      const reason = errorCode(error) ?? String(error);
      throw new ServiceError('socket-in-use', `cannot listen on ${socketPath} (${reason}); set TIDEWATCH_SOCKET to a path that can be written`, {
        cause: error,
      });
    }
  }

  /** What was sent to all clients and not taken yet, in bytes. */
  get buffered(): number {
    return [...this.#sockets].reduce((sum, socket) => sum + socket.writableLength, 0);
  }

  /** Ends every connection and removes the socket. */
  async [Symbol.asyncDispose](): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  async #serve(socket: Socket, ports: AppConnectionPorts): Promise<void> {
    this.#sockets.add(socket);
    socket.on('error', (error) => ports.log.debug('an app connection broke', { reason: error.message }));
    await new AppConnection(socketChannel(socket, maximumRequestBytes), owner, ports).serve();
    this.#sockets.delete(socket);
  }
}
