import type { Database, Statement } from 'better-sqlite3';
import { countryCode, countryOfCode, hostKindCodes, noDomainId, otherDomainId, otherServiceId, scopeOfCode, unknownAppId, unknownServiceId } from '../../core/history/codes.ts';
import type { QueryKey, UsageName } from '../../core/history/query.ts';
import * as sql from '../../core/history/read-statements.ts';

const unknownName: UsageName = { kind: 'unknown', key: null, label: 'unknown' };
const certaintyWords = ['exact', 'inferred', 'unknown'];

function known(key: string): UsageName {
  return { kind: 'known', key, label: key };
}

function folded(key: string): UsageName {
  return { kind: 'folded', key, label: key };
}

function countryName(id: number): UsageName {
  const country = countryOfCode(id);
  return country === null ? unknownName : { kind: 'known', key: country, label: country === 'none' ? 'no country' : country };
}

/** Turns numbers of rows into names, and back. */
export class Names {
  readonly #app: Statement<[number], { key: string; displayName: string }>;
  readonly #domain: Statement<[number], { name: string }>;
  readonly #host: Statement<[number], { kind: number; name: string }>;
  readonly #network: Statement<[number], { name: string }>;
  readonly #appId: Statement<[string], { id: number }>;
  readonly #domainId: Statement<[string], { id: number }>;
  readonly #hostId: Statement<[number, string], { id: number }>;
  readonly #service: Statement<[number], { name: string }>;
  readonly #serviceId: Statement<[string], { id: number }>;
  readonly #networkId: Statement<[string], { id: number }>;

  constructor(database: Database) {
    this.#app = database.prepare(sql.appById);
    this.#domain = database.prepare(sql.domainById);
    this.#host = database.prepare(sql.hostById);
    this.#network = database.prepare(sql.networkById);
    this.#appId = database.prepare(sql.appByKey);
    this.#domainId = database.prepare(sql.domainByName);
    this.#hostId = database.prepare(sql.hostsByName);
    this.#service = database.prepare(sql.serviceById);
    this.#serviceId = database.prepare(sql.serviceByName);
    this.#networkId = database.prepare(sql.networkByName);
  }

  of(by: QueryKey, id: number): UsageName {
    switch (by) {
      case 'app':
        return this.#appName(id);
      case 'domain':
        return this.#domainName(id);
      case 'host':
        return this.#hostName(id);
      case 'network':
        return known(this.#network.get(id)?.name ?? '');
      case 'scope':
        return known(scopeOfCode(id) ?? `scope ${id}`);
      case 'certainty':
        return known(certaintyWords[id] ?? `certainty ${id}`);
      case 'country':
        return countryName(id);
      case 'service':
        return this.#serviceName(id);
    }
  }

  /** The number of an app, a domain or a host by its name, or null where the history has none such. */
  idOf(what: 'app' | 'domain' | 'host', name: string): number | null {
    switch (what) {
      case 'app':
        return this.appId(name);
      case 'domain':
        return this.domainId(name);
      case 'host':
        return this.hostId(name);
    }
  }

  /** The number of an app, or null where the history has no such app. */
  appId(key: string | null): number | null {
    return key === null ? unknownAppId : (this.#appId.get(key)?.id ?? null);
  }

  domainId(name: string | null): number | null {
    return name === null ? noDomainId : (this.#domainId.get(name)?.id ?? null);
  }

  /** The number of a host: by its name, or by its address where it has none. */
  hostId(name: string): number | null {
    return (this.#hostId.get(hostKindCodes.name, name) ?? this.#hostId.get(hostKindCodes.address, name))?.id ?? null;
  }

  networkId(name: string): number | null {
    return this.#networkId.get(name)?.id ?? null;
  }

  /** The number of a country: that of the unknown for null. */
  countryId(country: string | null): number {
    return countryCode(country);
  }

  serviceId(name: string | null): number | null {
    return name === null ? unknownServiceId : (this.#serviceId.get(name)?.id ?? null);
  }

  #serviceName(id: number): UsageName {
    if (id === unknownServiceId) return unknownName;
    const name = this.#service.get(id)?.name ?? '';
    return id === otherServiceId ? folded(name) : known(name);
  }

  #appName(id: number): UsageName {
    const row = id === unknownAppId ? undefined : this.#app.get(id);
    return row === undefined ? unknownName : { kind: 'known', key: row.key, label: row.displayName };
  }

  #domainName(id: number): UsageName {
    if (id === noDomainId) return unknownName;
    const name = this.#domain.get(id)?.name ?? '';
    return id === otherDomainId ? folded(name) : known(name);
  }

  #hostName(id: number): UsageName {
    const row = this.#host.get(id);
    switch (row?.kind) {
      case hostKindCodes.name:
      case hostKindCodes.address:
        return known(row.name);
      case hostKindCodes['rest-of-domain']:
        return folded(`*.${row.name}`);
      case hostKindCodes['other-names']:
        return folded('(other)');
      case hostKindCodes['other-addresses']:
        return folded('(other addresses)');
      default:
        return unknownName;
    }
  }
}
