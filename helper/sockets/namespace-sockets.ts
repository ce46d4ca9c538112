import { readdirSync, readlinkSync } from 'node:fs';
import { canonicalAddress } from '../../core/flow/address.ts';
import type { OrientedEnds } from '../../core/flow/orient.ts';
import type { SocketRecord } from '../native/index.ts';
import { judge } from './judge.ts';
import { parseSocketTable, readTable } from './listed-sockets.ts';
import type { ListedSockets } from './listed-sockets.ts';
import { budgetOf } from './owner-source.ts';
import type { MonotonicMs, OwnerAnswer } from './owner-source.ts';
import { SocketDumps } from './socket-dumps.ts';
import type { Candidate } from './socket-table.ts';
import type { FlowBehind, SocketsElsewhere } from './translated-source.ts';

/** Network namespaces beside our own that are looked into, most: the containers of one machine, with room. */
export const maximumNamespaces = 64;

/**
 * How long it is believed which namespaces there are and which addresses they have, in milliseconds; and where none has the
 * address in question, as that of a new one. A look costs about as much as a listing of all processes.
 */
const believedMs = 5000;
const missedMs = 250;

/** How long the holders of the sockets of one round are looked for, in milliseconds; the rest after a round is ten times as long. */
const searchMs = 10;

const tables: ReadonlyMap<number, readonly string[]> = new Map([
  [6, ['tcp', 'tcp6']],
  [17, ['udp', 'udp6']],
  [136, ['udplite', 'udplite6']],
]);

const tcp = 6;
const listening = 10;

/** The IPv4 addresses that are local in a namespace, from its /proc/PID/net/fib_trie: leaves of kind "host LOCAL". */
export function parseLocalIpv4(fibTrie: string): ReadonlySet<string> {
  return new Set([...fibTrie.matchAll(/\|-- (?<address>[\d.]{7,15})\n\s+\/32 host LOCAL/gu)].map((match) => match.groups?.['address'] ?? ''));
}

/** The addresses of /proc/PID/net/if_inet6: 32 hexadecimal digits, then five more fields. */
export function parseIpv6(table: string): ReadonlySet<string> {
  const addresses = [...table.matchAll(/^(?<digits>[0-9a-f]{32}) /gmu)].map((match) =>
    canonicalAddress((match.groups?.['digits'] ?? '').replaceAll(/(.{4})(?!$)/gu, '$1:')));
  return new Set(addresses.filter((address): address is string => address !== null));
}

interface Namespace {
  /** A process that lives in it: the way to its tables. */
  readonly pid: string;
  readonly addresses: ReadonlySet<string>;
  readonly dumps: SocketDumps;
}

/**
 * The sockets of other network namespaces without the owner map: the tables in /proc/PID/net are those of the process's own
 * namespace, for whoever may look at the process. So no namespace need be entered, which would take CAP_SYS_ADMIN.
 */
export class NamespaceSockets implements SocketsElsewhere {
  readonly name = 'sockets of other network namespaces';
  readonly effort = 'search';
  readonly #listed: ListedSockets;
  readonly #monotonic: MonotonicMs;
  readonly #proc: string;
  /** By what /proc/PID/ns/net calls them. */
  #namespaces: ReadonlyMap<string, Namespace> = new Map();
  #lookedAt = -Infinity;

  constructor(parts: { readonly listed: ListedSockets; readonly monotonic: MonotonicMs; readonly proc?: string }) {
    this.#listed = parts.listed;
    this.#monotonic = parts.monotonic;
    this.#proc = parts.proc ?? '/proc';
  }

  /**
   * The search has a budget of its own: what was asked before it in the same round may have used up the common one, and a flow
   * that is translated has no socket but these.
   */
  ownersOf(flows: readonly FlowBehind[]): readonly (OwnerAnswer | null)[] {
    const candidates = flows.map((flow) => this.#candidatesFor(flow));
    const held = this.#listed.held(candidates.flat(), budgetOf(searchMs, this.#monotonic));
    const heldBy = new Map(candidates.flat().map((candidate, index) => [candidate, held[index]]));
    return candidates.map((some) => {
      const own = some.map((candidate) => heldBy.get(candidate)).filter((one) => one !== undefined);
      return own.length === 0 ? null : judge(own, null);
    });
  }

  /** Only a namespace that has the flow's own address can have its socket: many have a wildcard socket on the same port. */
  #candidatesFor(flow: FlowBehind): readonly Candidate[] {
    if (!tables.has(flow.protocol)) return [];
    return this.#withAddress(flow.localAddress).flatMap(({ dumps }) => this.#candidates(dumps, flow));
  }

  #candidates(dumps: SocketDumps, flow: FlowBehind): readonly Candidate[] {
    const ends: OrientedEnds = { ...flow, position: 'this-host', local: 'a' };
    const all = dumps.of(flow.protocol, flow.since ?? this.#monotonic())?.candidates({ interfaceIndex: 0, ends }) ?? [];
    if (flow.protocol !== tcp) return all;
    return all.filter(({ fit, socket }) => fit === 'connected' && socket.state !== listening);
  }

  #withAddress(address: string): readonly Namespace[] {
    const having = (): readonly Namespace[] => [...this.#namespaces.values()].filter(({ addresses }) => addresses.has(address));
    const age = this.#monotonic() - this.#lookedAt;
    const believed = age < believedMs ? having() : [];
    if (believed.length > 0 || age < missedMs) return believed;
    this.#look();
    return having();
  }

  #look(): void {
    this.#lookedAt = this.#monotonic();
    const own = this.#nameOf('self');
    const found = new Map<string, Namespace>();
    for (const pid of readdirSync(this.#proc).filter((name) => /^\d{1,10}$/u.test(name))) {
      const name = this.#nameOf(pid);
      if (name === null || name === own || found.has(name)) continue;
      found.set(name, this.#describe(name, pid));
      if (found.size >= maximumNamespaces) break;
    }
    this.#namespaces = found;
  }

  #nameOf(pid: string): string | null {
    try {
      return readlinkSync(`${this.#proc}/${pid}/ns/net`);
    } catch {
      return null;
    }
  }

  #describe(name: string, pid: string): Namespace {
    const net = `${this.#proc}/${pid}/net`;
    const addresses = new Set([...parseLocalIpv4(readTable(`${net}/fib_trie`)), ...parseIpv6(readTable(`${net}/if_inet6`))]);
    const known = this.#namespaces.get(name);
    if (known?.pid === pid) return { ...known, addresses };
    const read = (protocol: number): readonly SocketRecord[] =>
      (tables.get(protocol) ?? []).flatMap((table) => parseSocketTable(readTable(`${net}/${table}`), protocol));
    return { pid, addresses, dumps: new SocketDumps(read, this.#monotonic) };
  }
}
