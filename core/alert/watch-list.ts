import { addTo, bytesOf, emptySum } from './moment.ts';
import type { AppPart, HostPart, Moment, Sum } from './moment.ts';
import type { AlertRules } from './rules.ts';
import type { Signal } from './signal.ts';
import { bytesText, shownName, textOf, titleOf } from './texts.ts';
import { WatchIndex, watchEntryOf } from './watch-entry.ts';

/** A sight is over when there was none for so long. */
const restSeconds = 600;

/** What was decided of a remote end is remembered for so many. */
const maximumRemembered = 8192;

/** Names that the words of a file's sight tell, most. */
const shownEntries = 3;

interface Sight {
  readonly apps: Map<string, string>;
  readonly hosts: Map<string, Sum>;
  readonly bytes: Sum;
  sights: number;
  quietSeconds: number;
}

/** More apps and hosts than this of one sight are only counted. */
const maximumNamed = 64;

/** Hosts, domains and networks that a person wants to know of: each entry typed by itself, a file as one. */
export class WatchList {
  #typed: { readonly list: readonly string[]; readonly index: WatchIndex } = { list: [], index: new WatchIndex([]) };
  #file = new WatchIndex([]);
  #remembered = new Map<string, readonly string[]>();
  readonly #sights = new Map<string, Sight>();

  /** Another file, or its new content. */
  setFile(index: WatchIndex): void {
    this.#file = index;
    this.#remembered = new Map();
  }

  step(moment: Moment, { watchList }: AlertRules): readonly Signal[] {
    this.#renew(watchList);
    for (const sight of this.#sights.values()) sight.quietSeconds += moment.seconds;
    if (this.#typed.index.size + this.#file.size > 0) {
      for (const app of moment.apps) for (const host of app.hosts.values()) this.#look(app, host);
    }
    for (const [key, sight] of this.#sights) if (sight.quietSeconds > restSeconds) this.#sights.delete(key);
    return [...this.#sights].map(([key, sight]) => (key === fileKey ? fileSignal(sight) : entrySignal(key, sight)));
  }

  #renew(list: readonly string[]): void {
    if (list === this.#typed.list || JSON.stringify(list) === JSON.stringify(this.#typed.list)) return;
    this.#typed = { list, index: new WatchIndex(list.flatMap((text) => watchEntryOf(text) ?? [])) };
    this.#remembered = new Map();
    for (const key of this.#sights.keys()) if (key !== fileKey) this.#sights.delete(key);
  }

  #look(app: AppPart, host: HostPart): void {
    for (const key of this.#entriesOf(host)) {
      const sight = this.#sightOf(key);
      sight.quietSeconds = 0;
      sight.sights += 1;
      addTo(sight.bytes, host);
      const named = host.name ?? host.address;
      if (named !== null) note(sight.hosts, named, host);
      if (app.app !== null && sight.apps.size < maximumNamed) sight.apps.set(app.app, app.displayName ?? app.app);
    }
  }

  #entriesOf({ name, address }: HostPart): readonly string[] {
    const end = `${name ?? ''} ${address ?? ''}`;
    const known = this.#remembered.get(end);
    if (known !== undefined) return known;
    const typed = this.#typed.index.entryOf({ name, address });
    const inFile = this.#file.entryOf({ name, address }) !== null;
    const entries = [...(typed === null ? [] : [typed]), ...(inFile ? [fileKey] : [])];
    if (this.#remembered.size >= maximumRemembered) this.#remembered = new Map();
    this.#remembered.set(end, entries);
    return entries;
  }

  #sightOf(key: string): Sight {
    const known = this.#sights.get(key);
    if (known !== undefined) return known;
    const sight = { apps: new Map(), hosts: new Map(), bytes: emptySum(), sights: 0, quietSeconds: 0 };
    this.#sights.set(key, sight);
    return sight;
  }
}

/** No entry is the empty text. */
const fileKey = '';

function note(sums: Map<string, Sum>, key: string, bytes: Sum): void {
  let sum = sums.get(key);
  if (sum === undefined && sums.size >= maximumNamed) return;
  if (sum === undefined) sums.set(key, (sum = emptySum()));
  addTo(sum, bytes);
}

function listText(names: readonly string[]): string {
  const shown = names.slice(0, shownEntries).map(shownName).join(', ');
  return names.length > shownEntries ? `${shown} and ${names.length - shownEntries} more` : shown;
}

function byApps({ apps }: Sight): string {
  return apps.size === 0 ? '' : ` by ${listText([...apps.values()])}`;
}

function common({ apps, hosts }: Sight): Pick<Signal, 'kind' | 'cause' | 'apps' | 'isLearnt' | 'isRenewed' | 'repeats'> & { readonly domains: readonly string[] } {
  return { kind: 'watch-list', cause: null, apps: [...apps.keys()], domains: [...hosts.keys()], isLearnt: false, isRenewed: true, repeats: true };
}

function entrySignal(entry: string, sight: Sight): Signal {
  const shared = common(sight);
  const [app, displayName] = [...sight.apps][0] ?? [null, null];
  return {
    ...shared,
    domains: [...new Set([entry, ...shared.domains])],
    cause: { app, displayName: displayName?.slice(0, 128) ?? null, domain: entry, bytes: { ...sight.bytes }, bytesPerSecond: 0, share: null },
    situation: `watch-list:${entry}`,
    severity: 'warning',
    title: titleOf(`${shownName(entry)} was used`),
    text: textOf(`${shownName(entry)} of the watch list was used${byApps(sight)}: ${bytesText(bytesOf(sight.bytes))} so far.`),
    overText: () => textOf(`Over: ${shownName(entry)} was used${byApps(sight)}, ${bytesText(bytesOf(sight.bytes))} in all.`),
  };
}

function fileSignal(sight: Sight): Signal {
  const hosts = [...sight.hosts].toSorted((a, b) => bytesOf(b[1]) - bytesOf(a[1])).map(([name]) => name);
  const count = hosts.length >= maximumNamed ? `${maximumNamed} or more` : String(hosts.length);
  const words = `${count} ${hosts.length === 1 ? 'host' : 'hosts'} of the file of the watch list`;
  return {
    ...common(sight),
    situation: 'watch-list:file',
    severity: 'warning',
    title: titleOf('Hosts of the watch list were used'),
    text: textOf(`${words} were used${byApps(sight)}: ${listText(hosts)}; ${bytesText(bytesOf(sight.bytes))} so far.`),
    overText: () => textOf(`Over: ${words} were used${byApps(sight)}: ${listText(hosts)}; ${bytesText(bytesOf(sight.bytes))} in all.`),
  };
}
