import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { Readable, Writable } from 'node:stream';
import type { Protocol } from 'devtools-protocol/types/protocol.js';
import { requestStates } from './window-manager.ts';
import type { WindowState } from './window-manager.ts';
import { DevtoolsError, DevtoolsPipe, DevtoolsSession } from './devtools-pipe.ts';
import type { Commands, Parameters, Result } from './devtools-pipe.ts';

/** Position and size in density-independent pixels. */
export interface Bounds {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** How a page is to open. */
export interface Opening {
  /** Without a place, the window manager finds one. */
  readonly place: { readonly x: number; readonly y: number } | null;
  readonly width: number;
  readonly height: number;
  /** CSS colour of the window until its page is painted. */
  readonly backgroundColor: string;
  /** What is asked of X11's window manager. */
  readonly states: readonly WindowState[];
}

/** Who ended a page: its window was closed, or the whole browser went. */
export type PageEnd = 'window closed' | 'browser ended';

/** An open page of the browser, in a window of its own. */
export interface Page {
  readonly targetId: string;
  readonly session: DevtoolsSession;
  /** Aborts when the page is gone; its reason is a `PageEnd`. */
  readonly gone: AbortSignal;
}

interface Expected {
  readonly url: string;
  readonly settle: PromiseWithResolvers<Page>;
}

/**
 * Its own profile; no first run, no traffic of the browser's own, no name that it could resolve, nothing asked of the person.
 * (content/ and chrome/ `*_switches.cc` of Chromium say what each does.)
 */
const quietSwitches = [
  '--no-first-run',
  '--no-default-browser-check',
  '--no-pings',
  '--no-service-autorun',
  '--disable-background-networking',
  '--disable-background-mode',
  '--disable-breakpad',
  '--disable-client-side-phishing-detection',
  '--disable-component-update',
  '--disable-default-apps',
  '--disable-domain-reliability',
  '--disable-extensions',
  '--disable-features=Translate,MediaRouter,OptimizationHints,AutofillServerCommunication,GlobalMediaControls',
  '--disable-quic',
  '--disable-sync',
  '--deny-permission-prompts',
  '--hide-crash-restore-bubble',
  '--metrics-recording-only',
  '--password-store=basic',
  '--host-resolver-rules=MAP * ~NOTFOUND',
];

/** Chromium refuses its sandbox to root, and `--test-type` takes away the bar in the window that says so. */
const rootSwitches = ['--no-sandbox', '--test-type'];

/** What Chromium writes when it cannot go on, and what that means for a person. */
const causes: readonly (readonly [RegExp, string])[] = [
  [/No usable sandbox/u, 'its sandbox cannot be used here; install chromium-sandbox, or allow unprivileged user namespaces'],
  [/Missing X server|platform failed to initialize|Unable to open X display/u, 'there is no display'],
];

const lastWordsMs = 300;
const openMs = 20_000;
const closeMs = 2000;
/** Windows that a person can open in a program like this one. */
const maximumPages = 16;

export interface BrowserPlan {
  readonly executable: string;
  readonly profileFolder: string;
  /** X11's window class, by which panels group windows and find their icon. */
  readonly windowClass: string;
}

/**
 * A running browser of our own. It begins with its first page and should be closed after its last one. Further pages come by
 * starting the command again with the same profile: the second process hands its command line to the first and ends.
 */
export class BrowserProcess {
  readonly #plan: BrowserPlan;
  readonly #pages = new Map<string, AbortController>();
  readonly #ended = Promise.withResolvers<void>();
  #child: ChildProcess | null = null;
  #pipe: DevtoolsPipe | null = null;
  #expected: Expected | null = null;
  /** Why it ended, where its own words tell. */
  #cause = 'it does not say why';
  #lastPage = 0;
  /** Pages open one after the other: a second process that overtook the first would be the browser, and out of reach. */
  #opening: Promise<unknown> = Promise.resolve();

  constructor(plan: BrowserPlan) {
    this.#plan = plan;
  }

  /** Settles when the process is gone, by itself or not. */
  get ended(): Promise<void> {
    return this.#ended.promise;
  }

  /**
   * Opens a window with an empty page.
   * @throws Error where the browser does not start, ends, or opens no page within 20 s.
   */
  open(opening: Opening): Promise<Page> {
    const page = this.#opening.then(() => this.#openNext(opening));
    this.#opening = page.catch(() => undefined);
    return page;
  }

  /** @throws DevtoolsError where the page is gone. */
  async boundsOf({ targetId }: Page): Promise<Protocol.Browser.Bounds> {
    return (await this.#send('Browser.getWindowForTarget', { targetId })).bounds;
  }

  /** Takes a window back that was minimised. @throws DevtoolsError where the page is gone. */
  async restore({ targetId }: Page): Promise<void> {
    const { windowId } = await this.#send('Browser.getWindowForTarget', { targetId });
    await this.#send('Browser.setWindowBounds', { windowId, bounds: { windowState: 'normal' } });
  }

  /** Closes the page and its window. */
  async closePage({ targetId, gone }: Page): Promise<void> {
    if (gone.aborted) return;
    const closed = new Promise<void>((resolve) => gone.addEventListener('abort', () => resolve()));
    await Promise.race([this.#send('Target.closeTarget', { targetId }).then(() => closed), this.ended]).catch(() => undefined);
  }

  /** Ends the browser: politely, then not. */
  async close(): Promise<void> {
    if (this.#child === null) return;
    const child = this.#child;
    const timer = setTimeout(() => child.kill('SIGKILL'), closeMs);
    await this.#send('Browser.close', undefined).catch(() => child.kill());
    await this.ended;
    clearTimeout(timer);
  }

  async #openNext(opening: Opening): Promise<Page> {
    if (this.#pages.size >= maximumPages) throw new RangeError('too many windows');
    this.#lastPage += 1;
    // The browser makes the window's class of its address.
    const className = `tidewatch-${this.#lastPage}-`;
    const url = `data:text/html,<!--${className}--><body style="background:${encodeURIComponent(opening.backgroundColor)}">`;
    const { place, width, height } = opening;
    const position = place === null ? [] : [`--window-position=${place.x},${place.y}`];
    const settle = Promise.withResolvers<Page>();
    this.#expected = { url, settle };
    const timer = setTimeout(() => settle.reject(new Error('the browser opened no window')), openMs);
    try {
      this.#run([`--app=${url}`, `--window-size=${width},${height}`, ...position]);
      const page = await settle.promise;
      await this.#fit(page, opening);
      this.#askWindowManager(className, opening.states);
      return page;
    } finally {
      clearTimeout(timer);
      this.#expected = null;
    }
  }

  #send<Method extends keyof Commands>(method: Method, parameters: Parameters<Method>[0] | undefined): Promise<Result<Method>> {
    return this.#pipe === null ? Promise.reject(new DevtoolsError('the browser was not started')) : this.#pipe.send(method, parameters, undefined);
  }

  /** A browser that runs already heeds no size on the command line of another window. @throws DevtoolsError where the page is gone. */
  async #fit({ targetId }: Page, { place, width, height }: Opening): Promise<void> {
    const { windowId, bounds } = await this.#send('Browser.getWindowForTarget', { targetId });
    const at = place === null ? {} : { left: place.x, top: place.y };
    const isThere = place === null || (bounds.left === place.x && bounds.top === place.y);
    if (isThere && bounds.width === width && bounds.height === height) return;
    await this.#send('Browser.setWindowBounds', { windowId, bounds: { ...at, width, height } });
  }

  #askWindowManager(className: string, states: readonly WindowState[]): void {
    const { DISPLAY: display = '' } = process.env;
    const processId = this.#child?.pid;
    if (states.length > 0 && display !== '' && processId !== undefined) void requestStates(display, { processId, className }, states);
  }

  #run(words: readonly string[]): void {
    const { executable, profileFolder, windowClass } = this.#plan;
    const own = process.getuid?.() === 0 ? rootSwitches : [];
    const command = [`--user-data-dir=${profileFolder}`, `--class=${windowClass}`, ...quietSwitches, ...own, ...words];
    if (this.#child !== null) {
      spawn(executable, command, { stdio: 'ignore' }).on('error', () => undefined).unref();
      return;
    }
    mkdirSync(profileFolder, { recursive: true, mode: 0o700 });
    this.#child = spawn(executable, ['--remote-debugging-pipe', ...command], { stdio: ['ignore', 'ignore', 'pipe', 'pipe', 'pipe'] });
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => this.#noteWords(text));
    this.#child.once('error', () => this.#end());
    // Its last words come a little after it.
    this.#child.once('exit', () => (this.#expected === null ? this.#end() : setTimeout(() => this.#end(), lastWordsMs)));
    const [, , , output, input] = this.#child.stdio;
    if (!(output instanceof Writable) || !(input instanceof Readable)) throw new Error('the browser has no pipe');
    this.#pipe = new DevtoolsPipe(output, input);
    this.#follow(this.#pipe);
  }

  /** Meets every page before it runs: those that were asked for are given away, all others (a tab, a popup) are closed. */
  #follow(pipe: DevtoolsPipe): void {
    pipe.on('Target.attachedToTarget', undefined, ({ sessionId, targetInfo: { targetId, url } }) => {
      const expected = this.#expected;
      if (expected === null || expected.url !== url) {
        pipe.send('Target.closeTarget', { targetId }, undefined).catch(() => undefined);
        return;
      }
      const gone = new AbortController();
      this.#pages.set(sessionId, gone);
      const session = new DevtoolsSession(pipe, sessionId);
      expected.settle.resolve({ targetId, session, gone: gone.signal });
    });
    pipe.on('Target.detachedFromTarget', undefined, ({ sessionId }) => this.#losePage(sessionId, 'window closed'));
    pipe.send('Target.setAutoAttach', { autoAttach: true, waitForDebuggerOnStart: true, flatten: true, filter: [{ type: 'page' }] }, undefined).catch(() => undefined);
  }

  #noteWords(text: string): void {
    this.#cause = causes.find(([words]) => words.test(text))?.[1] ?? this.#cause;
  }

  #losePage(sessionId: string, end: PageEnd): void {
    this.#pages.get(sessionId)?.abort(end);
    this.#pages.delete(sessionId);
    this.#pipe?.forget(sessionId);
  }

  #end(): void {
    this.#expected?.settle.reject(new Error(`the browser ended before it opened a window: ${this.#cause}`));
    for (const sessionId of this.#pages.keys()) this.#losePage(sessionId, 'browser ended');
    this.#ended.resolve();
  }
}
