import { EventEmitter } from 'node:events';
import type { IpcEvent, PageCalls } from './web-contents.ts';

type Handler = (event: IpcEvent, ...values: unknown[]) => unknown;

/** What pages send. Values cross as JSON. Emits each channel's name with the event and the values. */
export class IpcMain extends EventEmitter implements PageCalls {
  readonly #handlers = new Map<string, Handler>();

  /** @throws Error for a channel that has a handler. */
  handle(channel: string, handler: Handler): void {
    if (this.#handlers.has(channel)) throw new Error(`Attempted to register a second handler for '${channel}'`);
    this.#handlers.set(channel, handler);
  }

  removeHandler(channel: string): void {
    this.#handlers.delete(channel);
  }

  /** For portable/ itself: a page tells something. A channel that nobody listens to is not an event: "error" would end the program. */
  tell(channel: string, event: IpcEvent, values: readonly unknown[]): void {
    if (this.listenerCount(channel) > 0) this.emit(channel, event, ...values);
  }

  /** For portable/ itself: what the channel's handler answers. @throws what it throws, or Error where there is none. */
  async answer(channel: string, event: IpcEvent, values: readonly unknown[]): Promise<unknown> {
    const handler = this.#handlers.get(channel);
    if (handler === undefined) throw new Error(`No handler registered for '${channel}'`);
    return await handler(event, ...values);
  }
}

export const ipcMain = new IpcMain();
