import { ipcMain } from 'electron';
import type { IpcMainEvent, IpcMainInvokeEvent, WebContents } from 'electron';
import { z } from 'zod';
import { appContract } from '../protocol/app.ts';
import type { AppClient, AppCommandName, AppParameters, AppQueryName, AppResult, LiveEvent } from '../protocol/app.ts';
import { isOwnPage } from './windows/pages.ts';

/** What the bridge stands on. */
export interface BridgePorts {
  /** Null while there is no service. */
  readonly client: () => AppClient | null;
  /** The newest snapshot; null while there is none. */
  readonly newest: () => LiveEvent | null;
  /** Whether these are the contents of one of our windows. */
  readonly isOurs: (contents: WebContents) => boolean;
  /** Whether a person can see that window: to the others nothing is sent. */
  readonly isShown: (contents: WebContents) => boolean;
  readonly open: (window: 'main' | 'mini', place: string | undefined) => void;
}

/** Calls of one window that wait for their answer: a page asks for a dozen things at once. */
const maximumWaiting = 64;

const Window = z.enum(['main', 'mini']);
const Place = z.string().max(5000).regex(/^[^\s#]*$/u).optional();

/** An answer crosses as a value: the words of an error would come with Electron's own around them. */
type Answer = { readonly value: unknown } | { readonly refused: string };

interface Method<Parameters, Result> {
  readonly parameters: z.ZodType<Parameters>;
  readonly result: z.ZodType<Result>;
}

const queries: { readonly [Name in AppQueryName]: Method<AppParameters<Name>, AppResult<Name>> } = appContract.queries;
const commands: { readonly [Name in AppCommandName]: Method<AppParameters<Name>, AppResult<Name>> } = appContract.commands;

function isQuery(name: string): name is AppQueryName {
  return Object.hasOwn(queries, name);
}

function isCommand(name: string): name is AppCommandName {
  return Object.hasOwn(commands, name);
}

function ask<Name extends AppQueryName>(client: AppClient, name: Name, raw: unknown): Promise<AppResult<Name>> {
  return client.query(name, queries[name].parameters.parse(raw ?? {}));
}

function order<Name extends AppCommandName>(client: AppClient, name: Name, raw: unknown): Promise<AppResult<Name>> {
  return client.command(name, commands[name].parameters.parse(raw ?? {}));
}

function refusal(error: unknown): string {
  if (error instanceof z.ZodError) {
    const [issue] = error.issues;
    return `wrong parameters: ${issue?.path.join('.') || 'parameters'}: ${issue?.message ?? 'invalid'}`;
  }
  return error instanceof Error ? error.message : String(error);
}

/**
 * The main side of `window.tidewatch`. Whoever sends is checked to be our own page in one of our windows; every name and every
 * parameter is then parsed with the contract, and nothing but what the contract has can be asked.
 */
export class WindowBridge implements Disposable {
  readonly #ports: BridgePorts;
  readonly #listening = new Set<WebContents>();
  readonly #waiting = new WeakMap<WebContents, number>();

  constructor(ports: BridgePorts) {
    this.#ports = ports;
    ipcMain.handle('tidewatch:call', (event, kind: unknown, name: unknown, parameters: unknown) => this.#answer(event, { kind, name, parameters }));
    ipcMain.on('tidewatch:listen', (event, wanted: unknown) => this.#listen(event, wanted));
    ipcMain.on('tidewatch:open', (event, window: unknown, place: unknown) => this.#open(event, window, place));
  }

  /** Hands an event to every window that listens and is shown. */
  publish(event: LiveEvent): void {
    for (const contents of this.#listening) this.#send(contents, event);
  }

  /** A window that was hidden catches up: the newest snapshot makes good for what it has not seen. */
  catchUp(contents: WebContents): void {
    const newest = this.#ports.newest();
    if (newest !== null && this.#listening.has(contents)) this.#send(contents, newest);
  }

  /** There is no service any more. */
  end(): void {
    for (const contents of this.#listening) if (!contents.isDestroyed()) contents.send('tidewatch:ended');
    this.#listening.clear();
  }

  forget(contents: WebContents): void {
    this.#listening.delete(contents);
  }

  [Symbol.dispose](): void {
    this.#listening.clear();
    ipcMain.removeHandler('tidewatch:call');
    ipcMain.removeAllListeners('tidewatch:listen');
    ipcMain.removeAllListeners('tidewatch:open');
  }

  #isTrusted({ sender, senderFrame }: IpcMainEvent | IpcMainInvokeEvent): boolean {
    return this.#ports.isOurs(sender) && senderFrame !== null && senderFrame.parent === null && isOwnPage(senderFrame.url);
  }

  async #answer(event: IpcMainInvokeEvent, { kind, name, parameters }: { readonly kind: unknown; readonly name: unknown; readonly parameters: unknown }): Promise<Answer> {
    if (!this.#isTrusted(event)) return { refused: 'only the windows of Tidewatch may ask' };
    const waiting = this.#waiting.get(event.sender) ?? 0;
    if (waiting >= maximumWaiting) return { refused: 'too many questions at once' };
    this.#waiting.set(event.sender, waiting + 1);
    try {
      return { value: await this.#call(kind, name, parameters) };
    } catch (error) {
      return { refused: refusal(error) };
    } finally {
      this.#waiting.set(event.sender, (this.#waiting.get(event.sender) ?? 1) - 1);
    }
  }

  #call(kind: unknown, name: unknown, parameters: unknown): Promise<unknown> {
    const client = this.#ports.client();
    if (client === null) throw new Error('Tidewatch is not measuring now');
    if (kind === 'query' && typeof name === 'string' && isQuery(name)) return ask(client, name, parameters);
    if (kind === 'command' && typeof name === 'string' && isCommand(name)) return order(client, name, parameters);
    throw new Error('there is no such query or command');
  }

  #listen(event: IpcMainEvent, wanted: unknown): void {
    if (!this.#isTrusted(event)) return;
    this.#listening.delete(event.sender);
    if (wanted !== true) return;
    if (this.#ports.client() === null) event.sender.send('tidewatch:ended');
    else {
      this.#listening.add(event.sender);
      this.catchUp(event.sender);
    }
  }

  #open(event: IpcMainEvent, window: unknown, place: unknown): void {
    const chosen = Window.safeParse(window);
    const where = Place.safeParse(place);
    if (this.#isTrusted(event) && chosen.success && where.success) this.#ports.open(chosen.data, where.data);
  }

  #send(contents: WebContents, event: LiveEvent): void {
    if (contents.isDestroyed()) this.#listening.delete(contents);
    else if (this.#ports.isShown(contents)) contents.send('tidewatch:event', event);
  }
}
