import { EventEmitter } from 'node:events';
import { homedir } from 'node:os';
import path from 'node:path';
import { endAll, openWindows } from './closing.ts';
import { PreventableEvent } from './event.ts';
import { SingleInstance } from './single-instance.ts';

/**
 * The program's life. Emits `second-instance` (event, argv, workingDirectory), `window-all-closed`, `before-quit` and `will-quit`
 * (both preventable), `quit` and `web-contents-created`.
 */
export class App extends EventEmitter {
  /** It runs from its sources. */
  readonly isPackaged = false;
  #name = 'Electron';
  #userData: string | null = null;
  #instance: SingleInstance | null = null;
  #ready: Promise<void> | null = null;
  readonly #startings: (() => Promise<void>)[] = [];
  #state: 'running' | 'quitting' | 'ended' = 'running';

  getName(): string {
    return this.#name;
  }

  setName(name: string): void {
    this.#name = name;
  }

  /** Where the program keeps its own files: below XDG_CONFIG_HOME, under its name, unless it was set. */
  getPath(name: 'userData'): string {
    const home = process.env['XDG_CONFIG_HOME'] ?? path.join(homedir(), '.config');
    return { userData: this.#userData ?? path.join(home, this.#name) }[name];
  }

  setPath(_name: 'userData', folder: string): void {
    this.#userData = folder;
  }

  /** On Linux Electron does nothing, either: a session starts what its autostart folder names. */
  setLoginItemSettings(_settings: { readonly openAtLogin?: boolean; readonly args?: readonly string[] }): void {}

  requestSingleInstanceLock(): boolean {
    this.#instance ??= new SingleInstance(this.getPath('userData'));
    return this.#instance.request(({ argv, workingDirectory }) => this.emit('second-instance', {}, argv, workingDirectory, null));
  }

  /** Settles once the desktop was asked what it can do; never fails, because without a desktop much still works. */
  async whenReady(): Promise<void> {
    this.#ready ??= this.#begin();
    await this.#ready;
  }

  /** Asks every window to go, then ends; whoever prevents `before-quit`, a window's `close` or `will-quit` keeps it running. */
  quit(): void {
    if (this.#state !== 'running') return;
    const before = new PreventableEvent();
    this.emit('before-quit', before);
    if (before.defaultPrevented) return;
    this.#state = 'quitting';
    for (const window of openWindows) window.close();
    const will = new PreventableEvent();
    if ([...openWindows].every((window) => window.isDestroyed())) this.emit('will-quit', will);
    else will.preventDefault();
    this.#state = 'running';
    if (!will.defaultPrevented) this.exit(0);
  }

  /** Ends now, without asking. */
  exit(code = 0): void {
    if (this.#state === 'ended') return;
    this.#state = 'ended';
    this.emit('quit', {}, code);
    void endAll().then(() => process.exit(code));
  }

  /** For portable/ itself: has this done before the program is ready. */
  beforeReady(begin: () => Promise<void>): void {
    this.#startings.push(begin);
  }

  /** For portable/ itself: the last window is gone. */
  noteAllWindowsClosed(): void {
    if (this.#state !== 'running') return;
    if (this.listenerCount('window-all-closed') === 0) this.quit();
    else this.emit('window-all-closed');
  }

  async #begin(): Promise<void> {
    // A program that follows signals itself is not asked twice.
    const unfollowed = (['SIGINT', 'SIGTERM', 'SIGHUP'] as const).filter((signal) => process.listenerCount(signal) === 0);
    for (const signal of unfollowed) process.on(signal, () => this.quit());
    await Promise.allSettled(this.#startings.map((begin) => begin()));
  }
}

export const app = new App();
