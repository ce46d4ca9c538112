import { appContract } from '../protocol/app.ts';
import type { LiveEvent } from '../protocol/app.ts';
import { maximumResponseBytes, rpcErrorCodes, RpcRequest, SubscriptionStarted, unsubscribeMethod } from '../protocol/json-rpc.ts';
import type { RequestId, RpcResponse, SubscriptionEvent } from '../protocol/json-rpc.ts';
import { isMethodName, maySubscribe, ParametersRefused, RightsRefused } from './app-calls.ts';
import type { AppCalls, Caller } from './app-calls.ts';
import type { AppLimits } from './app-limits.ts';
import { LineTooLong } from './lines.ts';
import type { LiveFeed } from './live-feed.ts';
import { tooMany } from './local-client.ts';
import type { Log } from './log.ts';
import type { Mailbox } from './mailbox.ts';
import type { MessageChannel } from './message-channel.ts';
import { ServiceError } from './service-error.ts';

/** What a server hands to each of its connections. */
export interface AppConnectionPorts {
  readonly calls: AppCalls;
  readonly feed: LiveFeed;
  readonly limits: AppLimits;
  readonly log: Log;
}

type Answer = { readonly result: unknown } | { readonly error: { code: number; message: string; data?: string } };

function refusal(code: number, message: string): Answer {
  return { error: { code, message } };
}

/**
 * One client, whatever carries its messages; what it may do was decided when it connected. Requests are answered one after
 * another, and none is read before the answer to the one before it has gone; events never queue, and one message is
 * written at a time: so a client that does not read holds one message and the last alerts, and a client that is slow finds the newest.
 */
export class AppConnection {
  readonly #channel: MessageChannel;
  readonly #caller: Caller;
  readonly #ports: AppConnectionPorts;
  readonly #subscriptions = new Map<number, Mailbox<LiveEvent>>();
  readonly #ended = new AbortController();
  #nextSubscription = 0;
  #sending: Promise<void> = Promise.resolve();

  constructor(channel: MessageChannel, caller: Caller, ports: AppConnectionPorts) {
    this.#channel = channel;
    this.#caller = { ...caller, ended: this.#ended.signal };
    this.#ports = ports;
  }

  /** Serves the client until it or the service goes. Never rejects. */
  async serve(): Promise<void> {
    try {
      for await (const message of this.#channel.messages) await this.#take(message);
    } catch (error) {
      await this.#giveUp(error);
    } finally {
      for (const subscription of this.#subscriptions.values()) subscription.end();
      this.#ended.abort();
      this.#channel.destroy();
    }
  }

  /** A message that is too long is answered before the end; a broken connection is only noted. */
  async #giveUp(error: unknown): Promise<void> {
    this.#ports.log.debug('an app connection ended', { reason: String(error) });
    if (!(error instanceof LineTooLong)) return;
    await this.#answer(null, refusal(rpcErrorCodes.invalidRequest, error.message));
    await this.#channel.end();
  }

  async #take(message: string): Promise<void> {
    let value: unknown;
    try {
      value = JSON.parse(message);
    } catch {
      await this.#answer(null, refusal(rpcErrorCodes.parseError, 'the message is not JSON'));
      return;
    }
    const request = RpcRequest.safeParse(value);
    if (!request.success) {
      await this.#answer(null, refusal(rpcErrorCodes.invalidRequest, 'the message is not a JSON-RPC 2.0 request'));
      return;
    }
    const answer = await this.#perform(request.data);
    if (request.data.id !== undefined) await this.#answer(request.data.id, answer);
  }

  async #perform({ method, params }: RpcRequest): Promise<Answer> {
    try {
      if (isMethodName(method)) return { result: await this.#ports.calls.call(method, params, this.#caller) };
      if (method === appContract.subscription.name) return this.#subscribe();
      if (method === unsubscribeMethod) return this.#unsubscribe(params);
      return refusal(rpcErrorCodes.methodNotFound, 'there is no such method');
    } catch (error) {
      return this.#refusalOf(error);
    }
  }

  #refusalOf(error: unknown): Answer {
    if (error instanceof ParametersRefused) return refusal(rpcErrorCodes.invalidParams, error.message);
    if (error instanceof RightsRefused) {
      return { error: { code: rpcErrorCodes.notAllowed, message: error.message, data: 'not-allowed' } };
    }
    if (error instanceof ServiceError) {
      return { error: { code: rpcErrorCodes.refused, message: error.message, data: error.code } };
    }
    this.#ports.log.error('a method failed', { reason: String(error) });
    return refusal(rpcErrorCodes.internalError, 'the service failed to answer; its log says why');
  }

  #subscribe(): Answer {
    const { limits, feed } = this.#ports;
    if (!maySubscribe(this.#caller)) throw new RightsRefused(appContract.subscription.name);
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
    // The answer that names the subscription goes before its first event, which may be there already.
    await new Promise((resolve) => setImmediate(resolve));
    for await (const event of events) {
      const params: SubscriptionEvent = { subscription, event };
      await this.#send({ jsonrpc: '2.0', method: appContract.subscription.name, params });
    }
    // The feed has ended, and with it the service.
    if (this.#subscriptions.has(subscription)) await this.#channel.end();
  }

  async #answer(id: RequestId | null, answer: Answer): Promise<void> {
    if ('error' in answer) await this.#send({ jsonrpc: '2.0', id, error: answer.error });
    else if (id !== null) await this.#send({ jsonrpc: '2.0', id, result: answer.result });
  }

  /** Resolves when there is room for the next message, or nobody to write to. */
  #send(response: RpcResponse): Promise<void> {
    this.#sending = this.#sending.then(() => this.#channel.send(textOf(response)));
    return this.#sending;
  }
}

/** The message as text; an answer that is longer than a client takes becomes a refusal that says so. */
function textOf(response: RpcResponse): string {
  const text = JSON.stringify(response);
  if (text.length <= maximumResponseBytes / 3 || Buffer.byteLength(text) <= maximumResponseBytes) return text;
  const id = 'id' in response ? response.id : null;
  const error = { code: rpcErrorCodes.refused, message: 'the answer is too long; ask for a shorter time or fewer rows', data: 'service-refused' };
  return JSON.stringify({ jsonrpc: '2.0', id, error } satisfies RpcResponse);
}
