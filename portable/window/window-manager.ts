import { Buffer } from 'node:buffer';
import { setTimeout as delay } from 'node:timers/promises';
import x11 from 'x11';
import type { Property, XClient, XDisplay } from 'x11';

/** What a window may ask of the window manager (freedesktop.org, "Extended Window Manager Hints", _NET_WM_STATE). */
export type WindowState = '_NET_WM_STATE_ABOVE' | '_NET_WM_STATE_SKIP_TASKBAR';

/** The window of a page: its process, and a text in the first half of its WM_CLASS that no other window of that process has. */
export interface SoughtWindow {
  readonly processId: number;
  readonly className: string;
}

/** More windows than a person has. */
const maximumWindows = 1000;
const maximumClassWords = 256;
/** The window manager lists a window a little after its page was opened. */
const lookEveryMs = 50;
const patienceMs = 3000;

const clientMessage = 33;
/** SubstructureNotify and SubstructureRedirect: how a window manager is spoken to (EWMH, "Root Window Properties"). */
const toWindowManager = 0x18_0000;
const addState = 1;
const fromApplication = 1;

function ask<Value>(request: (answer: (error: Error | null | undefined, value: Value) => void) => void): Promise<Value> {
  return new Promise((resolve, reject) => {
    request((error, value) => (error === null || error === undefined ? resolve(value) : reject(error)));
  });
}

class WindowManager {
  readonly #client: XClient;
  readonly #root: number;

  constructor({ client, screen }: XDisplay) {
    this.#client = client;
    this.#root = screen[0]?.root ?? 0;
    // A connection that breaks ends the one request that it was made for.
    client.on('error', () => undefined);
  }

  async find({ processId, className }: SoughtWindow): Promise<number | null> {
    const list = await this.#property(this.#root, '_NET_CLIENT_LIST', maximumWindows);
    for (const window of numbersOf(list)) {
      const [owner] = numbersOf(await this.#property(window, '_NET_WM_PID', 1));
      const names = await this.#property(window, 'WM_CLASS', maximumClassWords);
      if (owner === processId && names.data.toString('latin1').includes(className)) return window;
    }
    return null;
  }

  async add(window: number, states: readonly WindowState[]): Promise<void> {
    for (const state of states) {
      const event = Buffer.alloc(32);
      event.writeUInt8(clientMessage, 0);
      event.writeUInt8(32, 1);
      const words = [window, await this.#atom('_NET_WM_STATE'), addState, await this.#atom(state), 0, fromApplication];
      for (const [index, word] of words.entries()) event.writeUInt32LE(word, 4 + index * 4);
      this.#client.SendEvent(this.#root, 0, toWindowManager, event);
    }
  }

  close(): Promise<void> {
    return new Promise((resolve) => this.#client.close(resolve));
  }

  #atom(name: string): Promise<number> {
    return ask((answer) => this.#client.InternAtom(false, name, answer));
  }

  async #property(window: number, name: string, words: number): Promise<Property> {
    const atom = await this.#atom(name);
    return await ask((answer) => this.#client.GetProperty(0, window, atom, 0, 0, words, answer));
  }
}

function numbersOf({ data }: Property): readonly number[] {
  return Array.from({ length: Math.floor(data.length / 4) }, (_, index) => data.readUInt32LE(index * 4));
}

/**
 * Asks the window manager of an X11 display to treat a window as it says. A display that is absent, a window that is not an X11
 * one (on Wayland) and a window manager that does not heed it leave all as it is.
 */
export async function requestStates(display: string, sought: SoughtWindow, states: readonly WindowState[]): Promise<void> {
  const manager = await ask<XDisplay>((answer) => x11.createClient({ display }, answer)).then((found) => new WindowManager(found), () => null);
  if (manager === null) return;
  try {
    const deadline = performance.now() + patienceMs;
    let window = await manager.find(sought);
    while (window === null && performance.now() < deadline) {
      await delay(lookEveryMs);
      window = await manager.find(sought);
    }
    if (window !== null) await manager.add(window, states);
  } catch {
    // A window that was closed meanwhile asks for nothing.
  } finally {
    await manager.close();
  }
}
