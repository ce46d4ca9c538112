import type { AppClient, LiveEvent } from '../protocol/app.ts';
import { connectToService, ServiceError, startService } from '../service/index.ts';
import type { ServiceFailure, ServiceOptions } from '../service/index.ts';
import type { Link } from './standing.ts';

/** A service that is there: one that ran already, or one in this process. */
interface Connection {
  readonly client: AppClient;
  readonly own: boolean;
  /** Settles if it ends for a reason that a person should read; a service of others just goes away. */
  readonly ended: Promise<string>;
  close(): Promise<void>;
}

export interface SessionPorts {
  readonly options: ServiceOptions;
  readonly event: (event: LiveEvent) => void;
  readonly link: (link: Link) => void;
  /** Said of what is unexpected: it is a defect, and the desktop goes on. */
  readonly defect: (error: unknown) => void;
}

/** How soon it is tried again to find, or to start, a service. */
const tryAgainMs = 3000;

async function attached(socketPath: string): Promise<Connection | null> {
  const client = await connectToService(socketPath);
  if (client === null) return null;
  return { client, own: false, ended: new Promise(() => undefined), close: async () => client.close() };
}

async function started(options: ServiceOptions): Promise<Connection> {
  const service = await startService({ ...options, asking: 'in-a-dialog' });
  const failed = service.failed.then(({ message }: ServiceFailure) => message);
  const stopped = service.stopAsked.then(() => 'it was stopped with `tidewatch stop`');
  return { client: service.client, own: true, ended: Promise.race([failed, stopped]), close: () => service.stop() };
}

/** Rights are only given by a person: until then, nothing is tried that would ask again and again. */
function lostBy(error: unknown): Extract<Link, { kind: 'lost' }> {
  const why = error instanceof Error ? error.message : String(error);
  const needsRights = error instanceof ServiceError && error.code === 'no-rights';
  return { kind: 'lost', why, remedy: needsRights ? 'grant-access' : 'try-again' };
}

/**
 * Keeps the desktop with a service: attaches to the one that runs, else starts one in this process, and looks for another when it
 * goes away. Only what was started here is ended here.
 */
export class Session {
  readonly #ports: SessionPorts;
  readonly #ending = new AbortController();
  #connection: Connection | null = null;
  #wake: () => void = () => undefined;
  #mayStart = true;
  readonly #running: Promise<void>;

  constructor(ports: SessionPorts) {
    this.#ports = ports;
    this.#running = this.#run();
  }

  /** Null while there is no service. */
  get client(): AppClient | null {
    return this.#connection?.client ?? null;
  }

  /** A person wants it to be tried now, with whatever question the system then asks. */
  tryAgain(): void {
    this.#mayStart = true;
    this.#wake();
  }

  /** Ends the service if it is our own, with what it has not yet written. */
  async stop(): Promise<void> {
    this.#ending.abort();
    this.#wake();
    await this.#connection?.close();
    await this.#running;
  }

  async #run(): Promise<void> {
    while (!this.#ending.signal.aborted) {
      const lost = await this.#once();
      if (this.#ending.signal.aborted) return;
      this.#mayStart = lost.remedy !== 'grant-access';
      this.#ports.link(lost);
      await this.#untilNextTry();
    }
  }

  /** From one connection to its end, with the reason. */
  async #once(): Promise<Extract<Link, { kind: 'lost' }>> {
    try {
      const connection = await this.#open();
      if (connection === null) return { kind: 'lost', why: 'access to the network was not granted', remedy: 'grant-access' };
      this.#connection = connection;
      this.#ports.link({ kind: 'connected', own: connection.own });
      const why = await Promise.race([this.#follow(connection), connection.ended]);
      return { kind: 'lost', why, remedy: 'try-again' };
    } catch (error) {
      if (!(error instanceof ServiceError)) this.#ports.defect(error);
      return lostBy(error);
    } finally {
      await this.#close();
    }
  }

  async #open(): Promise<Connection | null> {
    const { options } = this.#ports;
    const running = await attached(options.socketPath);
    return running ?? (this.#mayStart ? await started(options) : null);
  }

  async #follow({ client }: Connection): Promise<string> {
    for await (const event of client.live()) this.#ports.event(event);
    return 'the service has ended';
  }

  async #close(): Promise<void> {
    const connection = this.#connection;
    this.#connection = null;
    await connection?.close().catch((error: unknown) => this.#ports.defect(error));
  }

  async #untilNextTry(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#wake = resolve;
    const timer = setTimeout(resolve, tryAgainMs);
    await promise;
    clearTimeout(timer);
  }
}
