import type { WebContents } from 'electron';
import type { WindowPlaces } from './places.ts';
import { ShellWindow } from './shell-window.ts';
import type { WindowPorts, WindowShape } from './shell-window.ts';

/** Where the mini window begins; the page shows it at this place of its own. */
const miniPlace = '/mini';

const mainShape: WindowShape = {
  title: 'Tidewatch',
  place: '',
  initial: { width: 1100, height: 760 },
  least: { width: 480, height: 360 },
  options: { backgroundColor: '#16202b' },
};

/** `alwaysOnTop` does nothing on Wayland. */
const miniShape: WindowShape = {
  title: 'Tidewatch mini',
  place: miniPlace,
  initial: { width: 300, height: 200 },
  least: { width: 200, height: 120 },
  options: { frame: false, alwaysOnTop: true, skipTaskbar: true, backgroundColor: '#16202b' },
};

export interface WindowsPorts {
  readonly places: WindowPlaces;
  /** A window can be seen (again): its page catches up. */
  readonly shown: (contents: WebContents) => void;
  /** Whether a person looks at a window now has changed. */
  readonly inFront: (inFront: boolean) => void;
  readonly mainClosed: () => void;
  readonly gone: (contents: WebContents) => void;
}

/** The usage window and the mini window. */
export class Windows implements Disposable {
  readonly #ports: WindowsPorts;
  readonly #main: ShellWindow;
  readonly #mini: ShellWindow;
  readonly #shown = new Set<ShellWindow>();
  #inFront = false;

  constructor(ports: WindowsPorts) {
    this.#ports = ports;
    const { places, gone } = ports;
    const changed = (window: ShellWindow): void => this.#changed(window);
    const mainPorts: WindowPorts = {
      remembered: () => places.remembered.main,
      remember: (main) => places.remember({ main }),
      changed,
      closed: () => ports.mainClosed(),
      gone,
    };
    const miniPorts: WindowPorts = {
      remembered: () => places.remembered.mini,
      remember: (mini) => places.remember({ mini }),
      changed,
      closed: () => places.remember({ miniOpen: false }),
      gone,
    };
    this.#main = new ShellWindow(mainShape, mainPorts);
    this.#mini = new ShellWindow(miniShape, miniPorts);
  }

  open(window: 'main' | 'mini', place?: string): void {
    if (window === 'main') return this.#main.open(place);
    this.#ports.places.remember({ miniOpen: true });
    this.#mini.open();
  }

  /** From the menu: shows it, or puts it away. */
  toggleMini(): void {
    if (!this.#mini.isShown) return this.open('mini');
    this.#ports.places.remember({ miniOpen: false });
    this.#mini.hide();
  }

  isOurs(contents: WebContents): boolean {
    return this.#windowOf(contents) !== undefined;
  }

  isShown(contents: WebContents): boolean {
    return this.#windowOf(contents)?.isShown === true;
  }

  [Symbol.dispose](): void {
    this.#main[Symbol.dispose]();
    this.#mini[Symbol.dispose]();
  }

  #windowOf(contents: WebContents): ShellWindow | undefined {
    return [this.#main, this.#mini].find((window) => window.contents === contents);
  }

  #changed(window: ShellWindow): void {
    const { contents } = window;
    if (!window.isShown) this.#shown.delete(window);
    else if (!this.#shown.has(window)) {
      this.#shown.add(window);
      if (contents !== null) this.#ports.shown(contents);
    }
    const inFront = this.#main.isInFront;
    if (inFront === this.#inFront) return;
    this.#inFront = inFront;
    this.#ports.inFront(inFront);
  }
}
