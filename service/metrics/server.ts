import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Registry } from 'prom-client';
import { isLoopbackHost } from '../../core/settings/index.ts';
import type { ListenAddress } from '../../core/settings/index.ts';
import { errorCode } from '../error-code.ts';
import type { Log } from '../log.ts';
import { ServiceError } from '../service-error.ts';

export interface MetricsServerPorts {
  readonly registry: Registry;
  /** Hands over what is held, so that the counters are those of this moment. */
  readonly bringUpToDate: () => void;
  readonly log: Log;
}

/** A scraper needs one connection; a few of them, and a person with curl. */
const maximumSockets = 32;
const maximumHeaderBytes = 8192;
const requestMs = 10_000;

/** Sent by web pages and by nothing else that scrapes (Fetch Metadata Request Headers; RFC 6454). */
function isOfAPage({ headers }: IncomingMessage): boolean {
  return headers.origin !== undefined || (headers['sec-fetch-site'] !== undefined && headers['sec-fetch-site'] !== 'none');
}

/** The host that a request names, without its port. */
function namedHost({ headers }: IncomingMessage): string | null {
  return /^(?:\[([^\]]+)\]|([^:]+))(?::\d+)?$/u.exec(headers.host ?? '')?.slice(1).find((part) => part !== undefined) ?? null;
}

function answer(response: ServerResponse, status: number, words: string): void {
  response.writeHead(status, { 'Content-Type': 'text/plain; charset=utf-8', Connection: 'close' });
  response.end(`${words}\n`);
}

/** Serves `/metrics` to whoever reaches the address. See README.md for what it promises. */
export class MetricsServer implements AsyncDisposable {
  readonly #ports: MetricsServerPorts;
  readonly #server: Server;
  readonly #listen: ListenAddress;

  private constructor(listen: ListenAddress, ports: MetricsServerPorts) {
    this.#listen = listen;
    this.#ports = ports;
    this.#server = createServer({ maxHeaderSize: maximumHeaderBytes, requestTimeout: requestMs, headersTimeout: requestMs, connectionsCheckingInterval: 1000 });
    this.#server.maxConnections = maximumSockets;
    this.#server.keepAliveTimeout = 65_000;
    this.#server.on('request', (request, response) => void this.#answer(request, response));
  }

  /** Begins to listen. Throws {@link ServiceError} 'metrics-unavailable' where the address cannot be had. */
  static async listen(listen: ListenAddress, ports: MetricsServerPorts): Promise<MetricsServer> {
    const metrics = new MetricsServer(listen, ports);
    const { host, port } = listen;
    try {
      metrics.#server.listen({ ...(host === null ? {} : { host }), port, exclusive: true });
      await once(metrics.#server, 'listening');
    } catch (error) {
      const reason = errorCode(error) ?? String(error);
      throw new ServiceError('metrics-unavailable', `cannot serve metrics at ${host ?? ''}:${port} (${reason}); choose another address or port`, { cause: error });
    }
    return metrics;
  }

  /** Where the metrics are. */
  get address(): string {
    const bound = this.#server.address();
    if (typeof bound !== 'object' || bound === null) return '';
    const host = bound.family === 'IPv6' ? `[${bound.address}]` : bound.address;
    return `http://${host}:${bound.port}/metrics`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = '', url = '' } = request;
    // A name that leads to loopback is how a page of the web would come here.
    if (isLoopbackHost(this.#listen.host) && !isLoopbackHost(namedHost(request))) return answer(response, 421, 'not this host');
    if (isOfAPage(request)) return answer(response, 403, 'not for web pages');
    if (url.split('?', 1)[0] !== '/metrics') return answer(response, 404, 'the metrics are at /metrics');
    if (method !== 'GET' && method !== 'HEAD') return answer(response, 405, 'GET only');
    try {
      this.#ports.bringUpToDate();
      const text = await this.#ports.registry.metrics();
      response.writeHead(200, { 'Content-Type': this.#ports.registry.contentType, 'Content-Length': Buffer.byteLength(text), 'Cache-Control': 'no-store' });
      response.end(method === 'HEAD' ? undefined : text);
    } catch (error) {
      this.#ports.log.error('the metrics could not be made', { reason: error instanceof Error ? (error.stack ?? error.message) : String(error) });
      answer(response, 500, 'the metrics could not be made; see the log of the service');
    }
  }
}
