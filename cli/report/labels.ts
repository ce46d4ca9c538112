import { epochMs } from '../../protocol/units.ts';
import { dateTimeText } from '../time.ts';
import type { Answer, AnswerRow } from './answer.ts';

/** What a person calls a row. */

const unknownKeys: Record<Answer['by'], string> = {
  app: 'unknown app',
  domain: 'no name known',
  host: 'no name known',
  country: 'unknown country',
  network: 'unknown network',
  scope: 'unknown scope',
  service: 'unknown service',
  hour: 'unknown hour',
  day: 'unknown day',
  month: 'unknown month',
};

const countries = new Intl.DisplayNames('en', { type: 'region', fallback: 'code' });

function keyLabel(by: Answer['by'], key: string): string {
  switch (by) {
    case 'country':
      return key === 'none' ? 'no country (own networks)' : `${countries.of(key) ?? key} (${key})`;
    case 'hour':
      // A day stands for its hours where they are not kept any more.
      return key.includes('T') ? dateTimeText(epochMs(Date.parse(key))) : key;
    default:
      return key;
  }
}

/** The labels of all rows, in their order. Two apps that are called alike are told apart by what they are known by. */
export function labelsOf({ by, rows }: Pick<Answer, 'by' | 'rows'>): readonly string[] {
  const alike = Map.groupBy(rows, ({ displayName }: AnswerRow) => displayName);
  return rows.map(({ key, displayName }) => {
    if (key === null) return unknownKeys[by];
    const own = displayName !== undefined && alike.get(displayName)?.length === 1 ? displayName : null;
    return own ?? keyLabel(by, key);
  });
}
