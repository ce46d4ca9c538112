import type { UsageName } from '../../protocol/usage-query.ts';
import { fileName } from '../format/name.ts';
import type { Catalogue } from '../text/index.ts';
import { textFor } from '../text/lookup.ts';
import type { Division } from './question.ts';

function unknownName(by: Division, words: Catalogue): string {
  if (by === 'app') return words.unknownAppPlain;
  return by === 'network' ? words.unknownNetwork : words.unknownDomain;
}

/** What a person reads for a row of the history. What the service words itself (an app's name, a domain) stays as it is. */
export function rowName({ kind, key, label }: UsageName, by: Division, words: Catalogue): string {
  if (kind === 'folded') return words.foldedNames;
  if (kind === 'unknown' || key === null) return unknownName(by, words);
  if (by === 'scope') return textFor(words.now.scopes, key);
  if (by === 'certainty') return textFor(words.usage.certainties, key);
  return by === 'app' && label === key ? fileName(label) : label;
}
