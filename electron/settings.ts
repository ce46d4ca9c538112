import { SettingsFile } from '../service/index.ts';
import type { Settings } from '../service/index.ts';

/** The settings that the desktop goes by, followed as they change. The file is the only place where they are kept. */
export class DesktopSettings implements Disposable {
  readonly #file: SettingsFile;
  readonly #watch: Disposable;
  #current: Settings;

  /** `changed` is called within a second after a change. */
  constructor(settingsPath: string, changed: () => void) {
    this.#file = new SettingsFile(settingsPath);
    this.#watch = this.#file.watch(() => {
      const { settings, unreadable } = this.#file.read();
      // An editor that is half done changes nothing.
      if (unreadable !== null) return;
      this.#current = settings;
      changed();
    });
    this.#current = this.#file.read().settings;
  }

  get current(): Settings {
    return this.#current;
  }

  [Symbol.dispose](): void {
    this.#watch[Symbol.dispose]();
  }
}
