import type { AppRow, DomainRow } from '../../protocol/app.ts';
import type { Catalogue } from '../text/index.ts';
import { textFor } from '../text/lookup.ts';
import { fileName } from './name.ts';

/** What a person reads for a row of the live figures: who it is, or why nobody can tell. */

export function appName({ app, displayName, reason }: Pick<AppRow, 'app' | 'displayName' | 'reason'>, words: Catalogue): string {
  if (displayName !== null) return displayName;
  if (app !== null) return fileName(app);
  if (reason === 'private') return words.privateName;
  return reason === null ? words.unknownAppPlain : words.unknownApp(textFor(words.reasons, reason));
}

export function domainName({ domain, reason }: Pick<DomainRow, 'domain' | 'reason'>, words: Catalogue): string {
  if (domain !== null) return domain;
  if (reason === 'private') return words.privateName;
  return reason === 'folded' ? words.foldedNames : words.unknownDomain;
}
