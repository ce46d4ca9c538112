import type { AppClient, AppCommandName, AppMethodName, AppParameters, AppQueryName, AppResult, LiveEvent } from '../protocol/app.ts';
import { refusalFor } from './app-calls.ts';
import type { AppCalls, Caller } from './app-calls.ts';
import type { AppLimits } from './app-limits.ts';
import type { LiveFeed } from './live-feed.ts';
import type { Mailbox } from './mailbox.ts';
import { ServiceError } from './service-error.ts';

/** The app API for the process that the service runs in: the same calls, without a socket between. */
export class LocalClient implements AppClient {
  readonly #calls: AppCalls;
  readonly #feed: LiveFeed;
  readonly #limits: AppLimits;
  readonly #subscriptions = new Set<Mailbox<LiveEvent>>();
  readonly #ended = new AbortController();
  /** Whoever holds the service itself may do all. */
  readonly #owner: Caller = { rights: 'control', ended: this.#ended.signal };
  #closed = false;

  constructor(calls: AppCalls, feed: LiveFeed, limits: AppLimits) {
    this.#calls = calls;
    this.#feed = feed;
    this.#limits = limits;
  }

  query<Name extends AppQueryName>(name: Name, parameters: AppParameters<Name>): Promise<AppResult<Name>> {
    return this.#call(name, parameters);
  }

  command<Name extends AppCommandName>(name: Name, parameters: AppParameters<Name>): Promise<AppResult<Name>> {
    return this.#call(name, parameters);
  }

  live(): AsyncIterable<LiveEvent> {
    for (const one of this.#subscriptions) if (one.ended) this.#subscriptions.delete(one);
    const subscription = this.#feed.subscribe();
    if (this.#closed) subscription.end();
    else if (this.#subscriptions.size >= this.#limits.subscriptionsPerClient) subscription.end(tooMany(this.#limits));
    else this.#subscriptions.add(subscription);
    return subscription;
  }

  close(): void {
    this.#closed = true;
    this.#ended.abort();
    for (const subscription of this.#subscriptions) subscription.end();
    this.#subscriptions.clear();
  }

  async #call<Name extends AppMethodName>(name: Name, parameters: AppParameters<Name>): Promise<AppResult<Name>> {
    if (this.#closed) throw gone();
    try {
      return await this.#calls.call(name, parameters, this.#owner);
    } catch (error) {
      throw refusalFor(error) ?? error;
    }
  }
}

/** What a client says once the service, or the client itself, was closed. */
export function gone(): ServiceError {
  return new ServiceError('service-gone', 'the Tidewatch service has ended; start it with: tidewatch serve');
}

/** What a client is told that subscribes more often than it may. */
export function tooMany(limits: AppLimits): ServiceError {
  return new ServiceError(
    'service-refused',
    `one client may have ${limits.subscriptionsPerClient} live subscriptions; end one before beginning another`,
  );
}
