import type { ByteCounts } from '../../protocol/app.ts';
import type { EpochMs } from '../../protocol/units.ts';

/** Bytes in both directions, as they are summed up. */
export interface Sum {
  rxBytes: number;
  txBytes: number;
}

/** What went to and from one remote end. */
export interface HostPart extends Sum {
  /** Its name; null where only an address is known, or neither may be told. */
  readonly name: string | null;
  readonly address: string | null;
}

/** What one app did. */
export interface AppPart extends Sum {
  /** Null: the unknown owners, and those who may not be named. */
  readonly app: string | null;
  readonly displayName: string | null;
  /** The part of it that went to the internet. */
  readonly internet: Sum;
  readonly hosts: ReadonlyMap<string, HostPart>;
}

/** What crossed the edge of this machine in one interval, as alerts look at it. Nothing is in it that may not be named. */
export interface Moment {
  /** End of the interval. */
  readonly now: EpochMs;
  /** Its length: what is measured lasts this long, whatever the wall clock does. */
  readonly seconds: number;
  readonly totals: ByteCounts;
  readonly internet: ByteCounts;
  readonly apps: readonly AppPart[];
  readonly networks: ReadonlyMap<string, ByteCounts>;
  /** What went to the internet, by network. */
  readonly internetByNetwork: ReadonlyMap<string, ByteCounts>;
  readonly httpRequests: number;
  /** The host that was asked most, and how often; null where nobody was asked. */
  readonly httpMost: { readonly host: string | null; readonly requests: number } | null;
}

export function emptySum(): Sum {
  return { rxBytes: 0, txBytes: 0 };
}

export function addTo(sum: Sum, { rxBytes, txBytes }: ByteCounts): void {
  sum.rxBytes += rxBytes;
  sum.txBytes += txBytes;
}

export function bytesOf({ rxBytes, txBytes }: ByteCounts): number {
  return rxBytes + txBytes;
}

/** What is counted of a sum. */
export type Direction = 'both' | 'down' | 'up';

export function bytesIn(direction: Direction, { rxBytes, txBytes }: ByteCounts): number {
  if (direction === 'both') return rxBytes + txBytes;
  return direction === 'down' ? rxBytes : txBytes;
}

/** A moment in which nothing moved, or nothing was measured. */
export function silentMoment(now: EpochMs, seconds: number): Moment {
  const none = { totals: emptySum(), internet: emptySum(), apps: [], networks: new Map(), internetByNetwork: new Map() };
  return { now, seconds, ...none, httpRequests: 0, httpMost: null };
}
