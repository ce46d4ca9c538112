import { addressBytes } from '../flow/address.ts';
import { parseNetworkPrefix, prefixContains } from '../flow/network-prefix.ts';
import type { NetworkPrefix } from '../flow/network-prefix.ts';
import { hostNameOf } from '../packet/index.ts';

/** One entry of a watch list: a name with all below it, or a range of addresses. */
export type WatchEntry =
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'network'; readonly text: string; readonly prefix: NetworkPrefix };

/** Reads a host, a domain (`*.example.org` too), an address or a network in CIDR. Null where the text is none of them. */
export function watchEntryOf(text: string): WatchEntry | null {
  const trimmed = text.trim();
  const prefix = parseNetworkPrefix(trimmed);
  if (prefix !== null) return { kind: 'network', text: trimmed, prefix };
  const name = hostNameOf(trimmed.replace(/^\*\./u, ''));
  return name === null ? null : { kind: 'name', name };
}

/** A remote end as it is looked up: its name where it is known, and its address where that may be told. */
export interface WatchedEnd {
  readonly name: string | null;
  readonly address: string | null;
}

/**
 * The entries of a list, found by a remote end: names by their labels from the longest, addresses by the first network that
 * holds them. What one look-up costs does not grow with the number of names.
 */
export class WatchIndex {
  readonly #names = new Set<string>();
  readonly #networks: { readonly text: string; readonly prefix: NetworkPrefix }[] = [];

  constructor(entries: readonly WatchEntry[]) {
    for (const entry of entries) {
      if (entry.kind === 'name') this.#names.add(entry.name);
      else this.#networks.push(entry);
    }
  }

  get size(): number {
    return this.#names.size + this.#networks.length;
  }

  /** The entry that a remote end belongs to, as text; null where it belongs to none. */
  entryOf({ name, address }: WatchedEnd): string | null {
    return (name === null ? null : this.#byName(name)) ?? (address === null ? null : this.#byAddress(address));
  }

  #byName(name: string): string | null {
    for (let rest = name; this.#names.size > 0; rest = rest.slice(rest.indexOf('.') + 1)) {
      if (this.#names.has(rest)) return rest;
      if (!rest.includes('.')) return null;
    }
    return null;
  }

  #byAddress(address: string): string | null {
    const bytes = this.#networks.length === 0 ? null : addressBytes(address);
    if (bytes === null) return null;
    return this.#networks.find(({ prefix }) => prefixContains(prefix, bytes))?.text ?? null;
  }
}

/** Most entries of a file; the rest of it is left out. */
export const maximumFileEntries = 500_000;

/**
 * The entries of a file: one in a line, or in the form of hosts(5), where the names stand behind an address that leads nowhere.
 * What is after `#` is a comment; a line that is none of this is left out.
 */
export function watchEntriesIn(content: string): readonly WatchEntry[] {
  const entries: WatchEntry[] = [];
  for (const line of content.split('\n')) {
    const words = line.replace(/#.*/u, '').trim().split(/\s+/u).filter((word) => word !== '');
    const told = words.length > 1 && addressBytes(words[0] ?? '') !== null ? words.slice(1) : words.slice(0, 1);
    for (const word of told) {
      const entry = watchEntryOf(word);
      if (entry !== null && !isThisMachine(entry)) entries.push(entry);
      if (entries.length >= maximumFileEntries) return entries;
    }
  }
  return entries;
}

/** Files in the form of hosts(5) name the machine itself, too. */
function isThisMachine(entry: WatchEntry): boolean {
  return entry.kind === 'name' && !entry.name.includes('.');
}
