import { httpMethods, maximumSectionLength, maximumSectionsPerHost, maximumStatusCodesPerHost } from '../../protocol/bounds.ts';
import type { HttpHostSum, HttpMethod } from '../../protocol/http.ts';
import type { HttpSeen } from './http-seen.ts';

/** Hosts that have a row of their own; the requests to others are one row. */
export interface HttpCountLimits {
  readonly hosts: number;
}

/** A desktop asks a few dozen hosts by plain HTTP in its busiest minute. A full row takes some 6 kB, most take less than one. */
export const httpCountLimits: HttpCountLimits = { hosts: 1024 };

/** For a capture file: it may hold the traffic of a whole network. */
export const fileHttpCountLimits: HttpCountLimits = { hosts: 4096 };

const methods: ReadonlyMap<string, HttpMethod> = new Map(httpMethods.map((method) => [method, method]));

/** Where a first section ends: parameters (RFC 3986 3.3) hold session numbers, and an escaped delimiter hides a deeper path or a query. */
const endOfSection = /[;?#]|%(?:2f|3b|3f|23)/iu;
const notVisible = /[^\u0021-\u007e]/gu;

function percentEncoded(character: string): string {
  return `%${(character.charCodeAt(0) & 0xff).toString(16).toUpperCase().padStart(2, '0')}`;
}

/** The section as it may be told (`HttpSection`), whatever a request held; its characters are the bytes of the request. */
export function toldSection(section: string): string {
  if (!section.startsWith('/')) return 'none';
  const whole = section.split(endOfSection, 1)[0] ?? '/';
  return whole.replace(notVisible, percentEncoded).slice(0, maximumSectionLength);
}

type Tally<Key extends string = string> = Map<Key, number>;

function count<Key extends string>(tally: Tally<Key>, key: Key, times: number): void {
  tally.set(key, (tally.get(key) ?? 0) + times);
}

/** The key itself if it has or gets a place of its own, else the one that stands for the rest. */
function placed(tally: Tally, { key, rest, maximum }: { readonly key: string; readonly rest: string; readonly maximum: number }): string {
  return tally.has(key) || tally.size < maximum ? key : rest;
}

/** The counts of one host, still growing. */
class HostTally {
  readonly #methods: Tally<HttpMethod> = new Map();
  readonly #sections: Tally = new Map();
  readonly #statuses: Tally = new Map();
  #requests = 0;
  #responses = 0;

  request(method: string, section: string): void {
    this.#requests += 1;
    count(this.#methods, methods.get(method) ?? 'other', 1);
    this.#countSection(toldSection(section), 1);
  }

  response(status: number): void {
    this.#responses += 1;
    this.#countStatus(String(status), 1);
  }

  add(sum: HttpHostSum): void {
    this.#requests += sum.requests;
    this.#responses += sum.responses;
    for (const method of httpMethods) if (sum.methods[method] !== undefined) count(this.#methods, method, sum.methods[method]);
    for (const [section, times] of Object.entries(sum.sections)) this.#countSection(section, times);
    for (const [status, times] of Object.entries(sum.statuses)) this.#countStatus(status, times);
  }

  sum(host: string | null): HttpHostSum {
    return {
      host,
      requests: this.#requests,
      responses: this.#responses,
      methods: Object.fromEntries(this.#methods),
      sections: Object.fromEntries(this.#sections),
      statuses: Object.fromEntries(this.#statuses),
    };
  }

  #countSection(section: string, times: number): void {
    count(this.#sections, placed(this.#sections, { key: section, rest: 'other', maximum: maximumSectionsPerHost }), times);
  }

  #countStatus(status: string, times: number): void {
    const place = { key: status, rest: `${status.slice(0, 1)}xx`, maximum: maximumStatusCodesPerHost };
    count(this.#statuses, placed(this.#statuses, place), times);
  }
}

function byRequests(a: HttpHostSum, b: HttpHostSum): number {
  const difference = b.requests - a.requests || b.responses - a.responses;
  if (difference !== 0) return difference;
  if (a.host === null || b.host === null) return a.host === null ? 1 : -1;
  return a.host < b.host ? -1 : 1;
}

/**
 * Counts plain HTTP/1 messages by host, in bounded room: what has no place of its own is folded, and never lost. Requests in
 * equal requests out, by method and by section; responses equal responses out, by status.
 */
export class HttpCounts {
  readonly #limits: HttpCountLimits;
  #hosts = new Map<string, HostTally>();
  /** All hosts without a row of their own; null while there are none. */
  #rest: HostTally | null = null;

  constructor(limits: HttpCountLimits = httpCountLimits) {
    this.#limits = limits;
  }

  see(seen: HttpSeen): void {
    const tally = this.#tallyOf(seen.host);
    if (seen.kind === 'request') tally.request(seen.method, seen.section);
    else if (seen.status !== null) tally.response(seen.status);
  }

  add(sum: HttpHostSum): void {
    this.#tallyOf(sum.host).add(sum);
  }

  /** Hands over everything and begins anew: the most asked hosts first. */
  take(): HttpHostSum[] {
    const sums = [...this.#hosts].map(([host, tally]) => tally.sum(host));
    if (this.#rest !== null) sums.push(this.#rest.sum(null));
    this.#hosts = new Map();
    this.#rest = null;
    return sums.toSorted(byRequests);
  }

  #tallyOf(host: string | null): HostTally {
    const known = host === null ? undefined : this.#hosts.get(host);
    if (known !== undefined) return known;
    if (host === null || this.#hosts.size >= this.#limits.hosts) return (this.#rest ??= new HostTally());
    const tally = new HostTally();
    this.#hosts.set(host, tally);
    return tally;
  }
}

/** Several lists of sums as one. Without limits, all hosts keep the rows that they have. */
export function mergedHttp(lists: readonly (readonly HttpHostSum[])[], limits: HttpCountLimits = { hosts: Infinity }): HttpHostSum[] {
  const counts = new HttpCounts(limits);
  for (const list of lists) for (const sum of list) counts.add(sum);
  return counts.take();
}
