import type { UsageName } from '../../protocol/usage-query.ts';
import { fileName } from '../format/name.ts';
import type { Catalogue } from '../text/index.ts';
import { textFor } from '../text/lookup.ts';
import type { Division } from './question.ts';

/** What a row is called whose key nobody knows. */
export function unknownName(by: Division, words: Catalogue): string {
  if (by === 'app') return words.unknownAppPlain;
  if (by === 'country') return words.unknownCountry;
  if (by === 'service') return words.unknownService;
  return by === 'network' ? words.unknownNetwork : words.unknownDomain;
}

/** A country's name in the language, by its ISO 3166-1 code. */
function countryName(code: string, locale: string, words: Catalogue): string {
  if (code === 'none') return words.noCountry;
  return /^[A-Z]{2}$/u.test(code) ? (new Intl.DisplayNames(locale, { type: 'region' }).of(code) ?? code) : code;
}

export interface Tongue {
  readonly words: Catalogue;
  readonly locale: string;
}

/** What a person reads for a row of the history. What the service words itself (an app's name, a domain) stays as it is. */
export function rowName({ kind, key, label }: UsageName, by: Division, { words, locale }: Tongue): string {
  if (kind === 'folded') return words.foldedNames;
  if (kind === 'unknown' || key === null) return unknownName(by, words);
  if (by === 'scope') return textFor(words.now.scopes, key);
  if (by === 'country') return countryName(key, locale, words);
  if (by === 'certainty') return textFor(words.usage.certainties, key);
  return by === 'app' && label === key ? fileName(label) : label;
}
