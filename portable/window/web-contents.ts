import { EventEmitter } from 'node:events';
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Protocol } from 'devtools-protocol/types/protocol.js';
import { z } from 'zod';
import { PreventableEvent } from '../app/event.ts';
import type { ProgramMessage } from '../in-page/start-preload.ts';
import type { Page, PageEnd } from './browser-process.ts';
import type { DevtoolsSession } from './devtools-pipe.ts';
import { answerRequests } from './page-requests.ts';
import { hearName, preloadWorld, tellName, writePageScripts } from './page-scripts.ts';
import { fromBrowserAddress, toBrowserAddress } from './protocol.ts';
import { noteWorkArea } from './screen.ts';

/** A page tells a question, not a file. */
const maximumMessageCharacters = 4_194_304;

/** The message and the first lines of its stack. */
const maximumReportCharacters = 500;

const channel = z.string().max(200);
const side = z.number().int().min(-100_000).max(100_000);
const pageMessage = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('started'), workArea: z.object({ x: side, y: side, width: side, height: side }) }),
  z.object({ kind: z.literal('invoke'), number: z.number().int(), channel, values: z.array(z.unknown()) }),
  z.object({ kind: z.literal('send'), channel, values: z.array(z.unknown()) }),
  z.object({ kind: z.literal('focus'), isFocused: z.boolean() }),
  z.object({ kind: z.literal('moved') }),
]);

/** What a window wants to know of its page. */
export interface PageListener {
  readonly focused: (isFocused: boolean) => void;
  readonly moved: () => void;
}

/** The frame that a message came from: always the main one, because nothing is put into others. */
export interface WebFrame {
  readonly url: string;
  readonly parent: null;
}

/** Who sent a message. */
export interface IpcEvent {
  readonly sender: WebContents;
  readonly senderFrame: WebFrame;
}

/** Who takes what pages send and ask. */
export interface PageCalls {
  tell(channel: string, event: IpcEvent, values: readonly unknown[]): void;
  answer(channel: string, event: IpcEvent, values: readonly unknown[]): Promise<unknown>;
}

/** Electron's event of `will-navigate`. */
export class NavigationEvent extends PreventableEvent {
  readonly url: string;
  readonly isMainFrame = true;

  constructor(url: string) {
    super();
    this.url = url;
  }
}

function parse(payload: string): z.infer<typeof pageMessage> | null {
  if (payload.length > maximumMessageCharacters) return null;
  try {
    return pageMessage.safeParse(JSON.parse(payload)).data ?? null;
  } catch {
    return null;
  }
}

/**
 * What a window shows. Emits `will-navigate` (preventable), `did-finish-load`, `render-process-gone` (event, { reason, exitCode })
 * and `destroyed`. Its page comes and goes with the window's being shown; what is sent to it meanwhile is lost.
 */
export class WebContents extends EventEmitter {
  readonly #preloadFile: string | null;
  readonly #calls: PageCalls;
  #page: Page | null = null;
  /** The world of the preload script in the document that is there now. */
  #world: number | null = null;
  #address = '';
  /** The address that the program itself has the page go to. */
  #wanted: string | null = null;
  #isDestroyed = false;

  constructor(preloadFile: string | null, calls: PageCalls) {
    super();
    this.#preloadFile = preloadFile;
    this.#calls = calls;
  }

  getURL(): string {
    return this.#address;
  }

  isDestroyed(): boolean {
    return this.#isDestroyed;
  }

  send(channelName: string, ...values: readonly unknown[]): void {
    this.#toPage({ kind: 'event', channel: channelName, values });
  }

  /** Whatever it would say: the browser closes every page that this program did not ask for, before it runs. */
  setWindowOpenHandler(_handler: () => { readonly action: 'deny' }): void {}

  /** For the window: the page of this one, from now on. @throws DevtoolsError where the page goes meanwhile. */
  async enter(page: Page, listener: PageListener): Promise<void> {
    const { session } = page;
    this.#page = page;
    session.on('Runtime.bindingCalled', (called) => this.#hear(called, listener));
    session.on('Page.frameNavigated', ({ frame }) => {
      if (frame.parentId === undefined) this.#arrive(frame.url + (frame.urlFragment ?? ''));
    });
    session.on('Page.navigatedWithinDocument', ({ url }) => (this.#address = fromBrowserAddress(url)));
    session.on('Page.loadEventFired', () => {
      if (this.#address !== '') this.emit('did-finish-load', {});
    });
    session.on('Runtime.exceptionThrown', ({ exceptionDetails: { text, exception } }) => this.#report(exception?.description ?? text));
    session.on('Inspector.targetCrashed', () => this.emit('render-process-gone', {}, { reason: 'crashed', exitCode: 1 }));
    await Promise.all([session.send('Page.enable'), session.send('Inspector.enable'), session.send('Runtime.enable'), this.#putScripts(session), answerRequests(session, (to) => this.#mayNavigate(to))]);
    await session.send('Runtime.runIfWaitingForDebugger');
  }

  /** For the window: goes to an address of a scheme that the program handles. */
  async load(address: string): Promise<void> {
    const url = toBrowserAddress(address);
    if (url === null) throw new Error(`nobody handles the scheme of ${address}`);
    this.#wanted = address.replace(/#.*$/su, '');
    await this.#page?.session.send('Page.navigate', { url });
  }

  /** For the window: the page is gone. */
  leave(): void {
    this.#page = null;
    this.#world = null;
    this.#address = '';
  }

  /** For the window: tells that the page went without being asked to. */
  noteEnd(end: PageEnd): void {
    if (end === 'browser ended') this.emit('render-process-gone', {}, { reason: 'killed', exitCode: 9 });
  }

  /** For the window, which is destroyed. */
  destroy(): void {
    this.leave();
    this.#isDestroyed = true;
    this.emit('destroyed');
  }

  async #putScripts(session: DevtoolsSession): Promise<void> {
    const preloadSource = this.#preloadFile === null ? '' : readFileSync(this.#preloadFile, 'utf8');
    const scripts = writePageScripts(preloadSource, randomBytes(16).toString('hex'));
    await session.send('Runtime.addBinding', { name: tellName, executionContextName: preloadWorld });
    await session.send('Page.addScriptToEvaluateOnNewDocument', { source: scripts.page });
    await session.send('Page.addScriptToEvaluateOnNewDocument', { source: scripts.preload, worldName: preloadWorld });
  }

  /** What a page or its preload script does not catch would else be lost. */
  #report(error: string): void {
    process.stderr.write(`error in a window: ${error.slice(0, maximumReportCharacters)}\n`);
  }

  #mayNavigate(address: string): boolean {
    const isOwn = this.#wanted === address;
    this.#wanted = null;
    if (isOwn) return true;
    const event = new NavigationEvent(address);
    this.emit('will-navigate', event);
    return !event.defaultPrevented;
  }

  /** The empty page with which the window opened is no page of the program. */
  #arrive(url: string): void {
    this.#address = url.startsWith('data:') ? '' : fromBrowserAddress(url);
  }

  #hear({ name, payload, executionContextId }: Protocol.Runtime.BindingCalledEvent, listener: PageListener): void {
    const message = name === tellName ? parse(payload) : null;
    if (message === null) return;
    if (message.kind === 'started') {
      this.#world = executionContextId;
      noteWorkArea(message.workArea);
      return;
    }
    // A document that was left may still speak: its words count no more.
    if (executionContextId !== this.#world) return;
    if (message.kind === 'focus') listener.focused(message.isFocused);
    else if (message.kind === 'moved') listener.moved();
    else if (message.kind === 'send') this.#calls.tell(message.channel, this.#event(), message.values);
    else void this.#answer(message);
  }

  #event(): IpcEvent {
    return { sender: this, senderFrame: { url: this.#address, parent: null } };
  }

  async #answer({ number, channel: name, values }: { readonly number: number; readonly channel: string; readonly values: readonly unknown[] }): Promise<void> {
    try {
      this.#toPage({ kind: 'answer', number, value: await this.#calls.answer(name, this.#event(), values) });
    } catch (error) {
      this.#toPage({ kind: 'refusal', number, message: `Error invoking remote method '${name}': ${String(error)}` });
    }
  }

  #toPage(message: ProgramMessage): void {
    if (this.#page === null || this.#world === null) return;
    const call = { functionDeclaration: `function (message) { ${hearName}(message); }`, arguments: [{ value: message }], silent: true };
    this.#page.session.send('Runtime.callFunctionOn', { ...call, executionContextId: this.#world }).catch(() => undefined);
  }
}
