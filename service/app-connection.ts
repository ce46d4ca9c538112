import type { Socket } from 'node:net';
import { once } from 'node:events';
import { appContract } from '../protocol/app.ts';
import type { LiveEvent } from '../protocol/app.ts';
import { maximumRequestBytes, rpcErrorCodes, RpcRequest, SubscriptionStarted, unsubscribeMethod } from '../protocol/json-rpc.ts';
import type { RequestId, RpcResponse, SubscriptionEvent } from '../protocol/json-rpc.ts';
import { isQueryName, ParametersRefused } from './app-calls.ts';
import type { AppCalls } from './app-calls.ts';
import type { AppLimits } from './app-limits.ts';
import { LineTooLong, linesOf } from './lines.ts';
import type { LiveFeed } from './live-feed.ts';
import type { Log } from './log.ts';
import type { Mailbox } from './mailbox.ts';
import { tooMany } from './local-client.ts';
import { ServiceError } from './service-error.ts';

/** What a server hands to each of its connections. */
export interface AppConnectionPorts {
  readonly calls: AppCalls;
  readonly feed: LiveFeed;
  readonly limits: AppLimits;
  readonly log: Log;
}

/** How long a client that was refused may take to notice. */
const lingerMs = 2000;

type Answer = { readonly result: unknown } | { readonly error: { code: number; message: string; data?: string } };

function refusal(code: number, message: string): Answer {
  return { error: { code, message } };
}

/**
 * One client on a stream socket. Requests are answered one after another, and none is read before the answer to the
 * one before it has gone, so that a client that does not read cannot make anything grow. Events never queue: a client
 * that is slow finds the newest.
 */
export class AppConnection {
  readonly #socket: Socket;
  readonly #ports: AppConnectionPorts;
  readonly #subscriptions = new Map<number, Mailbox<LiveEvent>>();
  #nextSubscription = 0;

  constructor(socket: Socket, ports: AppConnectionPorts) {
    this.#socket = socket;
    this.#ports = ports;
  }

  /** Serves the client until it or the service goes. Never rejects. */
  async serve(): Promise<void> {
    try {
      const stream = this.#socket.iterator({ destroyOnReturn: false });
      for await (const line of linesOf(stream, maximumRequestBytes)) await this.#take(line);
    } catch (error) {
      await this.#giveUp(error);
    } finally {
      for (const subscription of this.#subscriptions.values()) subscription.end();
      this.#socket.destroy();
    }
  }

  /** A line that is too long is answered before the end; a broken connection is only noted. */
  async #giveUp(error: unknown): Promise<void> {
    this.#ports.log.debug('an app connection ended', { reason: String(error) });
    if (!(error instanceof LineTooLong) || this.#socket.destroyed) return;
    await this.#answer(null, refusal(rpcErrorCodes.invalidRequest, error.message));
    // To close while the client still writes would break its pipe before it reads the answer: what comes is dropped.
    this.#socket.resume();
    this.#socket.end();
    try {
      await once(this.#socket, 'close', { signal: AbortSignal.timeout(lingerMs) });
    } catch (reason) {
      this.#ports.log.debug('an app client did not go when it was told to', { reason: String(reason) });
    }
  }

  async #take(line: string): Promise<void> {
    let value: unknown;
    try {
      value = JSON.parse(line);
    } catch {
      await this.#answer(null, refusal(rpcErrorCodes.parseError, 'the line is not JSON'));
      return;
    }
    const request = RpcRequest.safeParse(value);
    if (!request.success) {
      await this.#answer(null, refusal(rpcErrorCodes.invalidRequest, 'the line is not a JSON-RPC 2.0 request'));
      return;
    }
    const answer = await this.#perform(request.data);
    if (request.data.id !== undefined) await this.#answer(request.data.id, answer);
  }

  async #perform({ method, params }: RpcRequest): Promise<Answer> {
    try {
      if (isQueryName(method)) return { result: await this.#ports.calls[method](params) };
      if (method === appContract.subscription.name) return this.#subscribe();
      if (method === unsubscribeMethod) return this.#unsubscribe(params);
      return refusal(rpcErrorCodes.methodNotFound, 'there is no such method');
    } catch (error) {
      return this.#refusalOf(error);
    }
  }

  #refusalOf(error: unknown): Answer {
    if (error instanceof ParametersRefused) return refusal(rpcErrorCodes.invalidParams, error.message);
    if (error instanceof ServiceError) {
      return { error: { code: rpcErrorCodes.refused, message: error.message, data: error.code } };
    }
    this.#ports.log.error('a query failed', { reason: String(error) });
    return refusal(rpcErrorCodes.internalError, 'the service failed to answer; its log says why');
  }

  #subscribe(): Answer {
    const { limits, feed } = this.#ports;
    if (this.#subscriptions.size >= limits.subscriptionsPerClient) return this.#refusalOf(tooMany(limits));
    const subscription = this.#nextSubscription;
    this.#nextSubscription += 1;
    const events = feed.subscribe();
    this.#subscriptions.set(subscription, events);
    void this.#pump(subscription, events);
    return { result: { subscription } };
  }

  #unsubscribe(parameters: unknown): Answer {
    const parsed = SubscriptionStarted.safeParse(parameters);
    if (!parsed.success) return refusal(rpcErrorCodes.invalidParams, 'unsubscribe takes { subscription: number }');
    this.#subscriptions.get(parsed.data.subscription)?.end();
    this.#subscriptions.delete(parsed.data.subscription);
    return { result: {} };
  }

  async #pump(subscription: number, events: Mailbox<LiveEvent>): Promise<void> {
    for await (const event of events) {
      const params: SubscriptionEvent = { subscription, event };
      await this.#send({ jsonrpc: '2.0', method: appContract.subscription.name, params });
    }
    // The feed has ended, and with it the service.
    if (this.#subscriptions.has(subscription)) this.#socket.end();
  }

  async #answer(id: RequestId | null, answer: Answer): Promise<void> {
    if ('error' in answer) await this.#send({ jsonrpc: '2.0', id, error: answer.error });
    else if (id !== null) await this.#send({ jsonrpc: '2.0', id, result: answer.result });
  }

  /** Resolves when there is room for the next line, or nobody to write to. */
  async #send(response: RpcResponse): Promise<void> {
    const socket = this.#socket;
    if (!socket.writable || socket.write(`${JSON.stringify(response)}\n`)) return;
    const left = new AbortController();
    const { signal } = left;
    try {
      await Promise.race([once(socket, 'drain', { signal }), once(socket, 'close', { signal })]);
    } catch (error) {
      this.#ports.log.debug('an app client went away while it was written to', { reason: String(error) });
    } finally {
      left.abort();
    }
  }
}
