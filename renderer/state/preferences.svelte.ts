import { forgetColours } from '../look/colours.ts';
import { initialUnits } from '../format/quantity.ts';
import type { Units } from '../format/quantity.ts';
import { languageOf } from '../text/index.ts';
import type { Language } from '../text/index.ts';

/** How this window looks: kept by the browser, since it concerns this window alone and not what is measured. */

export const themes = ['system', 'light', 'dark'] as const;
export type Theme = (typeof themes)[number];

export const languageChoices = ['system', 'en', 'de'] as const;
export type LanguageChoice = (typeof languageChoices)[number];

interface Kept {
  readonly theme: Theme;
  readonly language: LanguageChoice;
  readonly rates: Units['rates'];
  readonly prefixes: Units['prefixes'];
  /** Whether single keys go to pages: who speaks to the machine may not want them (WCAG 2.2, 2.1.4). */
  readonly shortcuts: 'on' | 'off';
  /** Whether the first start's words were read. */
  readonly welcome: 'open' | 'read';
}

const initial: Kept = { theme: 'system', language: 'system', ...initialUnits, shortcuts: 'on', welcome: 'open' };

const choices: { readonly [Key in keyof Kept]: readonly Kept[Key][] } = {
  theme: themes,
  language: languageChoices,
  rates: ['bytes', 'bits'],
  prefixes: ['si', 'iec'],
  shortcuts: ['on', 'off'],
  welcome: ['open', 'read'],
};

/** Where they are kept. */
const storageKey = 'tidewatch.preferences';

function oneOf<Value extends string>(values: readonly Value[], value: unknown, otherwise: Value): Value {
  return values.find((each) => each === value) ?? otherwise;
}

/** What was kept, with defaults for what was not, or is none of the choices. */
function read(storage: Storage): Kept {
  let found: Readonly<Record<string, unknown>> = {};
  try {
    found = Object(JSON.parse(storage.getItem(storageKey) ?? '{}'));
  } catch {
    // Somebody else's, or half written: the defaults hold.
  }
  return {
    theme: oneOf(choices.theme, found['theme'], initial.theme),
    language: oneOf(choices.language, found['language'], initial.language),
    rates: oneOf(choices.rates, found['rates'], initial.rates),
    prefixes: oneOf(choices.prefixes, found['prefixes'], initial.prefixes),
    shortcuts: oneOf(choices.shortcuts, found['shortcuts'], initial.shortcuts),
    welcome: oneOf(choices.welcome, found['welcome'], initial.welcome),
  };
}

/** The look that was chosen, at once in force and kept. */
export class Preferences {
  readonly #storage: Storage;
  #kept: Kept = $state.raw(initial);
  readonly #units: Units = $derived({ rates: this.#kept.rates, prefixes: this.#kept.prefixes });
  readonly #language: Language = $derived(languageOf(this.#kept.language === 'system' ? navigator.languages : [this.#kept.language]));
  readonly #locale: string = $derived(navigator.languages.find((tag) => languageOf([tag]) === this.#language && tag.startsWith(this.#language)) ?? this.#language);
  /** Counts up whenever colours may have changed: what is drawn on a canvas is drawn anew. */
  #look = $state(0);

  constructor(storage: Storage) {
    this.#storage = storage;
    this.#kept = read(storage);
    this.#apply();
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => this.#lookChanged());
    // Another window of the same browser has changed them.
    window.addEventListener('storage', ({ key }) => {
      if (key !== storageKey) return;
      this.#kept = read(storage);
      this.#apply();
    });
  }

  get kept(): Kept {
    return this.#kept;
  }

  get units(): Units {
    return this.#units;
  }

  /** The language in force. */
  get language(): Language {
    return this.#language;
  }

  /** How figures and dates are written: the language in force, as spoken where the person lives, if the browser tells. */
  get locale(): string {
    return this.#locale;
  }

  get look(): number {
    return this.#look;
  }

  change(part: Partial<Kept>): void {
    this.#kept = { ...this.#kept, ...part };
    try {
      this.#storage.setItem(storageKey, JSON.stringify(this.#kept));
    } catch {
      // Without room, or not allowed to keep anything: it holds until the window is closed.
    }
    this.#apply();
  }

  #apply(): void {
    const { documentElement } = document;
    if (this.#kept.theme === 'system') delete documentElement.dataset['theme'];
    else documentElement.dataset['theme'] = this.#kept.theme;
    documentElement.lang = this.#language;
    this.#lookChanged();
  }

  #lookChanged(): void {
    forgetColours();
    this.#look += 1;
  }
}
