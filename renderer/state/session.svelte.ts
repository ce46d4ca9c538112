import type { AppClient, AppCommandName, AppParameters, AppQueryName, AppResult, LiveEvent, Rights } from '../../protocol/app.ts';
import { ServiceGone } from '../client/service-gone.ts';

/**
 * The way to the service: made, watched, and made again. While nobody sees the window nothing is subscribed to, so that nothing
 * comes and nothing runs; no timer either.
 */

export type Connection = 'connecting' | 'open' | 'lost' | 'refused';

const firstRetryMs = 1000;
const longestRetryMs = 30_000;

export interface SessionPorts {
  /** Makes a connection, or rejects with `ServiceGone`. */
  readonly connect: () => Promise<AppClient>;
  /** Takes the events of the subscription. */
  readonly take: (event: LiveEvent) => void;
  /** Who tells the service that a person looks at this window: a desktop shell knows it better. */
  readonly presence: 'told-here' | 'told-by-shell';
}

export class Session {
  readonly #ports: SessionPorts;
  #client: AppClient | null = null;
  #events: AsyncIterator<LiveEvent> | null = null;
  #connection: Connection = $state('connecting');
  #rights: Rights = $state('read');
  /** Counts up with every connection and every return of the window: who shows the past asks anew. */
  #round = $state(0);
  #retryMs = firstRetryMs;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #busy = false;
  #inFront = false;

  constructor(ports: SessionPorts) {
    this.#ports = ports;
    document.addEventListener('visibilitychange', () => this.#onVisibility());
    for (const event of ['focus', 'blur']) window.addEventListener(event, () => this.#tellPresence());
  }

  get connection(): Connection {
    return this.#connection;
  }

  /** Whether commands are allowed on this connection. */
  get mayChange(): boolean {
    return this.#rights === 'control';
  }

  get round(): number {
    return this.#round;
  }

  /** Rejects with `ServiceGone` while there is no connection, and with `Refused` where the service says no. */
  query<Name extends AppQueryName>(name: Name, parameters: AppParameters<Name>): Promise<AppResult<Name>> {
    return this.#client === null ? Promise.reject(new ServiceGone()) : this.#client.query(name, parameters);
  }

  /** As {@link query}. */
  command<Name extends AppCommandName>(name: Name, parameters: AppParameters<Name>): Promise<AppResult<Name>> {
    return this.#client === null ? Promise.reject(new ServiceGone()) : this.#client.command(name, parameters);
  }

  /** Connects, unless it is connected or nobody looks. */
  async open(): Promise<void> {
    clearTimeout(this.#timer);
    if (this.#busy || this.#client !== null || document.hidden) return;
    this.#busy = true;
    try {
      const client = await this.#ports.connect();
      const { rights } = await client.query('rights', {});
      this.#client = client;
      this.#rights = rights;
      this.#connection = 'open';
      this.#retryMs = firstRetryMs;
      this.#round += 1;
      this.#inFront = false;
      this.#tellPresence();
      if (!document.hidden) void this.#follow(client);
    } catch {
      this.#connection = this.#connection === 'connecting' || this.#connection === 'refused' ? 'refused' : 'lost';
      this.#retryLater();
    } finally {
      this.#busy = false;
    }
  }

  async #follow(client: AppClient): Promise<void> {
    const events = client.live()[Symbol.asyncIterator]();
    this.#events = events;
    for (;;) {
      const next = await events.next();
      if (next.done === true) break;
      this.#ports.take(next.value);
    }
    if (this.#events !== events) return;
    // Nobody let go of it: the service is gone.
    this.#events = null;
    this.#client = null;
    client.close();
    this.#connection = 'lost';
    this.#retryLater();
  }

  #retryLater(): void {
    if (document.hidden) return;
    this.#timer = setTimeout(() => void this.open(), this.#retryMs);
    this.#retryMs = Math.min(2 * this.#retryMs, longestRetryMs);
  }

  /** Alerts that a person sees happen need no telling. */
  #tellPresence(): void {
    const inFront = !document.hidden && document.hasFocus();
    if (this.#ports.presence === 'told-by-shell' || this.#client === null || !this.mayChange || inFront === this.#inFront) return;
    this.#inFront = inFront;
    this.#client.command('windowInFront', { inFront }).catch(() => undefined);
  }

  #onVisibility(): void {
    const events = this.#events;
    this.#tellPresence();
    if (document.hidden) {
      clearTimeout(this.#timer);
      this.#events = null;
      void events?.return?.();
      return;
    }
    if (this.#client === null) {
      this.#retryMs = firstRetryMs;
      void this.open();
      return;
    }
    this.#round += 1;
    if (events === null) void this.#follow(this.#client);
  }
}
