import type { EpochMs } from '../protocol/units.ts';
import type { Edges } from './edges.ts';
import { UsageError } from './failure.ts';
import { stretchOf } from './stretch.ts';

/** What --from and --to name; what is not given is absent. */
export interface Range {
  readonly from?: EpochMs;
  /** Exclusive. */
  readonly to?: EpochMs;
}

/** The time that is asked for. Throws {@link UsageError} for words that name no time, and for ranges without length. */
export function rangeOf(words: { readonly from?: string | undefined; readonly to?: string | undefined }, edges: Pick<Edges, 'now'>): Range {
  const from = words.from === undefined ? undefined : stretchOf('--from', words.from, edges).from;
  const to = words.to === undefined ? undefined : stretchOf('--to', words.to, edges).to;
  if (from !== undefined && to !== undefined && from >= to) {
    throw new UsageError(`--from "${words.from}" is not before --to "${words.to}": exchange them`);
  }
  if (from !== undefined && to === undefined && from >= edges.now()) {
    throw new UsageError(`--from "${words.from}" is in the future: nothing has been measured there yet; give an earlier time`);
  }
  return { ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) };
}
