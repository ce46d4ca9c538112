import type { BucketHost, UsageKey, UsageOwner } from './usage.ts';

/** How many rows of each kind one bucket takes before the rest is folded. */
export interface RoomLimits {
  /** Apps. What comes after them counts as unknown, with the reason `folded`. */
  readonly apps: number;
  /** Hosts and addresses of all apps together that stand for themselves. It bounds the file, whatever happens. */
  readonly hosts: number;
  /** Named hosts of one app. What comes after them is folded into its registrable domain. */
  readonly namesPerApp: number;
  /** Registrable domains, of one app, that take folded hosts. What comes after them is folded into "other". */
  readonly domainsPerApp: number;
  /** Unnamed remote addresses of one app. What comes after them is folded into "other addresses". */
  readonly addressesPerApp: number;
}

/** Networks in one bucket: nobody is connected through so many, but their names come from outside. */
export const maximumNetworks = 64;

/** The network of what came after {@link maximumNetworks}. No connection is named like this: parentheses are ours. */
export const otherNetwork = '(other)';

/** Services of one app in one bucket: a program that meets peers on any port uses hundreds, and says nothing by it. */
export const maximumServicesPerApp = 12;

/** The service of what came after {@link maximumServicesPerApp}. */
export const otherService = '(other)';

interface AppRoom {
  readonly services: Set<string>;
  readonly names: Set<string>;
  readonly domains: Set<string>;
  readonly addresses: Set<string>;
}

const folded: UsageOwner = { certainty: 'unknown', reason: 'folded' };
const otherNames: BucketHost = { kind: 'other-names' };
const otherAddresses: BucketHost = { kind: 'other-addresses' };

/** The app of an owner as text; the empty text stands for unknown, which no app's id is. */
export function ownerKey(owner: UsageOwner): string {
  return owner.certainty === 'unknown' ? '' : owner.app.id;
}

/**
 * The places of one bucket. Who comes first keeps a place of its own; when an app has used all of them, its further hosts
 * share a place by domain, and then one place. No row is refused, so no byte is lost: it stands in a wider row.
 */
export class Room {
  readonly #limits: RoomLimits;
  readonly #apps = new Map<string, AppRoom>();
  readonly #networks = new Set<string>();
  #hosts = 0;

  constructor(limits: RoomLimits) {
    this.#limits = limits;
  }

  /** The key under which `key` is counted here: itself while there is room. */
  place(key: UsageKey): UsageKey {
    const owner = this.#ownerPlace(key.owner);
    const room = this.#roomOf(ownerKey(owner));
    const host = this.#hostPlace(room, key.host);
    const network = takes(this.#networks, key.network, maximumNetworks) ? key.network : otherNetwork;
    const service = servicePlace(room, key.service);
    const same = owner === key.owner && host === key.host && network === key.network && service === key.service;
    return same ? key : { owner, host, scope: key.scope, network, service };
  }

  #ownerPlace(owner: UsageOwner): UsageOwner {
    const app = ownerKey(owner);
    return app === '' || this.#apps.has(app) || this.#apps.size < this.#limits.apps ? owner : folded;
  }

  #roomOf(app: string): AppRoom {
    const known = this.#apps.get(app);
    if (known !== undefined) return known;
    const room: AppRoom = { services: new Set(), names: new Set(), domains: new Set(), addresses: new Set() };
    this.#apps.set(app, room);
    return room;
  }

  #hostPlace(room: AppRoom, host: BucketHost): BucketHost {
    switch (host.kind) {
      case 'name':
        if (this.#takesHost(room.names, host.name, this.#limits.namesPerApp)) return host;
        return this.#hostPlace(room, { kind: 'rest-of-domain', domain: host.domain });
      case 'rest-of-domain':
        return takes(room.domains, host.domain, this.#limits.domainsPerApp) ? host : otherNames;
      case 'address':
        return this.#takesHost(room.addresses, host.address, this.#limits.addressesPerApp) ? host : otherAddresses;
      case 'other-names':
      case 'other-addresses':
        return host;
    }
  }

  #takesHost(places: Set<string>, key: string, limit: number): boolean {
    if (places.has(key)) return true;
    if (this.#hosts >= this.#limits.hosts || places.size >= limit) return false;
    places.add(key);
    this.#hosts += 1;
    return true;
  }
}

function servicePlace({ services }: AppRoom, service: string | null): string | null {
  return service === null || service === otherService || takes(services, service, maximumServicesPerApp) ? service : otherService;
}

function takes(places: Set<string>, key: string, limit: number): boolean {
  if (places.has(key)) return true;
  if (places.size >= limit) return false;
  places.add(key);
  return true;
}
