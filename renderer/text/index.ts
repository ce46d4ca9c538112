import type { Catalogue } from './catalogue.ts';
import { english } from './english.ts';
import { german } from './german.ts';

export type { Catalogue } from './catalogue.ts';

/** The languages there are, by their BCP 47 tag. */
export const catalogues = { en: english, de: german } as const satisfies Readonly<Record<string, Catalogue>>;

export type Language = keyof typeof catalogues;

export const languages: readonly Language[] = ['en', 'de'];

/** The first of the wanted languages (BCP 47 tags, as browsers tell them) that there is; English where there is none. */
export function languageOf(wanted: readonly string[]): Language {
  for (const tag of wanted) {
    const found = languages.find((language) => tag.toLowerCase().split('-')[0] === language);
    if (found !== undefined) return found;
  }
  return 'en';
}
