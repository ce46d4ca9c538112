import type { EpochMs } from '../../protocol/units.ts';
import type { FlowId } from '../../protocol/flow.ts';

/** One message of plain HTTP/1, for counts per host. A response carries what its request asked for. */
export interface HttpSeen {
  readonly kind: 'request' | 'response';
  readonly flow: FlowId;
  readonly time: EpochMs;
  readonly host: string;
  readonly method: string;
  /** The path's first section (`/images`): 64 characters at most, and never the query. */
  readonly section: string;
  /** Status of a response; null for a request. */
  readonly status: number | null;
}
