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
function said(parameters: Parameters): Record<string, string> {
  return Object.fromEntries(Object.entries(parameters).filter(([, value]) => value !== ''));
}

/** What stands behind `#` for a place. */
export function hashOf({ page, parameters }: Spot): string {
  const query = new URLSearchParams(said(parameters)).toString();
  return query === '' ? `#/${page}` : `#/${page}?${query}`;
}

/** The place, kept in the address. */
export class Place {
  #spot: Spot = $state.raw(spotOf(''));

  constructor() {
    this.#spot = spotOf(location.hash);
    window.addEventListener('hashchange', () => (this.#spot = spotOf(location.hash)));
  }

  get page(): PageName {
    return this.#spot.page;
  }

  get parameters(): Parameters {
    return this.#spot.parameters;
  }

  /** Goes to a place; "back" leads here again. */
  go(page: PageName, parameters: Parameters = {}): void {
    history.pushState(null, '', hashOf({ page, parameters }));
    this.#spot = { page, parameters: said(parameters) };
  }

  /** Says more exactly what is seen here: "back" leads to where one came from. An empty text takes a parameter away. */
  refine(parameters: Parameters): void {
    const merged = said({ ...this.#spot.parameters, ...parameters });
    history.replaceState(null, '', hashOf({ page: this.#spot.page, parameters: merged }));
    this.#spot = { page: this.#spot.page, parameters: merged };
  }
}
