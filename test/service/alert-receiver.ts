import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';

/** What a receiver does with a request. `silence`: it reads and never answers. `hang-up`: it closes before the body is read. */
export type Manner = 'take' | 'take-and-hang-up' | 'fail' | 'silence' | 'hang-up' | 'refuse';

/** A request as it came. */
export interface Received {
  readonly key: string;
  readonly signature: string;
  readonly body: string;
  readonly manner: Manner;
}

/** A real receiver of webhooks that can be as unkind as real ones are. */
export class AlertReceiver implements AsyncDisposable {
  manner: Manner = 'take';
  readonly received: Received[] = [];
  readonly #server: Server;

  private constructor() {
    this.#server = createServer((request, response) => void this.#answer(request, response));
  }

  static async listen(): Promise<AlertReceiver> {
    const receiver = new AlertReceiver();
    receiver.#server.listen(0, '127.0.0.1');
    await once(receiver.#server, 'listening');
    return receiver;
  }

  get address(): string {
    const address = this.#server.address();
    return typeof address === 'object' && address !== null ? `http://127.0.0.1:${address.port}/alerts` : '';
  }

  /** The messages that a careful receiver has: each key once, in the order in which it first came whole. */
  get taken(): readonly Received[] {
    const byKey = new Map<string, Received>();
    for (const each of this.received) if (each.manner.startsWith('take') && !byKey.has(each.key)) byKey.set(each.key, each);
    return [...byKey.values()];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { manner } = this;
    if (manner === 'hang-up') {
      this.received.push({ ...headersOf(request), body: '', manner });
      request.socket.destroy();
      return;
    }
    let body = '';
    for await (const piece of request.setEncoding('utf8')) body += piece;
    this.received.push({ ...headersOf(request), body, manner });
    if (manner === 'take-and-hang-up') request.socket.destroy();
    else if (manner !== 'silence') response.writeHead({ take: 204, fail: 500, refuse: 422 }[manner]).end();
  }
}

function headersOf({ headers }: IncomingMessage): Pick<Received, 'key' | 'signature'> {
  return { key: String(headers['idempotency-key']), signature: String(headers['tidewatch-signature']) };
}
