import { once } from 'node:events';
import { request } from 'node:http';
import type { IncomingHttpHeaders, OutgoingHttpHeaders } from 'node:http';
import { WebSocket } from 'ws';
import type { Rights } from '../../../protocol/app.ts';
import type { AppConnectionPorts } from '../../../service/app-connection.ts';
import { defaultAppLimits } from '../../../service/app-limits.ts';
import { LiveFeed } from '../../../service/live-feed.ts';
import { createLog } from '../../../service/log.ts';
import { WebServer } from '../../../service/web/server.ts';
import { calls } from '../app-contract.ts';
import type { HostileStage, Stranger } from '../app-hostile.ts';

/** A page server over the contract's double. */
export interface WebStage extends AsyncDisposable {
  readonly feed: LiveFeed;
  readonly web: WebServer;
  /** What the server was made of. */
  readonly ports: AppConnectionPorts;
}

export async function openWeb(rights: Rights = 'control'): Promise<WebStage> {
  const feed = new LiveFeed();
  const ports = { calls, feed, limits: defaultAppLimits, log: createLog('silent') };
  const web = await WebServer.listen({ port: 0, rights }, ports);
  return {
    feed,
    web,
    ports,
    [Symbol.asyncDispose]: async () => {
      feed[Symbol.dispose]();
      await web[Symbol.asyncDispose]();
    },
  };
}

/** What was answered to a request. */
export interface Reply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** One request with exactly these headers; `Host` is the server's own unless they say otherwise. */
export async function ask(port: number, path: string, headers: OutgoingHttpHeaders = {}, method = 'GET'): Promise<Reply> {
  const sent = request({ host: '127.0.0.1', port, path, method, headers, agent: false });
  const reply = Promise.withResolvers<Reply>();
  sent.on('error', reply.reject);
  sent.on('response', (response) => {
    let body = '';
    response.setEncoding('utf8').on('data', (text: string) => {
      body += text;
    });
    response.on('end', () => reply.resolve({ status: response.statusCode ?? 0, headers: response.headers, body }));
  });
  sent.end();
  return reply.promise;
}

/** How an attempt to open a WebSocket ended: 101 where it was opened, else the status that refused it. */
export async function upgradeStatus(port: number, headers: OutgoingHttpHeaders, path = '/api'): Promise<number> {
  const key = { Connection: 'Upgrade', Upgrade: 'websocket', 'Sec-WebSocket-Key': 'AAAAAAAAAAAAAAAAAAAAAA==', 'Sec-WebSocket-Version': '13' };
  const sent = request({ host: '127.0.0.1', port, path, headers: { ...key, ...headers }, agent: false });
  const status = Promise.withResolvers<number>();
  sent.on('error', status.reject);
  sent.on('response', (response) => {
    response.resume();
    status.resolve(response.statusCode ?? 0);
  });
  sent.on('upgrade', (_response, socket) => {
    socket.destroy();
    status.resolve(101);
  });
  sent.end();
  return status.promise;
}

/** The cookie that the token is exchanged for. */
export async function cookieOf({ web }: WebStage): Promise<string> {
  const headers = { Origin: `http://127.0.0.1:${web.port}`, Authorization: `Bearer ${web.token}` };
  const { headers: answered } = await ask(web.port, '/session', headers, 'POST');
  return answered['set-cookie']?.[0]?.split(';')[0] ?? '';
}

/** A stranger with the right token and no manners. */
async function strangerOn({ web }: WebStage): Promise<Stranger> {
  const socket = new WebSocket(`ws://127.0.0.1:${web.port}/api`, { headers: { Authorization: `Bearer ${web.token}` }, perMessageDeflate: false });
  const texts: string[] = [];
  const news = new EventTarget();
  const tell = (): void => void news.dispatchEvent(new Event('news'));
  socket.on('message', (data: Buffer) => {
    texts.push(data.toString('utf8'));
    tell();
  });
  socket.on('error', tell);
  socket.on('close', tell);
  await once(socket, 'open');
  return {
    say: (text) => socket.send(text, () => undefined),
    async hear() {
      socket.resume();
      while (texts.length === 0 && socket.readyState !== WebSocket.CLOSED) await once(news, 'news');
      return texts.shift() ?? null;
    },
    pause: () => socket.pause(),
    get unread() {
      return socket.bufferedAmount;
    },
    [Symbol.dispose]: () => socket.terminate(),
  };
}

export async function openHostile(): Promise<HostileStage> {
  const stage = await openWeb();
  return {
    feed: stage.feed,
    get buffered() {
      return stage.web.buffered;
    },
    connect: () => strangerOn(stage),
    [Symbol.asyncDispose]: () => stage[Symbol.asyncDispose](),
  };
}
