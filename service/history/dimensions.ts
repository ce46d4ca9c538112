import type { Database, Statement } from 'better-sqlite3';
import { certaintyCodes, hostKindCodes, noDomainId, otherDomainId, reasonCodes, scopeCodes, unknownAppId } from '../../core/history/codes.ts';
import * as sql from '../../core/history/write-statements.ts';
import type { BucketHost, UsageKey, UsageOwner } from '../../core/history/usage.ts';

interface Id {
  readonly id: number;
}

/** Ids remembered between writes: some 200 bytes each. Beyond it they are looked up again. */
const maximumRemembered = 20_000;

interface Lookup<Key extends unknown[], Row extends unknown[]> {
  readonly find: Statement<Key, Id>;
  readonly insert: Statement<Row>;
}

/** Finds the row, or makes it. */
function idOf<Key extends unknown[], Row extends unknown[]>(lookup: Lookup<Key, Row>, key: Key, row: Row): number {
  const found = lookup.find.get(...key);
  return found === undefined ? Number(lookup.insert.run(...row).lastInsertRowid) : found.id;
}

/** How a host stands in its table: unique by kind and name. */
export function hostName(host: BucketHost): string {
  switch (host.kind) {
    case 'name':
      return host.name;
    case 'address':
      return host.address;
    case 'rest-of-domain':
      return host.domain;
    case 'other-names':
    case 'other-addresses':
      return '';
  }
}

/** Gives each app, host, network and party its number. Used inside a write's transaction only. */
export class Dimensions {
  readonly #app: Lookup<[string], [string, string | null, string, number, number]>;
  readonly #domain: Lookup<[string], [string]>;
  readonly #host: Lookup<[number, string], [number, string, number, string | null, number, number]>;
  readonly #network: Lookup<[string], [string]>;
  readonly #party: Lookup<[number, number, number, number, number], [number, number, number, number, number]>;
  readonly #seenApp: Statement<[number, number]>;
  readonly #seenHost: Statement<[number, number]>;
  readonly #lastingHost: Statement<[number]>;
  readonly #ids = new Map<string, number>();
  /** The quarter-hour in which each app (`a…`) and host (`h…`) was last said to be seen. */
  readonly #lastSeen = new Map<string, number>();
  readonly #lasting = new Set<number>();

  constructor(database: Database) {
    this.#app = { find: database.prepare(sql.findApp), insert: database.prepare(sql.insertApp) };
    this.#domain = { find: database.prepare(sql.findDomain), insert: database.prepare(sql.insertDomain) };
    this.#host = { find: database.prepare(sql.findHost), insert: database.prepare(sql.insertHost) };
    this.#network = { find: database.prepare(sql.findNetwork), insert: database.prepare(sql.insertNetwork) };
    this.#party = { find: database.prepare(sql.findParty), insert: database.prepare(sql.insertParty) };
    this.#seenApp = database.prepare(sql.seenApp);
    this.#seenHost = database.prepare(sql.seenHost);
    this.#lastingHost = database.prepare(sql.lastingHost);
  }

  /** Forgets what it remembers: after a transaction was rolled back or rows were deleted. */
  forget(): void {
    this.#ids.clear();
    this.#lastSeen.clear();
    this.#lasting.clear();
  }

  /** The number of the key's party: whose bytes, how sure, which scope, through which network. */
  party(key: UsageKey, quarter: number): number {
    const app = this.#appId(key.owner, quarter);
    const network = this.#remembered(`n${key.network}`, () => idOf(this.#network, [key.network], [key.network]));
    const certainty = certaintyCodes[key.owner.certainty];
    const reason = key.owner.certainty === 'exact' ? 0 : reasonCodes[key.owner.reason];
    const row: [number, number, number, number, number] = [app, scopeCodes[key.scope], network, certainty, reason];
    return this.#remembered(`p${row.join(' ')}`, () => idOf(this.#party, row, row));
  }

  /** The number of a host. In a tier that is `lasting` its row is never cleaned up. */
  host(host: BucketHost, quarter: number, keeping: 'for-a-time' | 'lasting'): number {
    const id = this.#hostId(host, quarter);
    this.#seen(`h${id}`, quarter, () => this.#seenHost.run(quarter, id));
    if (keeping === 'lasting' && !this.#lasting.has(id)) {
      this.#lastingHost.run(id);
      if (this.#lasting.size >= maximumRemembered) this.#lasting.clear();
      this.#lasting.add(id);
    }
    return id;
  }

  #seen(key: string, quarter: number, store: () => unknown): void {
    if ((this.#lastSeen.get(key) ?? -1) >= quarter) return;
    store();
    if (this.#lastSeen.size >= maximumRemembered) this.#lastSeen.clear();
    this.#lastSeen.set(key, quarter);
  }

  #appId(owner: UsageOwner, quarter: number): number {
    if (owner.certainty === 'unknown') return unknownAppId;
    const { id: key, executable, displayName } = owner.app;
    const id = this.#remembered(`a${key}`, () => idOf(this.#app, [key], [key, executable, displayName, quarter, quarter]));
    this.#seen(`a${id}`, quarter, () => this.#seenApp.run(quarter, id));
    return id;
  }

  #hostId(host: BucketHost, quarter: number): number {
    const name = hostName(host);
    const kind = hostKindCodes[host.kind];
    const source = host.kind === 'name' ? host.source : null;
    return this.#remembered(`h${kind} ${name}`, () =>
      idOf(this.#host, [kind, name], [kind, name, this.#domainId(host), source, quarter, quarter]),
    );
  }

  #domainId(host: BucketHost): number {
    switch (host.kind) {
      case 'name':
      case 'rest-of-domain':
        return this.#remembered(`d${host.domain}`, () => idOf(this.#domain, [host.domain], [host.domain]));
      case 'other-names':
        return otherDomainId;
      case 'address':
      case 'other-addresses':
        return noDomainId;
    }
  }

  #remembered(key: string, find: () => number): number {
    const known = this.#ids.get(key);
    if (known !== undefined) return known;
    const id = find();
    if (this.#ids.size >= maximumRemembered) this.#ids.clear();
    this.#ids.set(key, id);
    return id;
  }
}
