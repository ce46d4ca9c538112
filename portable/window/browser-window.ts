import { EventEmitter } from 'node:events';
import { app } from '../app/app.ts';
import { openWindows } from '../app/closing.ts';
import { PreventableEvent } from '../app/event.ts';
import type { Bounds, Opening, Page, PageEnd } from './browser-process.ts';
import { ipcMain } from './ipc-main.ts';
import { browser } from './shared-browser.ts';
import { WebContents } from './web-contents.ts';

/** Electron's options that electron/ gives. */
export interface BrowserWindowConstructorOptions {
  readonly width?: number;
  readonly height?: number;
  readonly x?: number;
  readonly y?: number;
  readonly backgroundColor?: string;
  readonly show?: boolean;
  readonly webPreferences?: WebPreferences;
  /** Heeded by nothing: the page has a title of its own. */
  readonly title?: string;
  /** Heeded by nothing: browsers offer no window of a least size, and none without a frame. */
  readonly minWidth?: number;
  readonly minHeight?: number;
  readonly frame?: boolean;
  /** Asked of X11's window manager; on Wayland no program may. */
  readonly alwaysOnTop?: boolean;
  readonly skipTaskbar?: boolean;
}

/** A page is apart from its preload script, sandboxed and without Node in any case: it may be said, and cannot be changed. */
export interface WebPreferences {
  readonly preload?: string;
  readonly contextIsolation?: true;
  readonly sandbox?: true;
  readonly nodeIntegration?: false;
  readonly webviewTag?: false;
  readonly spellcheck?: boolean;
}

const initialWidth = 800;
const initialHeight = 600;

function appearance({ backgroundColor = 'white', alwaysOnTop, skipTaskbar }: BrowserWindowConstructorOptions): Pick<Opening, 'backgroundColor' | 'states'> {
  const above = alwaysOnTop === true ? (['_NET_WM_STATE_ABOVE'] as const) : [];
  const unlisted = skipTaskbar === true ? (['_NET_WM_STATE_SKIP_TASKBAR'] as const) : [];
  return { backgroundColor, states: [...above, ...unlisted] };
}

/**
 * A window: while it is shown, an app window of the browser; while it is hidden, nothing but its place and its address. Emits
 * `show`, `hide`, `focus`, `blur`, `move`, `resize`, `minimize`, `restore`, `close` (preventable) and `closed`.
 */
export class BrowserWindow extends EventEmitter {
  readonly webContents: WebContents;
  readonly #options: BrowserWindowConstructorOptions;
  #state: 'hidden' | 'shown' | 'destroyed' = 'hidden';
  #page: Page | null = null;
  #place: { readonly x: number; readonly y: number } | null;
  #size: { readonly width: number; readonly height: number };
  #address: string | null = null;
  #isFocused = false;
  #isMinimized = false;
  /** Opening and closing take their turns: what is wanted last holds in the end. */
  #work: Promise<void> = Promise.resolve();

  constructor(options: BrowserWindowConstructorOptions = {}) {
    super();
    this.#options = options;
    const { x, y, width = initialWidth, height = initialHeight } = options;
    this.#place = x === undefined || y === undefined ? null : { x, y };
    this.#size = { width, height };
    this.webContents = new WebContents(options.webPreferences?.preload ?? null, ipcMain);
    openWindows.add(this);
    app.emit('web-contents-created', {}, this.webContents);
    if (options.show !== false) this.show();
  }

  /** Goes there, now or as soon as the window is shown. */
  async loadURL(address: string): Promise<void> {
    this.#address = address;
    if (this.#page !== null) await this.webContents.load(address);
  }

  show(): void {
    if (this.#state === 'destroyed') return;
    if (this.#page !== null) this.focus();
    this.#state = 'shown';
    this.#settle();
  }

  hide(): void {
    if (this.#state !== 'shown') return;
    this.#becomeHidden();
    this.#settle();
  }

  focus(): void {
    this.#page?.session.send('Page.bringToFront').catch(() => undefined);
  }

  restore(): void {
    if (this.#page !== null) void browser.restore(this.#page);
  }

  /** Asks the program, which may prevent it. */
  close(): void {
    if (this.#state === 'destroyed') return;
    const event = new PreventableEvent();
    this.emit('close', event);
    if (!event.defaultPrevented) this.destroy();
  }

  destroy(): void {
    if (this.isDestroyed()) return;
    this.#state = 'destroyed';
    openWindows.delete(this);
    this.#settle();
    this.webContents.destroy();
    this.emit('closed');
    if (openWindows.size === 0) app.noteAllWindowsClosed();
  }

  isDestroyed(): boolean {
    return this.#state === 'destroyed';
  }

  isVisible(): boolean {
    return this.#state === 'shown';
  }

  isFocused(): boolean {
    return this.#isFocused;
  }

  isMinimized(): boolean {
    return this.#isMinimized;
  }

  /** Where it is, or where it was and will be. */
  getBounds(): Bounds {
    return { x: this.#place?.x ?? 0, y: this.#place?.y ?? 0, ...this.#size };
  }

  #settle(): void {
    this.#work = this.#work.then(() => this.#converge());
  }

  async #converge(): Promise<void> {
    if (this.#state === 'shown' && this.#page === null) await this.#open();
    else if (this.#state !== 'shown' && this.#page !== null) await this.#shut(this.#page);
  }

  async #open(): Promise<void> {
    try {
      const page = await browser.open({ place: this.#place, ...this.#size, ...appearance(this.#options) });
      await this.webContents.enter(page, { focused: (isFocused) => this.#noteFocus(isFocused), moved: () => void this.#look(page) });
      this.#page = page;
      page.gone.addEventListener('abort', () => this.#lose(page, page.gone.reason));
      if (this.#address !== null) await this.webContents.load(this.#address);
      await this.#look(page);
    } catch (error) {
      // A page that went meanwhile was told of by #lose; else the browser is absent or does not start, or the address is nobody's.
      if (this.#state === 'shown') this.#fail(error);
      return;
    }
    if (this.#state === 'shown') this.emit('show', {});
  }

  async #shut(page: Page): Promise<void> {
    await this.#look(page);
    this.#page = null;
    this.webContents.leave();
    await browser.closePage(page);
  }

  #fail(error: unknown): void {
    process.stderr.write(`${app.getName()}: no window: ${error instanceof Error ? error.message : String(error)}\n`);
    this.#becomeHidden();
    this.#settle();
    this.webContents.emit('render-process-gone', {}, { reason: 'launch-failed', exitCode: 1 });
  }

  /** The page went by itself: its window was closed by a person, or the browser is gone. */
  #lose(page: Page, end: PageEnd): void {
    if (this.#page !== page) return;
    this.#page = null;
    this.webContents.leave();
    if (end === 'window closed') {
      this.close();
      if (this.#state === 'shown') this.#becomeHidden();
      return;
    }
    this.webContents.noteEnd(end);
    this.destroy();
  }

  #becomeHidden(): void {
    this.#state = 'hidden';
    this.#isMinimized = false;
    this.#noteFocus(false);
    this.emit('hide', {});
  }

  #noteFocus(isFocused: boolean): void {
    if (isFocused === this.#isFocused) return;
    this.#isFocused = isFocused;
    this.emit(isFocused ? 'focus' : 'blur', {});
  }

  /** Reads where the window is and whether it is minimised, and tells what changed. */
  async #look(page: Page): Promise<void> {
    const bounds = await browser.boundsOf(page);
    if (bounds === null || this.#page !== page) return;
    const isMinimized = bounds.windowState === 'minimized';
    if (isMinimized !== this.#isMinimized) {
      this.#isMinimized = isMinimized;
      this.emit(isMinimized ? 'minimize' : 'restore', {});
    }
    if (isMinimized) return;
    const before = this.getBounds();
    this.#place = { x: bounds.left ?? before.x, y: bounds.top ?? before.y };
    this.#size = { width: bounds.width ?? before.width, height: bounds.height ?? before.height };
    const now = this.getBounds();
    if (now.x !== before.x || now.y !== before.y) this.emit('move', {});
    if (now.width !== before.width || now.height !== before.height) this.emit('resize', {});
  }
}
