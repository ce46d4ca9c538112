import { lstatSync } from 'node:fs';
import type { Socket } from 'node:net';
import { appContract, appProtocolVersion } from '../protocol/app.ts';
import type { AppClient, AppParameters, AppQueryName, AppResult, LiveEvent, ServiceIdentity } from '../protocol/app.ts';
import { maximumResponseBytes, RpcResponse, SubscriptionEvent, SubscriptionStarted, unsubscribeMethod } from '../protocol/json-rpc.ts';
import { parseResult } from './app-calls.ts';
import { linesOf } from './lines.ts';
import { gone } from './local-client.ts';
import { Mailbox } from './mailbox.ts';
import { ServiceError } from './service-error.ts';
import { connectedSocket } from './unix-socket.ts';

interface Waiting {
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: Error) => void;
}

/** The app API over a Unix socket. Every line from the service is parsed; one that does not parse ends the connection. */
export class SocketClient implements AppClient {
  readonly #socket: Socket;
  readonly #waiting = new Map<number, Waiting>();
  readonly #subscriptions = new Map<number, Mailbox<LiveEvent>>();
  #nextId = 0;
  #ending: Error | null = null;

  /** `socket` is connected. */
  constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('error', (error) => this.#end(gone(), error));
    void this.#read();
  }

  async query<Name extends AppQueryName>(name: Name, parameters: AppParameters<Name>): Promise<AppResult<Name>> {
    return parseResult[name](await this.#request(name, parameters));
  }

  live(): AsyncIterable<LiveEvent> {
    let subscription: number | null = null;
    const events = new Mailbox<LiveEvent>(() => {
      if (subscription !== null) this.#unsubscribe(subscription);
    });
    void this.#request(appContract.subscription.name, {}).then(
      (result) => {
        subscription = SubscriptionStarted.parse(result).subscription;
        if (events.ended) this.#unsubscribe(subscription);
        else this.#subscriptions.set(subscription, events);
      },
      (error: unknown) => events.end(isGone(error) ? null : asError(error)),
    );
    return events;
  }

  close(): void {
    this.#end(gone(), null);
  }

  #request(method: string, params: unknown): Promise<unknown> {
    if (this.#ending !== null) return Promise.reject(this.#ending);
    const id = this.#nextId;
    this.#nextId += 1;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#socket.write(`${JSON.stringify({ jsonrpc: '2.0', id, method, params })}\n`);
    });
  }

  #unsubscribe(subscription: number): void {
    this.#subscriptions.delete(subscription);
    if (this.#ending === null) this.#request(unsubscribeMethod, { subscription }).catch(() => undefined);
  }

  async #read(): Promise<void> {
    try {
      for await (const line of linesOf(this.#socket, maximumResponseBytes)) this.#take(RpcResponse.parse(JSON.parse(line)));
      this.#end(gone(), null);
    } catch (error) {
      this.#end(gone(), error);
    }
  }

  #take(response: RpcResponse): void {
    if ('method' in response) {
      const { subscription, event } = SubscriptionEvent.parse(response.params);
      this.#subscriptions.get(subscription)?.put(appContract.subscription.event.parse(event));
      return;
    }
    if ('error' in response) {
      const error = new ServiceError('service-refused', response.error.message);
      if (response.id === null) this.#end(error, null);
      else this.#settle(response.id, (waiting) => waiting.reject(error));
      return;
    }
    this.#settle(response.id, (waiting) => waiting.resolve(response.result));
  }

  #settle(id: number | string, settle: (waiting: Waiting) => void): void {
    if (typeof id !== 'number') return;
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (waiting !== undefined) settle(waiting);
  }

  #end(error: Error, cause: unknown): void {
    if (this.#ending !== null) return;
    if (cause !== null) error.cause = cause;
    this.#ending = error;
    for (const waiting of this.#waiting.values()) waiting.reject(error);
    for (const subscription of this.#subscriptions.values()) subscription.end();
    this.#waiting.clear();
    this.#subscriptions.clear();
    this.#socket.destroy();
  }
}

/** That the service goes away is how a subscription ends, not how it fails. */
function isGone(error: unknown): boolean {
  return error instanceof ServiceError && error.code === 'service-gone';
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}

/** A socket is believed only if this user or root made it: in a shared directory anybody could have. */
function refuseForeign(socketPath: string): void {
  const owner = lstatSync(socketPath, { throwIfNoEntry: false })?.uid ?? 0;
  if (owner === 0 || owner === process.getuid?.()) return;
  throw new ServiceError('service-refused', `${socketPath} belongs to another user (uid ${owner}); set TIDEWATCH_SOCKET to a path of your own`);
}

/** Who answers on a socket. `stranger`: somebody listens who is no Tidewatch service, or does not answer in time. */
export type WhoAnswers =
  | { readonly kind: 'nobody' }
  | { readonly kind: 'stranger' }
  | { readonly kind: 'service'; readonly identity: ServiceIdentity };

/** A service answers within milliseconds; one that takes this long has stopped. */
const answerMs = 3000;

/** Asks whoever listens there who they are. */
export async function askWhoAnswers(socketPath: string): Promise<WhoAnswers> {
  let socket: Socket | null;
  try {
    socket = await connectedSocket(socketPath);
  } catch {
    // Somebody may be there, but will not have us.
    return { kind: 'stranger' };
  }
  if (socket === null) return { kind: 'nobody' };
  const client = new SocketClient(socket);
  socket.setTimeout(answerMs, () => client.close());
  try {
    return { kind: 'service', identity: await client.query('identify', {}) };
  } catch {
    return { kind: 'stranger' };
  } finally {
    client.close();
  }
}

/**
 * A client of the service that listens on `socketPath`, or null where nobody does. Throws {@link ServiceError}
 * 'service-refused' where the socket belongs to another user, or who listens speaks another version or not at all.
 */
export async function connectToService(socketPath: string): Promise<AppClient | null> {
  refuseForeign(socketPath);
  const answer = await askWhoAnswers(socketPath);
  if (answer.kind === 'nobody') return null;
  if (answer.kind === 'stranger') {
    throw new ServiceError('service-refused', `who listens on ${socketPath} is no Tidewatch service; set TIDEWATCH_SOCKET to another path`);
  }
  const { protocol, pid } = answer.identity;
  if (protocol !== appProtocolVersion) {
    throw new ServiceError(
      'service-refused',
      `the running service (pid ${pid}) speaks version ${protocol} of the app protocol, not ${appProtocolVersion}; restart it`,
    );
  }
  const socket = await connectedSocket(socketPath);
  return socket === null ? null : new SocketClient(socket);
}
