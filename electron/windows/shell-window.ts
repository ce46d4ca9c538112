import { fileURLToPath } from 'node:url';
import { BrowserWindow } from 'electron';
import type { BrowserWindowConstructorOptions, WebContents } from 'electron';
import { pageAddress } from './pages.ts';
import { visiblePlace } from './places.ts';
import type { Place } from './places.ts';

/** What makes one window differ from another. */
export interface WindowShape {
  readonly title: string;
  /** What stands behind `#` in its address at first. */
  readonly place: string;
  readonly initial: Pick<Place, 'width' | 'height'>;
  readonly least: Pick<Place, 'width' | 'height'>;
  readonly options: BrowserWindowConstructorOptions;
}

export interface WindowPorts {
  readonly remembered: () => Place | undefined;
  readonly remember: (place: Place) => void;
  /** It came into view, left it, or came to or left the front. */
  readonly changed: (window: ShellWindow) => void;
  /** A person closed it. It is hidden already. */
  readonly closed: (window: ShellWindow) => void;
  /** Its contents are gone: nobody is to be sent anything any more. */
  readonly gone: (contents: WebContents) => void;
}

const preload = fileURLToPath(new URL('../preload.cjs', import.meta.url));

/** Moving a window makes hundreds of events: its place is kept when it has come to rest. */
const restMs = 500;

/**
 * A window that is made when it is first wanted, hidden instead of closed, and made anew where its process was killed. While it is
 * hidden it is sent nothing, and so has nothing to do.
 */
export class ShellWindow implements Disposable {
  readonly #shape: WindowShape;
  readonly #ports: WindowPorts;
  #window: BrowserWindow | null = null;
  #resting: NodeJS.Timeout | null = null;

  constructor(shape: WindowShape, ports: WindowPorts) {
    this.#shape = shape;
    this.#ports = ports;
  }

  get isShown(): boolean {
    const window = this.#living();
    return window !== null && window.isVisible() && !window.isMinimized();
  }

  get isInFront(): boolean {
    return this.isShown && this.#living()?.isFocused() === true;
  }

  get contents(): WebContents | null {
    return this.#living()?.webContents ?? null;
  }

  /** Shows it in front of the others, at a place of the page where one is given. */
  open(place?: string): void {
    const address = pageAddress(place ?? this.#shape.place);
    const window = this.#living() ?? this.#make(address);
    // Where a person has gone meanwhile is theirs, unless somewhere else is wanted.
    if (place !== undefined && window.webContents.getURL() !== address) void window.loadURL(address);
    if (window.isMinimized()) window.restore();
    window.show();
    window.focus();
  }

  hide(): void {
    this.#living()?.hide();
  }

  [Symbol.dispose](): void {
    this.#keepPlace();
    this.#living()?.destroy();
    this.#window = null;
  }

  #living(): BrowserWindow | null {
    return this.#window === null || this.#window.isDestroyed() ? null : this.#window;
  }

  #make(address: string): BrowserWindow {
    const { title, initial, least, options } = this.#shape;
    const remembered = this.#ports.remembered();
    const window = new BrowserWindow({
      ...initial,
      ...(remembered === undefined ? {} : visiblePlace(remembered)),
      minWidth: least.width,
      minHeight: least.height,
      title,
      show: false,
      ...options,
      webPreferences: { preload, contextIsolation: true, sandbox: true, nodeIntegration: false, webviewTag: false, spellcheck: false },
    });
    this.#window = window;
    this.#follow(window);
    void window.loadURL(address);
    return window;
  }

  #follow(window: BrowserWindow): void {
    const { webContents: contents } = window;
    const changed = (): void => this.#ports.changed(this);
    window.on('show', changed);
    window.on('hide', changed);
    window.on('minimize', changed);
    window.on('restore', changed);
    window.on('focus', changed);
    window.on('blur', changed);
    window.on('move', () => this.#rest());
    window.on('resize', () => this.#rest());
    window.on('close', (event) => {
      event.preventDefault();
      this.#keepPlace();
      window.hide();
      this.#ports.closed(this);
    });
    window.on('closed', () => this.#lose(window, contents));
    // A page whose process was killed shows nothing: the window goes, and comes anew when it is wanted.
    contents.on('render-process-gone', () => {
      if (!window.isDestroyed()) window.destroy();
      this.#lose(window, contents);
    });
  }

  #lose(window: BrowserWindow, contents: WebContents): void {
    if (this.#window !== window) return;
    this.#window = null;
    this.#ports.gone(contents);
    this.#ports.changed(this);
  }

  #rest(): void {
    if (this.#resting !== null) clearTimeout(this.#resting);
    this.#resting = setTimeout(() => this.#keepPlace(), restMs);
    this.#resting.unref();
  }

  #keepPlace(): void {
    if (this.#resting !== null) clearTimeout(this.#resting);
    this.#resting = null;
    const window = this.#living();
    if (window === null || window.isMinimized() || !window.isVisible()) return;
    this.#ports.remember(window.getBounds());
  }
}
