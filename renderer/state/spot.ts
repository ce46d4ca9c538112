/** Where in the window a person is. It stands behind `#` in the address, so that it can be kept, sent and gone back to. */

/** Pages by the word in the address. */
export const pageNames = ['now', 'usage', 'connections', 'alerts', 'settings', 'app', 'domain', 'mini'] as const;
export type PageName = (typeof pageNames)[number];

/** What narrows a page, by name. Each page says which of them it knows. */
export type Parameters = Readonly<Record<string, string>>;

export interface Spot {
  readonly page: PageName;
  readonly parameters: Parameters;
}

/** Longest address that is read: more is nobody's place. In characters. */
const longestAddress = 20_000;

/** Reads what stands behind `#`; what is no place is the first page. */
export function spotOf(hash: string): Spot {
  const [path = '', query = ''] = hash.slice(0, longestAddress).replace(/^#\/?/u, '').split('?', 2);
  const page = pageNames.find((name) => name === path) ?? 'now';
  return { page, parameters: Object.fromEntries(new URLSearchParams(query)) };
}

/** An empty text says nothing: it takes a parameter away. */
export function said(parameters: Parameters): Record<string, string> {
  return Object.fromEntries(Object.entries(parameters).filter(([, value]) => value !== ''));
}

/** What stands behind `#` for a place. */
export function hashOf({ page, parameters }: Spot): string {
  const query = new URLSearchParams(said(parameters)).toString();
  return query === '' ? `#/${page}` : `#/${page}?${query}`;
}
