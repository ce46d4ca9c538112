import { once } from 'node:events';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { createWebSocketStream } from 'ws';
import type { WebSocket } from 'ws';
import { linesOf } from './lines.ts';

/** Whole messages over a connection, both ways: what the app API needs of a transport. */
export interface MessageChannel {
  /** What the other side says, read only as fast as it is taken. Throws where the other side does not keep to the transport. */
  readonly messages: AsyncIterable<string>;
  /** What was sent and has not been taken by the system yet, in bytes or characters. */
  readonly buffered: number;
  /** Resolves when there is room for the next message, or nobody to write to. Never rejects. */
  send(message: string): Promise<void>;
  /** Ends it after what was sent has gone, or soon in any case. */
  end(): Promise<void>;
  destroy(): void;
}

/** How long a client that was told to go may take to notice. */
const lingerMs = 2000;

/** Waits for the first of some events, the end of the stream among them. */
async function first(stream: Duplex, events: readonly string[]): Promise<void> {
  if (stream.closed) return;
  const left = new AbortController();
  const { signal } = left;
  try {
    await Promise.race(events.map((event) => once(stream, event, { signal })));
  } catch {
    // A stream that breaks is closed: that is what was waited for.
  } finally {
    left.abort();
  }
}

function channelOver(stream: Duplex, messages: AsyncIterable<string>, framed: (message: string) => string): MessageChannel {
  return {
    messages,
    get buffered() {
      return stream.writableLength;
    },
    async send(message) {
      if (stream.writable && !stream.write(framed(message))) await first(stream, ['drain', 'close']);
    },
    async end() {
      // To close while the client still writes would break its pipe before it reads the last word: what comes is dropped.
      stream.resume();
      stream.end();
      const timer = setTimeout(() => stream.destroy(), lingerMs);
      await first(stream, ['close']);
      clearTimeout(timer);
    },
    destroy: () => void stream.destroy(),
  };
}

/** A message is a line of a stream socket. Throws `LineTooLong` for one that is longer than agreed. */
export function socketChannel(socket: Socket, maximumBytes: number): MessageChannel {
  const stream = socket.iterator({ destroyOnReturn: false });
  return channelOver(socket, linesOf(stream, maximumBytes), (message) => `${message}\n`);
}

/** The other side sent something else than text. */
export class NotText extends Error {
  constructor() {
    super('a message is not text');
    this.name = 'NotText';
  }
}

async function* texts(stream: Duplex): AsyncGenerator<string, void, void> {
  for await (const message of stream.iterator({ destroyOnReturn: false })) {
    if (typeof message !== 'string') throw new NotText();
    yield message;
  }
}

/** A message is a text message of a WebSocket, whose own limit bounds it. */
export function webSocketChannel(socket: WebSocket): MessageChannel {
  const stream = createWebSocketStream(socket, { readableObjectMode: true, decodeStrings: false });
  stream.on('error', () => stream.destroy());
  return channelOver(stream, texts(stream), (message) => message);
}
