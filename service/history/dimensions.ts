import type { Database, Statement } from 'better-sqlite3';
import {
  certaintyCodes,
  countryCode,
  hostKindCodes,
  noDomainId,
  otherDomainId,
  otherServiceId,
  reasonCodes,
  scopeCodes,
  unknownAppId,
  unknownServiceId,
} from '../../core/history/codes.ts';
import { otherService } from '../../core/history/room.ts';
import * as sql from '../../core/history/write-statements.ts';
import { hostText } from '../../core/history/usage.ts';
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

/** The country of a host as it stands in the file. Hosts that were folded lie nowhere. */
function countryOf(host: BucketHost): number {
  return host.kind === 'name' || host.kind === 'address' ? countryCode(host.country ?? null) : countryCode(null);
}

type PartyRow = [app: number, scope: number, network: number, certainty: number, reason: number, service: number];

/** Gives each app, host, network and party its number. Used inside a write's transaction only. */
export class Dimensions {
  readonly #app: Lookup<[string], [string, string | null, string, number, number]>;
  readonly #domain: Lookup<[string], [string]>;
  readonly #host: Lookup<[number, string], [number, string, number, string | null, number, number, number]>;
  readonly #network: Lookup<[string], [string]>;
  readonly #party: Lookup<PartyRow, PartyRow>;
  readonly #service: Lookup<[string], [string]>;
  readonly #hostCountry: Statement<[{ country: number; host: number }]>;
  readonly #seenApp: Statement<[number, number]>;
  readonly #seenHost: Statement<[number, number]>;
  readonly #lastingHost: Statement<[number]>;
  readonly #ids = new Map<string, number>();
  /** The quarter-hour in which each app (`a…`) and host (`h…`) was last said to be seen. */
  readonly #lastSeen = new Map<string, number>();
  readonly #lasting = new Set<number>();
  /** Hosts whose country is in the file. */
  readonly #placed = new Set<string>();

  constructor(database: Database) {
    this.#app = { find: database.prepare(sql.findApp), insert: database.prepare(sql.insertApp) };
    this.#domain = { find: database.prepare(sql.findDomain), insert: database.prepare(sql.insertDomain) };
    this.#host = { find: database.prepare(sql.findHost), insert: database.prepare(sql.insertHost) };
    this.#network = { find: database.prepare(sql.findNetwork), insert: database.prepare(sql.insertNetwork) };
    this.#party = { find: database.prepare(sql.findParty), insert: database.prepare(sql.insertParty) };
    this.#service = { find: database.prepare(sql.findService), insert: database.prepare(sql.insertService) };
    this.#hostCountry = database.prepare(sql.hostCountry);
    this.#seenApp = database.prepare(sql.seenApp);
    this.#seenHost = database.prepare(sql.seenHost);
    this.#lastingHost = database.prepare(sql.lastingHost);
  }

  /** Forgets what it remembers: after a transaction was rolled back or rows were deleted. */
  forget(): void {
    this.#ids.clear();
    this.#lastSeen.clear();
    this.#lasting.clear();
    this.#placed.clear();
  }

  /** The number of the key's party: whose bytes, how sure, which scope, through which network. */
  party(key: UsageKey, quarter: number): number {
    const app = this.app(key.owner, quarter);
    const network = this.#remembered(`n${key.network}`, () => idOf(this.#network, [key.network], [key.network]));
    const certainty = certaintyCodes[key.owner.certainty];
    const reason = key.owner.certainty === 'exact' ? 0 : reasonCodes[key.owner.reason];
    const row: PartyRow = [app, scopeCodes[key.scope], network, certainty, reason, this.#serviceId(key.service)];
    return this.#remembered(`p${row.join(' ')}`, () => idOf(this.#party, row, row));
  }

  /** The number of a host. In a tier that is `lasting` its row is never cleaned up. */
  host(host: BucketHost, quarter: number, keeping: 'for-a-time' | 'lasting'): number {
    const id = this.#hostId(host, quarter);
    this.#place(id, countryOf(host));
    this.#seen(`h${id}`, quarter, () => this.#seenHost.run(quarter, id));
    if (keeping === 'lasting' && !this.#lasting.has(id)) {
      this.#lastingHost.run(id);
      if (this.#lasting.size >= maximumRemembered) this.#lasting.clear();
      this.#lasting.add(id);
    }
    return id;
  }

  #serviceId(service: string | null): number {
    if (service === null) return unknownServiceId;
    if (service === otherService) return otherServiceId;
    return this.#remembered(`s${service}`, () => idOf(this.#service, [service], [service]));
  }

  #place(host: number, country: number): void {
    const key = `${host} ${country}`;
    if (country === countryCode(null) || this.#placed.has(key)) return;
    this.#hostCountry.run({ host, country });
    if (this.#placed.size >= maximumRemembered) this.#placed.clear();
    this.#placed.add(key);
  }

  #seen(key: string, quarter: number, store: () => unknown): void {
    if ((this.#lastSeen.get(key) ?? -1) >= quarter) return;
    store();
    if (this.#lastSeen.size >= maximumRemembered) this.#lastSeen.clear();
    this.#lastSeen.set(key, quarter);
  }

  /** The number of an owner's app. */
  app(owner: UsageOwner, quarter: number): number {
    if (owner.certainty === 'unknown') return unknownAppId;
    const { id: key, executable, displayName } = owner.app;
    const id = this.#remembered(`a${key}`, () => idOf(this.#app, [key], [key, executable, displayName, quarter, quarter]));
    this.#seen(`a${id}`, quarter, () => this.#seenApp.run(quarter, id));
    return id;
  }

  #hostId(host: BucketHost, quarter: number): number {
    const name = hostText(host);
    const kind = hostKindCodes[host.kind];
    const source = host.kind === 'name' ? host.source : null;
    return this.#remembered(`h${kind} ${name}`, () =>
      idOf(this.#host, [kind, name], [kind, name, this.#domainId(host), source, quarter, quarter, countryOf(host)]),
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
