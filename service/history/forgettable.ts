/** What is to leave the history. A range is half-open, in ms since the epoch. */
export type Forgettable =
  | { readonly kind: 'app'; readonly app: string }
  | { readonly kind: 'domain'; readonly domain: string }
  | { readonly kind: 'host'; readonly host: string }
  | { readonly kind: 'range'; readonly from: number; readonly to: number };
