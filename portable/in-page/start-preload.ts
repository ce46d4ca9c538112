/// <reference lib="dom" />
import type { createBridge } from './create-bridge.ts';

/** What the preload world tells the program. */
export type PageMessage =
  | { readonly kind: 'started'; readonly workArea: { readonly x: number; readonly y: number; readonly width: number; readonly height: number } }
  | { readonly kind: 'invoke'; readonly number: number; readonly channel: string; readonly values: readonly unknown[] }
  | { readonly kind: 'send'; readonly channel: string; readonly values: readonly unknown[] }
  | { readonly kind: 'focus'; readonly isFocused: boolean }
  | { readonly kind: 'moved' };

/** What the program tells the preload world. */
export type ProgramMessage =
  | { readonly kind: 'answer'; readonly number: number; readonly value?: unknown }
  | { readonly kind: 'refusal'; readonly number: number; readonly message: string }
  | { readonly kind: 'event'; readonly channel: string; readonly values: readonly unknown[] };

type Listener = (event: object, ...values: readonly unknown[]) => void;

export interface PreloadStart {
  readonly createBridge: typeof createBridge;
  readonly toPreload: string;
  readonly toPage: string;
  /** Hands a message to the program: the binding that only this world has. */
  readonly tell: (message: string) => void;
  /** Gives the program the function that takes its messages. */
  readonly hear: (receive: (message: ProgramMessage) => void) => void;
  /** The script, with what it has for modules (CommonJS). */
  readonly preload: (require: (name: string) => unknown, module: { readonly exports: object }, exports: object) => void;
}

/**
 * The preload script's world, apart from the page's: gives the script Electron's `contextBridge` and `ipcRenderer`, and tells the
 * program where the window is and whether it has the focus.
 *
 * Runs in the page before its first script: its text is put into a script, so it refers to nothing outside of itself.
 */
export function startPreload({ createBridge, toPreload, toPage, tell, hear, preload }: PreloadStart): void {
  /** No event tells that a window was moved. Looking at four numbers once a second costs nothing that could be measured. */
  const lookMs = 1000;
  const waiting = new Map<number, PromiseWithResolvers<unknown>>();
  const listeners = new Map<string, Set<Listener>>();
  let lastNumber = 0;

  function toProgram(message: PageMessage): void {
    tell(JSON.stringify(message));
  }

  const ipcRenderer = {
    invoke(channel: string, ...values: readonly unknown[]): Promise<unknown> {
      lastNumber += 1;
      const settle = Promise.withResolvers<unknown>();
      waiting.set(lastNumber, settle);
      toProgram({ kind: 'invoke', number: lastNumber, channel, values });
      return settle.promise;
    },
    send(channel: string, ...values: readonly unknown[]): void {
      toProgram({ kind: 'send', channel, values });
    },
    on(channel: string, listener: Listener): void {
      const those = listeners.get(channel) ?? new Set();
      listeners.set(channel, those.add(listener));
    },
    removeListener(channel: string, listener: Listener): void {
      listeners.get(channel)?.delete(listener);
    },
  };

  function receive(message: ProgramMessage): void {
    if (message.kind === 'event') {
      for (const listener of listeners.get(message.channel) ?? []) listener({}, ...message.values);
      return;
    }
    const settle = waiting.get(message.number);
    waiting.delete(message.number);
    if (message.kind === 'answer') settle?.resolve(message.value);
    else settle?.reject(new Error(message.message));
  }

  function followWindow(): void {
    const place = (): string => [window.screenX, window.screenY, window.outerWidth, window.outerHeight].join(' ');
    let last = place();
    const look = (): void => {
      if (place() === last) return;
      last = place();
      toProgram({ kind: 'moved' });
    };
    setInterval(look, lookMs);
    window.addEventListener('resize', look);
    document.addEventListener('visibilitychange', () => toProgram({ kind: 'moved' }));
    window.addEventListener('focus', () => toProgram({ kind: 'focus', isFocused: true }));
    window.addEventListener('blur', () => toProgram({ kind: 'focus', isFocused: false }));
    if (document.hasFocus()) toProgram({ kind: 'focus', isFocused: true });
  }

  /** The part of this window's display that panels leave free. The standard leaves out where it begins; Chromium has it. */
  function workArea(): { x: number; y: number; width: number; height: number } {
    const { availWidth: width, availHeight: height } = screen;
    return { x: Number(Reflect.get(screen, 'availLeft')), y: Number(Reflect.get(screen, 'availTop')), width, height };
  }

  // Frames get nothing, nor does the empty page with which a window opens.
  if (window.parent !== window || window.origin === 'null') return;
  const bridge = createBridge({ outgoing: toPage, incoming: toPreload, exposed: () => undefined });
  hear(receive);
  toProgram({ kind: 'started', workArea: workArea() });
  followWindow();
  // As in Electron, where no program asks for a menu: the browser's own would offer to save, to print and to inspect.
  window.addEventListener('contextmenu', (event) => event.preventDefault());
  const module = { exports: {} };
  preload(
    (name) => {
      if (name !== 'electron') throw new Error(`a preload script has no module ${name}`);
      return { contextBridge: { exposeInMainWorld: bridge.expose }, ipcRenderer };
    },
    module,
    module.exports,
  );
}
