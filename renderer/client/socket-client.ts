import { appContract } from '../../protocol/app.ts';
import type { AppClient, AppCommandName, AppParameters, AppQueryName, AppResult, LiveEvent } from '../../protocol/app.ts';
import { rpcErrorCodes, RpcResponse, SubscriptionEvent, SubscriptionStarted, unsubscribeMethod } from '../../protocol/json-rpc.ts';
import { EventQueue } from './event-queue.ts';
import { parsed } from './parsed.ts';
import { Refused, ServiceGone } from './service-gone.ts';

interface Waiting {
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: Error) => void;
}

/** The app API over a WebSocket as docs/API.md describes it. What the service says is parsed; what does not parse ends the connection. */
export class SocketClient implements AppClient {
  readonly #socket: WebSocket;
  readonly #waiting = new Map<number, Waiting>();
  readonly #subscriptions = new Map<number, EventQueue>();
  #nextId = 0;
  #ended = false;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.addEventListener('message', ({ data }) => this.#take(data));
    socket.addEventListener('close', () => this.close());
  }

  /** Connects. Rejects with {@link ServiceGone} where nobody answers, or the page is not let in. */
  static open(address: string): Promise<SocketClient> {
    return new Promise((resolve, reject) => {
      const socket = new WebSocket(address);
      socket.addEventListener('open', () => resolve(new SocketClient(socket)), { once: true });
      socket.addEventListener('error', () => reject(new ServiceGone()), { once: true });
    });
  }

  async query<Name extends AppQueryName>(name: Name, parameters: AppParameters<Name>): Promise<AppResult<Name>> {
    return parsed(name, await this.#request(name, parameters));
  }

  async command<Name extends AppCommandName>(name: Name, parameters: AppParameters<Name>): Promise<AppResult<Name>> {
    return parsed(name, await this.#request(name, parameters));
  }

  live(): AsyncIterable<LiveEvent> {
    let subscription: number | null = null;
    const events = new EventQueue(() => {
      if (subscription !== null) this.#unsubscribe(subscription);
    });
    const resolve = (result: unknown): void => {
      subscription = SubscriptionStarted.parse(result).subscription;
      if (events.ended) this.#unsubscribe(subscription);
      else this.#subscriptions.set(subscription, events);
    };
    this.#send(appContract.subscription.name, {}, { resolve, reject: () => events.end() });
    return events;
  }

  close(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#socket.close();
    const waiting = [...this.#waiting.values()];
    const subscriptions = [...this.#subscriptions.values()];
    this.#waiting.clear();
    this.#subscriptions.clear();
    for (const each of waiting) each.reject(new ServiceGone());
    for (const each of subscriptions) each.end();
  }

  #request(method: string, parameters: unknown): Promise<unknown> {
    return new Promise((resolve, reject) => this.#send(method, parameters, { resolve, reject }));
  }

  #send(method: string, params: unknown, waiting: Waiting): void {
    if (this.#ended) return waiting.reject(new ServiceGone());
    const id = this.#nextId;
    this.#nextId += 1;
    this.#waiting.set(id, waiting);
    this.#socket.send(JSON.stringify({ jsonrpc: '2.0', id, method, params }));
  }

  #unsubscribe(subscription: number): void {
    this.#subscriptions.delete(subscription);
    if (!this.#ended) this.#request(unsubscribeMethod, { subscription }).catch(() => undefined);
  }

  #take(data: unknown): void {
    try {
      this.#takeResponse(RpcResponse.parse(JSON.parse(String(data))));
    } catch {
      // Whatever this is, it is not our service: nothing more is believed of it.
      this.close();
    }
  }

  #takeResponse(response: RpcResponse): void {
    if ('method' in response) {
      const { subscription, event } = SubscriptionEvent.parse(response.params);
      this.#subscriptions.get(subscription)?.put(appContract.subscription.event.parse(event));
      return;
    }
    if ('error' in response) {
      const { code, message } = response.error;
      const refused = new Refused(message, code === rpcErrorCodes.notAllowed ? 'reading-only' : 'refused');
      if (response.id === null) this.close();
      else this.#settle(response.id, (waiting) => waiting.reject(refused));
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
}
