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

/** Gives each app, host, network, party and series its number. Used inside a write's transaction only. */
export class Dimensions {
  readonly #app: Lookup<[string], [string, string | null, string, number]>;
  readonly #domain: Lookup<[string], [string]>;
  readonly #host: Lookup<[number, string], [number, string, number, string | null, number]>;
  readonly #network: Lookup<[string], [string]>;
  readonly #party: Lookup<[number, number, number, number, number], [number, number, number, number, number]>;
  readonly #series: Lookup<[number, number], [number, number, number]>;
  readonly #seen: Statement<[number, number]>;
  readonly #ids = new Map<string, number>();
  /** The quarter-hour in which each remembered series was last said to be seen. */
  readonly #lastSeen = new Map<number, number>();

  constructor(database: Database) {
    this.#app = { find: database.prepare(sql.findApp), insert: database.prepare(sql.insertApp) };
    this.#domain = { find: database.prepare(sql.findDomain), insert: database.prepare(sql.insertDomain) };
    this.#host = { find: database.prepare(sql.findHost), insert: database.prepare(sql.insertHost) };
    this.#network = { find: database.prepare(sql.findNetwork), insert: database.prepare(sql.insertNetwork) };
    this.#party = { find: database.prepare(sql.findParty), insert: database.prepare(sql.insertParty) };
    this.#series = { find: database.prepare(sql.findSeries), insert: database.prepare(sql.insertSeries) };
    this.#seen = database.prepare(sql.seenSeries);
  }

  /** Forgets what it remembers: after a transaction was rolled back or rows were deleted. */
  forget(): void {
    this.#ids.clear();
    this.#lastSeen.clear();
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

  /** The number of a party's traffic with one host. */
  series(party: number, host: BucketHost, quarter: number): number {
    const hostId = this.#hostId(host, quarter);
    const id = this.#remembered(`s${party} ${hostId}`, () =>
      idOf(this.#series, [party, hostId], [party, hostId, quarter]),
    );
    if ((this.#lastSeen.get(id) ?? -1) < quarter) {
      this.#seen.run(quarter, id);
      if (this.#lastSeen.size >= maximumRemembered) this.#lastSeen.clear();
      this.#lastSeen.set(id, quarter);
    }
    return id;
  }

  #appId(owner: UsageOwner, quarter: number): number {
    if (owner.certainty === 'unknown') return unknownAppId;
    const { id, executable, displayName } = owner.app;
    return this.#remembered(`a${id}`, () => idOf(this.#app, [id], [id, executable, displayName, quarter]));
  }

  #hostId(host: BucketHost, quarter: number): number {
    const name = hostName(host);
    const kind = hostKindCodes[host.kind];
    const source = host.kind === 'name' ? host.source : null;
    return this.#remembered(`h${kind} ${name}`, () =>
      idOf(this.#host, [kind, name], [kind, name, this.#domainId(host), source, quarter]),
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
