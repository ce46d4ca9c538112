import { SvelteMap } from 'svelte/reactivity';
import type { Session } from './session.svelte.ts';

/** Edge at which pictures are asked for, in pixels: twice what is shown, for fine screens. */
const askedPixels = 48;

/** Most apps whose picture, or the want of one, is remembered. */
export const mostIcons = 500;

/** Characters of pictures that are remembered, most; one has up to 350 000. */
export const mostIconCharacters = 8_000_000;

/** Most questions at one time: more than a window has rows in sight. */
export const mostIconQuestions = 256;

/** A picture as an address that an image takes; null where the app has none, or it is not known yet. */
export type IconAddress = string | null;

/** The apps' pictures, each asked for once. Beyond its bounds it forgets those that it knew first: their apps show no picture then. */
export class AppIcons {
  readonly #session: Pick<Session, 'query'>;
  readonly #known = new SvelteMap<string, IconAddress>();
  readonly #asking = new Set<string>();
  #characters = 0;

  constructor(session: Pick<Session, 'query'>) {
    this.#session = session;
  }

  /** The app's picture as far as it is known. A component that reads it follows it. */
  of(app: string | null): IconAddress {
    return app === null ? null : (this.#known.get(app) ?? null);
  }

  /** Asks for an app's picture, unless that was done. Where the service is gone or refuses, a later call asks again. */
  async ask(app: string): Promise<void> {
    if (this.#known.has(app) || this.#asking.has(app) || this.#asking.size >= mostIconQuestions) return;
    this.#asking.add(app);
    try {
      const { icon } = await this.#session.query('icon', { app, size: askedPixels });
      this.#keep(app, icon === null ? null : `data:${icon.mediaType};base64,${icon.base64}`);
    } catch {
      // An app without a picture has its mark: who reads the page misses nothing that they need.
    } finally {
      this.#asking.delete(app);
    }
  }

  /** What came is no picture that can be shown: the app has none. */
  spoil(app: string): void {
    if (this.#known.has(app)) this.#keep(app, null);
  }

  #keep(app: string, address: IconAddress): void {
    this.#characters += (address?.length ?? 0) - (this.#known.get(app)?.length ?? 0);
    this.#known.set(app, address);
    for (const [first, held] of this.#known) {
      if (this.#known.size <= mostIcons && this.#characters <= mostIconCharacters) break;
      this.#known.delete(first);
      this.#characters -= held?.length ?? 0;
    }
  }
}
