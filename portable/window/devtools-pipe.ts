import { EventEmitter } from 'node:events';
import type { Readable, Writable } from 'node:stream';
import type { ProtocolMapping } from 'devtools-protocol/types/protocol-mapping.js';

export type Commands = ProtocolMapping.Commands;
type Events = ProtocolMapping.Events;
export type Parameters<Method extends keyof Commands> = Commands[Method]['paramsType'];
export type Result<Method extends keyof Commands> = Commands[Method]['returnType'];
export type EventParameters<Name extends keyof Events> = Events[Name][0];

interface Message {
  readonly id?: number;
  readonly method?: string;
  readonly params?: unknown;
  readonly result?: unknown;
  readonly error?: { readonly message: string };
  readonly sessionId?: string;
}

interface Waiting {
  readonly method: string;
  readonly settle: PromiseWithResolvers<unknown>;
}

/** A page's requests with their bodies are the largest; one that never ends is no message. */
const maximumMessageCharacters = 67_108_864;
/** A browser that was stopped reads nothing: what is sent to it meanwhile is not kept without end. */
const maximumUnreadBytes = 16_777_216;
const separator = '\0';

/** The browser answered that it cannot do this, or is gone. */
export class DevtoolsError extends Error {
  readonly code = 'DEVTOOLS';
}

/**
 * The DevTools protocol on a pipe: JSON messages that end with a NUL (Chromium, `--remote-debugging-pipe`). No port is opened, and
 * nobody else can speak. The other end is the browser's own main process, whose messages are of the protocol's types.
 */
export class DevtoolsPipe {
  readonly #output: Writable;
  readonly #waiting = new Map<number, Waiting>();
  readonly #events = new EventEmitter();
  #lastId = 0;
  #rest: string[] = [];
  #restLength = 0;
  #isClosed = false;

  constructor(output: Writable, input: Readable) {
    this.#output = output;
    this.#events.setMaxListeners(0);
    input.setEncoding('utf8').on('data', (text: string) => this.#read(text));
    for (const stream of [input, output]) stream.on('error', () => this.#close());
    input.on('close', () => this.#close());
  }

  /** @throws DevtoolsError where the browser cannot, or is gone before it answers. */
  async send<Method extends keyof Commands>(method: Method, parameters: Parameters<Method>[0] | undefined, sessionId: string | undefined): Promise<Result<Method>> {
    if (this.#isClosed) throw new DevtoolsError(`${method}: the browser is gone`);
    if (this.#output.writableLength > maximumUnreadBytes) throw new DevtoolsError(`${method}: the browser does not read`);
    this.#lastId += 1;
    const settle = Promise.withResolvers<unknown>();
    this.#waiting.set(this.#lastId, { method, settle });
    this.#output.write(`${JSON.stringify({ id: this.#lastId, method, params: parameters ?? {}, sessionId })}${separator}`);
    return (await settle.promise) as Result<Method>;
  }

  /** Events of the browser itself have no session. */
  on<Name extends keyof Events>(name: Name, sessionId: string | undefined, listener: (parameters: EventParameters<Name>) => void): void {
    this.#events.on(`${sessionId ?? ''} ${name}`, listener);
  }

  /** Forgets whoever listens to a session that has ended. */
  forget(sessionId: string): void {
    for (const name of this.#events.eventNames()) if (String(name).startsWith(`${sessionId} `)) this.#events.removeAllListeners(name);
  }

  #read(text: string): void {
    const parts = text.split(separator);
    for (const part of parts.slice(0, -1)) {
      const whole = [...this.#rest, part].join('');
      this.#rest = [];
      this.#restLength = 0;
      this.#take(JSON.parse(whole) as Message);
    }
    const last = parts.at(-1) ?? '';
    this.#rest.push(last);
    this.#restLength += last.length;
    if (this.#restLength > maximumMessageCharacters) this.#close();
  }

  #take({ id, method, params, result, error, sessionId }: Message): void {
    // In its turn, and apart from this reading: what a listener throws is the program's trouble.
    if (method !== undefined) queueMicrotask(() => this.#events.emit(`${sessionId ?? ''} ${method}`, params));
    if (id === undefined) return;
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (error === undefined) waiting?.settle.resolve(result);
    else waiting?.settle.reject(new DevtoolsError(`${waiting.method}: ${error.message}`));
  }

  #close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    for (const { method, settle } of this.#waiting.values()) settle.reject(new DevtoolsError(`${method}: the browser is gone`));
    this.#waiting.clear();
    this.#output.destroy();
  }
}

/** One page's part of the pipe. */
export class DevtoolsSession {
  readonly #pipe: DevtoolsPipe;
  readonly #sessionId: string;

  constructor(pipe: DevtoolsPipe, sessionId: string) {
    this.#pipe = pipe;
    this.#sessionId = sessionId;
  }

  send<Method extends keyof Commands>(method: Method, ...parameters: Parameters<Method>): Promise<Result<Method>> {
    return this.#pipe.send(method, parameters[0], this.#sessionId);
  }

  on<Name extends keyof Events>(name: Name, listener: (parameters: EventParameters<Name>) => void): void {
    this.#pipe.on(name, this.#sessionId, listener);
  }
}
