import path from 'node:path';
import { app } from '../app/app.ts';
import { beforeEnd } from '../app/closing.ts';
import { BrowserProcess } from './browser-process.ts';
import type { Opening, Page } from './browser-process.ts';
import { findBrowser } from './installed-browser.ts';

function startBrowser(): BrowserProcess {
  const executable = findBrowser(process.env);
  if (executable === null) throw new Error('a window needs Chromium, Chrome, Edge or Brave: install one, or name it in TIDEWATCH_BROWSER');
  return new BrowserProcess({ executable, profileFolder: path.join(app.getPath('userData'), 'browser'), windowClass: app.getName() });
}

/** The one browser behind all windows: there while a window is shown. */
class SharedBrowser {
  #process: BrowserProcess | null = null;
  /** Pages that are open or opening. */
  #pages = 0;
  #isSaid = false;
  #closing: Promise<void> = Promise.resolve();

  /** @throws Error where no browser is installed, or it does not start. */
  async open(opening: Opening): Promise<Page> {
    this.#pages += 1;
    try {
      await this.#closing;
      this.#process ??= startBrowser();
      this.#sayIfUnsafe();
      const page = await this.#process.open(opening);
      page.gone.addEventListener('abort', () => this.#release());
      return page;
    } catch (error) {
      this.#release();
      throw error;
    }
  }

  async closePage(page: Page): Promise<void> {
    await this.#process?.closePage(page);
  }

  /** Null where the page is gone. */
  async boundsOf(page: Page): Promise<Awaited<ReturnType<BrowserProcess['boundsOf']>> | null> {
    return (await this.#process?.boundsOf(page).catch(() => null)) ?? null;
  }

  async restore(page: Page): Promise<void> {
    await this.#process?.restore(page).catch(() => undefined);
  }

  async close(): Promise<void> {
    await this.#process?.close();
    await this.#closing;
  }

  #sayIfUnsafe(): void {
    if (this.#isSaid || process.getuid?.() !== 0) return;
    this.#isSaid = true;
    process.stderr.write(`${app.getName()}: running as root, so the window's browser runs without its sandbox\n`);
  }

  #release(): void {
    this.#pages -= 1;
    if (this.#pages > 0 || this.#process === null) return;
    this.#closing = this.#process.close();
    this.#process = null;
  }
}

export const browser = new SharedBrowser();
beforeEnd(() => browser.close());
