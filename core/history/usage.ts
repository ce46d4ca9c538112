import type { AppId, Coverage, Gap, Scope } from '../../protocol/app.ts';
import type { NameSource, OwnerReason } from '../../protocol/flow.ts';
import type { EpochMs } from '../../protocol/units.ts';
import type { Country } from '../../protocol/usage-filter.ts';
import type { Counts } from './counts.ts';
import type { Quality } from './quality.ts';

/** An app as the history keeps it. */
export interface UsageApp {
  readonly id: AppId;
  /** Path of the executable; null where it could not be read. */
  readonly executable: string | null;
  /** The name a person reads. */
  readonly displayName: string;
}

/** Whose bytes these are, with how sure that is. */
export type UsageOwner =
  | { readonly certainty: 'exact'; readonly app: UsageApp }
  | { readonly certainty: 'inferred'; readonly app: UsageApp; readonly reason: OwnerReason }
  | { readonly certainty: 'unknown'; readonly reason: OwnerReason };

/** The remote end: its name, or its address where no name is known. An address is kept only then. */
export type UsageHost =
  | {
      readonly kind: 'name';
      /** Lower case, A-labels, no trailing dot. */
      readonly name: string;
      /** The registrable domain of `name`, or `name` itself where it has none (`localhost`, `printer.local`). */
      readonly domain: string;
      readonly source: NameSource;
      /** Where the address lies at which it was met; absent where that is not known. */
      readonly country?: Country;
    }
  | { readonly kind: 'address'; readonly address: string; readonly country?: Country };

/** Hosts that were folded together because a bucket had no room for them one by one. */
export type FoldedHost =
  | { readonly kind: 'rest-of-domain'; readonly domain: string }
  | { readonly kind: 'other-names' }
  | { readonly kind: 'other-addresses' };

/** A host as it stands in a bucket. */
export type BucketHost = UsageHost | FoldedHost;

/** How a host stands in a bucket: with its kind it tells it from every other. Hosts that were folded into one have no text. */
export function hostText(host: BucketHost): string {
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

/** What tells two rows of a bucket apart. */
export interface UsageKey<Host extends BucketHost = BucketHost> {
  readonly owner: UsageOwner;
  readonly host: Host;
  readonly scope: Scope;
  /** What the machine was connected through: the connection's name, or the interface's. At most 256 characters. */
  readonly network: string;
  /** What it was for: the registered name of a port, or the protocol's where it has none; null where that is not known. */
  readonly service: string | null;
}

/**
 * A flow's delta joined with its owner, name, scope and network. `connections` is 1 in the first delta of a flow and 0
 * in the others. `at` is an instant inside the interval that was measured: the delta's `lastSeen`.
 */
export interface Usage extends UsageKey<UsageHost>, Counts {
  readonly at: EpochMs;
  /** How well its connections went; null where nothing tells. */
  readonly quality: Quality | null;
}

/** What was measured in an interval and how surely, for the receipt that is kept with every bucket. */
export interface CoverageReceipt {
  /** Beginning and end (exclusive) of the interval that was measured. */
  readonly from: EpochMs;
  readonly to: EpochMs;
  readonly coverage: Coverage;
}

export type { Coverage, Gap };
