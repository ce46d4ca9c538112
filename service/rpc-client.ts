import { appContract } from '../protocol/app.ts';
import type { AppClient, AppCommandName, AppParameters, AppQueryName, AppResult, LiveEvent } from '../protocol/app.ts';
import { rpcErrorCodes, RpcResponse, SubscriptionEvent, SubscriptionStarted, unsubscribeMethod } from '../protocol/json-rpc.ts';
import { parseResult } from './app-calls.ts';
import { keepNewest } from './live-feed.ts';
import { gone } from './local-client.ts';
import { Mailbox } from './mailbox.ts';
import type { MessageChannel } from './message-channel.ts';
import { ServiceError } from './service-error.ts';

interface Waiting {
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: Error) => void;
}

/**
 * The app API over any transport, derived from the contract. Every message from the service is parsed; one that does not
 * parse ends the connection.
 */
export class RpcClient implements AppClient {
  readonly #channel: MessageChannel;
  readonly #waiting = new Map<number, Waiting>();
  readonly #subscriptions = new Map<number, Mailbox<LiveEvent>>();
  #nextId = 0;
  #ending: Error | null = null;

  /** `channel` is connected. */
  constructor(channel: MessageChannel) {
    this.#channel = channel;
    void this.#read();
  }

  async query<Name extends AppQueryName>(name: Name, parameters: AppParameters<Name>): Promise<AppResult<Name>> {
    return parseResult(name, await this.#request(name, parameters));
  }

  async command<Name extends AppCommandName>(name: Name, parameters: AppParameters<Name>): Promise<AppResult<Name>> {
    return parseResult(name, await this.#request(name, parameters));
  }

  live(): AsyncIterable<LiveEvent> {
    let subscription: number | null = null;
    const onEnd = (): void => {
      if (subscription !== null) this.#unsubscribe(subscription);
    };
    const events = new Mailbox<LiveEvent>(onEnd, keepNewest);
    // Settled while the answer is taken, so that the event that follows it finds its subscription.
    const resolve = (result: unknown): void => {
      subscription = SubscriptionStarted.parse(result).subscription;
      if (events.ended) this.#unsubscribe(subscription);
      else this.#subscriptions.set(subscription, events);
    };
    const reject = (error: Error): void => events.end(isGone(error) ? null : error);
    this.#send(appContract.subscription.name, {}, { resolve, reject });
    return events;
  }

  close(): void {
    this.#end(gone(), null);
  }

  #request(method: string, parameters: unknown): Promise<unknown> {
    return new Promise((resolve, reject) => this.#send(method, parameters, { resolve, reject }));
  }

  #send(method: string, params: unknown, waiting: Waiting): void {
    if (this.#ending !== null) {
      waiting.reject(this.#ending);
      return;
    }
    const id = this.#nextId;
    this.#nextId += 1;
    this.#waiting.set(id, waiting);
    void this.#channel.send(JSON.stringify({ jsonrpc: '2.0', id, method, params }));
  }

  #unsubscribe(subscription: number): void {
    this.#subscriptions.delete(subscription);
    if (this.#ending === null) this.#request(unsubscribeMethod, { subscription }).catch(() => undefined);
  }

  async #read(): Promise<void> {
    try {
      for await (const message of this.#channel.messages) this.#take(RpcResponse.parse(JSON.parse(message)));
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
      const code = response.error.code === rpcErrorCodes.notAllowed ? 'not-allowed' : 'service-refused';
      const error = new ServiceError(code, response.error.message);
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
    this.#channel.destroy();
  }
}

/** That the service goes away is how a subscription ends, not how it fails. */
function isGone(error: unknown): boolean {
  return error instanceof ServiceError && error.code === 'service-gone';
}
