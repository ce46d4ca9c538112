import type { AppRow, ConnectionRow, Snapshot } from '../../protocol/app.ts';
import { readQuery } from './query.ts';
import type { Matches, NumberField, QueryFault, Searched } from './query.ts';

/** One connection as the table shows it: what was told of it last, and what it moved since this page is open. */
export interface Connection {
  readonly id: string;
  readonly row: ConnectionRow;
  /** What a person calls the app; null where the app is unknown. */
  readonly appName: string | null;
  /** When it last moved something, milliseconds since the epoch. */
  readonly lastMoved: number;
  /** Bytes a second in the last interval. */
  readonly down: number;
  readonly up: number;
  /** Bytes, and segments sent again, since the page is open. */
  readonly total: number;
  readonly retransmits: number;
  /** For the search: made once. */
  readonly searched: Searched;
}

/** Connections that are kept, most: the ones that moved something longest ago go first. */
export const mostConnections = 10_000;

/** How long a connection stays that moves nothing, in milliseconds. */
const keptMs = 60_000;

export const columns = ['app', 'host', 'service', 'country', 'rtt', 'retransmits', 'down', 'up', 'total'] as const;
export type Column = (typeof columns)[number];
export interface Order {
  readonly by: Column;
  readonly direction: 'ascending' | 'descending';
}

const worded: ReadonlySet<Column> = new Set(['app', 'host', 'service', 'country']);

/** The direction in which a column is wanted first: names from A, figures from the largest. */
export function firstDirection(column: Column): Order['direction'] {
  return worded.has(column) ? 'ascending' : 'descending';
}

function idOf({ interface: name, protocol, localAddress, localPort, remoteAddress, remotePort }: ConnectionRow): string {
  return `${name} ${protocol} ${localAddress} ${localPort ?? ''} ${remoteAddress} ${remotePort ?? ''}`;
}

/** What the host is called: its name, else its address. */
export function hostOf({ host, remoteAddress }: ConnectionRow): string {
  return host ?? remoteAddress;
}

/** What the connection is for: its service by name, else protocol and port. */
export function serviceOf({ service, protocol, remotePort }: ConnectionRow): string {
  if (service !== null) return service;
  return remotePort === null ? protocol : `${protocol}/${remotePort}`;
}

function textsOf(row: ConnectionRow, appName: string | null): Searched['texts'] {
  const lower = (text: string | null): string => (text ?? '').toLowerCase();
  return {
    app: `${lower(appName)} ${lower(row.app)}`,
    host: lower(row.host),
    address: `${row.remoteAddress} ${row.localAddress}`,
    protocol: lower(row.protocol),
    scope: row.scope,
    country: lower(row.country),
    service: lower(serviceOf(row)),
    interface: lower(row.interface),
    source: row.source ?? '',
  };
}

function numbersOf(row: ConnectionRow, moved: Pick<Connection, 'down' | 'up' | 'total' | 'retransmits'>): Readonly<Record<NumberField, number | null>> {
  const { down, up, total, retransmits } = moved;
  const rtt = row.roundTripMicroseconds === null ? null : row.roundTripMicroseconds / 1000;
  return { port: row.remotePort, pid: row.pid, rtt, retransmits, down, up, rate: down + up, total };
}

interface Told {
  readonly time: number;
  readonly seconds: number;
  readonly names: ReadonlyMap<string, string>;
}

function toldOnce(row: ConnectionRow, before: Connection | undefined, { time, seconds, names }: Told): Connection {
  const appName = row.app === null ? null : (names.get(row.app) ?? before?.appName ?? null);
  const moved = {
    down: row.rxBytes / seconds,
    up: row.txBytes / seconds,
    total: (before?.total ?? 0) + row.rxBytes + row.txBytes,
    retransmits: (before?.retransmits ?? 0) + row.retransmits,
  };
  const isSame = before !== undefined && before.row.host === row.host && before.row.app === row.app && before.appName === appName;
  const texts = isSame ? before.searched.texts : textsOf(row, appName);
  const roundTripMicroseconds = row.roundTripMicroseconds ?? before?.row.roundTripMicroseconds ?? null;
  const kept = { ...row, roundTripMicroseconds };
  return { id: idOf(row), row: kept, appName, lastMoved: time, ...moved, searched: { texts, numbers: numbersOf(kept, moved) } };
}

/** It is still there and moves nothing. */
function silent(connection: Connection): Connection {
  if (connection.down === 0 && connection.up === 0) return connection;
  const { row, total, retransmits, searched } = connection;
  return { ...connection, down: 0, up: 0, searched: { ...searched, numbers: numbersOf(row, { down: 0, up: 0, total, retransmits }) } };
}

function namesOf(apps: readonly AppRow[]): ReadonlyMap<string, string> {
  return new Map(apps.flatMap(({ app, displayName }) => (app === null || displayName === null ? [] : [[app, displayName]])));
}

/** Follows the connections, snapshot by snapshot, also those that are silent for a while. */
export class ConnectionTable {
  readonly #all = new Map<string, Connection>();
  #lastTime = 0;
  /** Counts up with each change. */
  #version = $state(0);

  get version(): number {
    return this.#version;
  }

  /** Takes one interval; the same one twice is one. */
  take({ time, intervalSeconds, connections, apps }: Pick<Snapshot, 'time' | 'intervalSeconds' | 'connections' | 'apps'>): void {
    if (time <= this.#lastTime) return;
    this.#lastTime = time;
    const told: Told = { time, seconds: Math.max(1, intervalSeconds), names: namesOf(apps) };
    const moved = new Map(connections.map((row) => [idOf(row), row]));
    for (const [id, connection] of this.#all) {
      if (moved.has(id)) continue;
      if (time - connection.lastMoved > keptMs) this.#all.delete(id);
      else this.#all.set(id, silent(connection));
    }
    for (const [id, row] of moved) {
      const before = this.#all.get(id);
      // Set anew at the end: the map is in the order of the last movement.
      this.#all.delete(id);
      this.#all.set(id, toldOnce(row, before, told));
    }
    for (const id of this.#all.keys()) {
      if (this.#all.size <= mostConnections) break;
      this.#all.delete(id);
    }
    this.#version += 1;
  }

  /** All connections now, those that moved last at the end. */
  list(): readonly Connection[] {
    return [...this.#all.values()];
  }
}

function compared(one: Connection, other: Connection, by: Column, collator: Intl.Collator): number {
  switch (by) {
    case 'app':
      return collator.compare(one.appName ?? one.row.app ?? '', other.appName ?? other.row.app ?? '');
    case 'host':
      return collator.compare(hostOf(one.row), hostOf(other.row));
    case 'service':
      return collator.compare(serviceOf(one.row), serviceOf(other.row));
    case 'country':
      return collator.compare(one.row.country ?? '', other.row.country ?? '');
    case 'rtt':
      return (one.row.roundTripMicroseconds ?? -1) - (other.row.roundTripMicroseconds ?? -1);
    default:
      return one[by] - other[by];
  }
}

/** The connections that fit, in their order; equals stay in the order of their ids, so that nothing jumps. */
export function arranged(all: readonly Connection[], matches: Matches, { by, direction }: Order, collator: Intl.Collator): readonly Connection[] {
  const sign = direction === 'ascending' ? 1 : -1;
  const order = (one: Connection, other: Connection): number => sign * compared(one, other, by, collator) || (one.id < other.id ? -1 : 1);
  return all.filter(({ searched }) => matches(searched)).toSorted(order);
}

/** What a query asks for, or what is wrong with it; then everything fits. */
export function understood(query: string): { readonly matches: Matches; readonly fault: QueryFault | null } {
  const read = readQuery(query);
  return typeof read === 'function' ? { matches: read, fault: null } : { matches: () => true, fault: read };
}
