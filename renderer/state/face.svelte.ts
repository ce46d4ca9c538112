import { createContext } from 'svelte';
import { percent, count, rate, size, written } from '../format/quantity.ts';
import type { Quantity, Units } from '../format/quantity.ts';
import { catalogues } from '../text/index.ts';
import type { Catalogue, Language } from '../text/index.ts';
import { AppIcons } from './app-icons.ts';
import { Live } from './live.svelte.ts';
import { Place } from './place.svelte.ts';
import { Preferences } from './preferences.svelte.ts';
import { Session } from './session.svelte.ts';
import type { SessionPorts } from './session.svelte.ts';

const ratesKey = 'display.rates';

/** Everything that a part of the window may need: handed down once, as a context. */
export class Face {
  readonly live = new Live();
  readonly place = new Place();
  readonly preferences = new Preferences(localStorage);
  readonly session: Session;
  readonly icons: AppIcons;
  readonly #words: Catalogue = $derived(catalogues[this.preferences.language]);

  constructor(ports: Omit<SessionPorts, 'take'>) {
    this.session = new Session({ ...ports, take: (event) => this.live.take(event) });
    this.icons = new AppIcons(this.session);
  }

  /**
   * The unit of rates is a setting of the whole program: terminal and tray follow it, too. What this window kept of it is for the
   * first picture only.
   */
  async followSettings(): Promise<void> {
    const { settings } = await this.session.query('settings', {});
    const value = settings.find(({ key }) => key === ratesKey)?.value;
    if ((value === 'bytes' || value === 'bits') && value !== this.preferences.kept.rates) this.preferences.change({ rates: value });
  }

  /** Rates in bytes or bits, from now on and everywhere. Where this connection may only read, in this window. */
  async chooseRates(rates: Units['rates']): Promise<void> {
    this.preferences.change({ rates });
    if (this.session.mayChange) await this.session.command('changeSetting', { key: ratesKey, value: rates });
  }

  /** The texts of the language in force. */
  get words(): Catalogue {
    return this.#words;
  }

  /** How figures and dates are written (a BCP 47 tag). */
  get locale(): string {
    return this.preferences.locale;
  }

  get language(): Language {
    return this.preferences.language;
  }

  size(bytes: number): string {
    return written(this.sizeParts(bytes));
  }

  sizeParts(bytes: number): Quantity {
    return size(bytes, this.preferences.units, this.locale);
  }

  rate(bytesPerSecond: number): string {
    return written(this.rateParts(bytesPerSecond));
  }

  rateParts(bytesPerSecond: number): Quantity {
    return rate(bytesPerSecond, this.preferences.units, this.locale);
  }

  percent(share: number): string {
    return percent(share, this.locale);
  }

  count(value: number): string {
    return count(value, this.locale);
  }
}

const [getFace, setFace] = createContext<Face>();
export { getFace, setFace };
