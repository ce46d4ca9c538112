import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import type { WebSocket } from 'ws';
import type { Rights } from '../../protocol/app.ts';
import { maximumRequestBytes } from '../../protocol/json-rpc.ts';
import { AppConnection } from '../app-connection.ts';
import type { AppConnectionPorts } from '../app-connection.ts';
import { errorCode } from '../error-code.ts';
import { webSocketChannel } from '../message-channel.ts';
import type { MessageChannel } from '../message-channel.ts';
import { ServiceError } from '../service-error.ts';
import { WebAccess } from './access.ts';
import { isForeignUser } from './peer.ts';
import type { Ends } from './peer.ts';
import { staticFiles } from './static-files.ts';
import type { StaticFile } from './static-files.ts';

export interface WebOptions {
  /** Port on loopback; 0 for any that is free. */
  readonly port: number;
  /** What whoever opens the printed address may do. */
  readonly rights: Rights;
}

/** Only this machine reaches it. */
const address = '127.0.0.1';

/** Where the WebSocket and the exchange of the token are. */
export const webPaths = { api: '/api', session: '/session' } as const;

/** A browser opens a few at once; with the WebSockets they share a bound. */
const maximumSockets = 128;
const maximumHeaderBytes = 8192;
/** A request on loopback comes at once. */
const requestMs = 10_000;

/**
 * Nothing is loaded from elsewhere, nothing is framed, no form goes anywhere, no text becomes markup.
 * `ws:` is named beside 'self', which older browsers do not take to hold it (CSP Level 3, section 6.7.2.8).
 */
function contentSecurityPolicy(host: string): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    // App icons come through the API, as text.
    "img-src 'self' data:",
    "font-src 'self'",
    `connect-src 'self' ws://${host}`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join('; ');
}

function setCommonHeaders(response: ServerResponse, host: string): void {
  response.setHeader('Content-Security-Policy', contentSecurityPolicy(host));
  response.setHeader('Cross-Origin-Opener-Policy', 'same-origin');
  response.setHeader('Cross-Origin-Resource-Policy', 'same-origin');
  response.setHeader('X-Content-Type-Options', 'nosniff');
  response.setHeader('X-Frame-Options', 'DENY');
  response.setHeader('Referrer-Policy', 'no-referrer');
  response.setHeader('Cache-Control', 'no-store');
}

function refuse(response: ServerResponse, status: number, words: string): void {
  response.writeHead(status, { 'Content-Type': 'text/plain; charset=utf-8', Connection: 'close' });
  response.end(`${words}\n`);
}

function refuseUpgrade(socket: Duplex, status: string): void {
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}

function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || (headers['content-length'] ?? '0') !== '0';
}

function endsOf({ localPort = 0, remotePort = 0 }: Socket): Ends {
  return { localPort, remotePort };
}

/** Serves the page and the app API as a WebSocket, on loopback, to who has the token. See `access.ts` for who that is. */
export class WebServer implements AsyncDisposable {
  readonly #server: Server;
  readonly #sockets = new WebSocketServer({ noServer: true, clientTracking: false, perMessageDeflate: false, maxPayload: maximumRequestBytes });
  readonly #ports: AppConnectionPorts;
  readonly #files: ReadonlyMap<string, StaticFile> = staticFiles();
  readonly #channels = new Set<MessageChannel>();
  #access: WebAccess;
  #port = 0;

  private constructor(ports: AppConnectionPorts) {
    this.#ports = ports;
    this.#access = new WebAccess(0, 'read');
    this.#server = createServer({ maxHeaderSize: maximumHeaderBytes, requestTimeout: requestMs, headersTimeout: requestMs, connectionsCheckingInterval: 1000 });
    this.#server.maxConnections = maximumSockets;
    this.#server.keepAliveTimeout = 5000;
    this.#server.on('request', (request, response) => this.#answer(request, response));
    this.#server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => this.#upgrade(request, socket, head));
  }

  /** Begins to listen. Throws {@link ServiceError} 'web-unavailable' where the port cannot be had. */
  static async listen(options: WebOptions, ports: AppConnectionPorts): Promise<WebServer> {
    const web = new WebServer(ports);
    try {
      web.#server.listen({ host: address, port: options.port, exclusive: true });
      await once(web.#server, 'listening');
    } catch (error) {
      const reason = errorCode(error) ?? String(error);
      throw new ServiceError('web-unavailable', `cannot serve the page on port ${options.port} (${reason}); leave the port out to take one that is free`, {
        cause: error,
      });
    }
    const bound = web.#server.address();
    web.#port = typeof bound === 'object' && bound !== null ? bound.port : options.port;
    web.#access = new WebAccess(web.#port, options.rights);
    return web;
  }

  get port(): number {
    return this.#port;
  }

  get token(): string {
    return this.#access.token;
  }

  /** What a person opens. The token stands behind `#`, which browsers send to nobody. */
  get address(): string {
    return `http://${address}:${this.#port}/#${this.#access.token}`;
  }

  /** WebSockets that are open. */
  get connections(): number {
    return this.#channels.size;
  }

  /** What was sent to all of them and not taken yet, in bytes or characters. */
  get buffered(): number {
    return [...this.#channels].reduce((sum, channel) => sum + channel.buffered, 0);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    for (const channel of this.#channels) channel.destroy();
    this.#server.closeAllConnections();
    await closed;
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const { headers, method = '', url = '' } = request;
    setCommonHeaders(response, `${address}:${this.#port}`);
    if (!this.#access.isOwnHost(headers)) return refuse(response, 421, 'not this host');
    setCommonHeaders(response, headers.host ?? '');
    if (hasBody(request)) return refuse(response, 413, 'no request here has a body');
    if (url === webPaths.session) return this.#exchange(request, response);
    if (!this.#access.isOwnReading(headers)) return refuse(response, 403, 'not for other pages');
    const file = this.#files.get(url);
    if (file === undefined) return refuse(response, 404, 'not here');
    if (method !== 'GET' && method !== 'HEAD') return refuse(response, 405, 'GET only');
    response.writeHead(200, { 'Content-Type': file.type, 'Content-Length': file.content.length });
    response.end(method === 'HEAD' ? undefined : file.content);
  }

  /** The token, which the page has from its address, for a cookie, which no script can read. */
  #exchange({ headers, method, socket }: IncomingMessage, response: ServerResponse): void {
    if (method !== 'POST') return refuse(response, 405, 'POST only');
    if (!this.#access.isOwnOrigin(headers, 'refused')) return refuse(response, 403, 'not for other pages');
    if (this.#access.rightsByToken(headers) === null) {
      this.#ports.log.warn('a wrong token was refused');
      return refuse(response, 401, 'open the address that `tidewatch serve --web` has printed');
    }
    if (isForeignUser(endsOf(socket))) return refuse(response, 403, 'not for other users');
    response.writeHead(204, { 'Set-Cookie': this.#access.setCookie });
    response.end();
  }

  /** A program brings the token; a page brings its origin, which is then checked, and the cookie. */
  #rightsOf({ headers }: IncomingMessage): Rights | null {
    if (this.#access.isOwnOrigin(headers, 'refused')) return this.#access.rightsByCookie(headers) ?? this.#access.rightsByToken(headers);
    return this.#access.isOwnOrigin(headers, 'allowed') ? this.#access.rightsByToken(headers) : null;
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    socket.on('error', () => socket.destroy());
    if (!this.#access.isOwnHost(request.headers)) return refuseUpgrade(socket, '421 Misdirected Request');
    if (request.url !== webPaths.api) return refuseUpgrade(socket, '404 Not Found');
    if (!this.#access.isOwnOrigin(request.headers, 'allowed')) return refuseUpgrade(socket, '403 Forbidden');
    const rights = this.#rightsOf(request);
    if (rights === null) return refuseUpgrade(socket, '401 Unauthorized');
    if (isForeignUser(endsOf(request.socket))) return refuseUpgrade(socket, '403 Forbidden');
    if (this.#channels.size >= this.#ports.limits.connections) return refuseUpgrade(socket, '503 Service Unavailable');
    this.#sockets.handleUpgrade(request, socket, head, (webSocket) => void this.#serve(webSocket, rights));
  }

  async #serve(webSocket: WebSocket, rights: Rights): Promise<void> {
    const channel = webSocketChannel(webSocket);
    this.#channels.add(channel);
    await new AppConnection(channel, { rights }, this.#ports).serve();
    this.#channels.delete(channel);
  }
}
