import type { Scope } from '../../protocol/app.ts';
import type { FlowDelta, NameSource, OwnerReason } from '../../protocol/flow.ts';
import type { InterfaceInterval, InterfaceStatus } from '../../protocol/helper.ts';
import type { HttpHostSum } from '../../protocol/http.ts';
import type { EpochMs } from '../../protocol/units.ts';
import type { App } from './identity.ts';

/**
 * Who a flow belongs to, resolved: `reason` is null exactly where the owner is exact; `app` is null where unknown. The
 * kernel is an app without process.
 */
export type ResolvedOwner =
  | { readonly certainty: 'exact'; readonly app: App; readonly pid: number; readonly reason: null }
  | { readonly certainty: 'inferred'; readonly app: App; readonly pid: number | null; readonly reason: OwnerReason }
  | { readonly certainty: 'unknown'; readonly app: null; readonly pid: null; readonly reason: OwnerReason };

/** A name with the evidence for it. */
export interface ResolvedName {
  readonly name: string;
  readonly source: NameSource;
}

/**
 * Where a flow was met. Only `edge` counts towards the totals; `loopback` never left the machine; `inside` (a bridge, a
 * tunnel's inner side) is counted at the edge it crosses.
 */
export type Placement = 'edge' | 'inside' | 'loopback';

/** What one flow did in one interval, and to whom its bytes are credited. */
export interface AttributedFlow {
  readonly delta: FlowDelta;
  readonly owner: ResolvedOwner;
  readonly name: ResolvedName | null;
  readonly scope: Scope;
  readonly placement: Placement;
  /** What the machine was connected through: the connection's name, or the interface's. */
  readonly network: string;
  /** Where the remote address lies (ISO 3166-1 alpha-2); null where nobody knows, and where it lies in no country. */
  readonly country: string | null;
}

/** One interface and what its capture did in the interval; null where it was not captured. */
export interface MeasuredInterface {
  readonly status: InterfaceStatus;
  readonly interval: InterfaceInterval | null;
}

/** Everything that was measured in one interval. */
export interface MeasuredInterval {
  /** End of the interval. */
  readonly time: EpochMs;
  readonly intervalSeconds: number;
  readonly paused: boolean;
  readonly flows: readonly AttributedFlow[];
  /** Plain HTTP by host. */
  readonly http: readonly HttpHostSum[];
  readonly interfaces: readonly MeasuredInterface[];
}
