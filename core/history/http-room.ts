import type { HttpHostSum } from '../../protocol/http.ts';
import type { HttpRoomLimits } from './side-tiers.ts';

/** What of a request or an answer is counted. The numbers are part of the file format. */
export const httpKinds = { method: 0, section: 1, status: 2 } as const;
export type HttpKind = (typeof httpKinds)[keyof typeof httpKinds];

/** One count of one host: as it stands in the file. */
export interface HttpCount {
  readonly kind: HttpKind;
  readonly item: string;
  readonly times: number;
}

function countsOf(kind: HttpKind, counts: Readonly<Record<string, number | undefined>>): readonly HttpCount[] {
  return Object.entries(counts).flatMap(([item, times]) => (times === undefined || times === 0 ? [] : [{ kind, item, times }]));
}

/** All that one host was asked for and answered, one by one. */
export function httpCountsOf({ methods, sections, statuses }: HttpHostSum): readonly HttpCount[] {
  return [...countsOf(httpKinds.method, methods), ...countsOf(httpKinds.section, sections), ...countsOf(httpKinds.status, statuses)];
}

/** The counts of one host together: the inverse of {@link httpCountsOf}. */
export function httpSumOf(host: string | null, counts: readonly HttpCount[]): HttpHostSum {
  const some = (kind: HttpKind): readonly HttpCount[] => counts.filter((count) => count.kind === kind);
  const record = (kind: HttpKind): Record<string, number> => Object.fromEntries(some(kind).map(({ item, times }) => [item, times]));
  const total = (kind: HttpKind): number => some(kind).reduce((sum, { times }) => sum + times, 0);
  return {
    host,
    requests: total(httpKinds.method),
    responses: total(httpKinds.status),
    methods: record(httpKinds.method),
    sections: record(httpKinds.section),
    statuses: record(httpKinds.status),
  };
}

/** The numbers that one bucket has given places to. */
interface HostRoom {
  readonly sections: Set<string>;
  readonly statuses: Set<string>;
}

function takes(places: Set<string>, key: string, limit: number): boolean {
  if (places.has(key)) return true;
  if (places.size >= limit) return false;
  places.add(key);
  return true;
}

/**
 * The places of one bucket: who comes first keeps one of its own, what comes after them shares one. Nothing is refused, so
 * the counts of each kind stay the sum of all that was counted.
 */
export class HttpRoom {
  readonly #limits: HttpRoomLimits;
  readonly #hosts = new Map<number, HostRoom>();

  constructor(limits: HttpRoomLimits) {
    this.#limits = limits;
  }

  /** The number of the host under which it is counted here: its own while there is room, else `rest`. */
  host(host: number, rest: number): number {
    if (this.#hosts.has(host) || this.#hosts.size < this.#limits.hosts) return host;
    return rest;
  }

  /** What a count of this host is counted as. The host is one that {@link host} gave. */
  item(host: number, { kind, item }: Pick<HttpCount, 'kind' | 'item'>): string {
    const { sections, statuses } = this.#roomOf(host);
    switch (kind) {
      case httpKinds.method:
        return item;
      case httpKinds.section:
        return item === 'other' || item === 'none' || takes(sections, item, this.#limits.sectionsPerHost) ? item : 'other';
      case httpKinds.status:
        return item.endsWith('xx') || takes(statuses, item, this.#limits.statusesPerHost) ? item : `${item.slice(0, 1)}xx`;
    }
  }

  #roomOf(host: number): HostRoom {
    const known = this.#hosts.get(host);
    if (known !== undefined) return known;
    const room: HostRoom = { sections: new Set(), statuses: new Set() };
    this.#hosts.set(host, room);
    return room;
  }
}
