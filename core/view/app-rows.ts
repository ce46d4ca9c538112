import type { AppRow } from '../../protocol/app.ts';
import type { OwnerReason } from '../../protocol/flow.ts';
import type { App, AttributedFlow } from '../attribution/index.ts';
import { addBytes, byBytes, emptySum, totalBytes } from './rows.ts';
import type { ByteSum } from './rows.ts';

interface AppSum extends ByteSum {
  readonly app: App | null;
  readonly pids: Set<number>;
  readonly exact: ByteSum;
  /** Bytes by the reason why they are not exact. */
  readonly reasons: Map<OwnerReason, number>;
}

/** No identity of an app is the empty text, and no reason has a blank. */
function keyOf({ owner }: AttributedFlow): string {
  return owner.app === null ? ` ${owner.reason}` : owner.app.app;
}

function add(sum: AppSum, { delta, owner }: AttributedFlow): void {
  addBytes(sum, delta);
  if (owner.pid !== null) sum.pids.add(owner.pid);
  if (owner.certainty === 'exact') addBytes(sum.exact, delta);
  else sum.reasons.set(owner.reason, (sum.reasons.get(owner.reason) ?? 0) + totalBytes(delta));
}

function newSum(app: App | null): AppSum {
  return { app, pids: new Set(), exact: emptySum(), reasons: new Map(), ...emptySum() };
}

/** The reason that most of the row's inexact bytes have. */
function mainReason(reasons: ReadonlyMap<OwnerReason, number>): OwnerReason | null {
  let main: OwnerReason | null = null;
  for (const [reason, bytes] of reasons) if (main === null || bytes > (reasons.get(main) ?? 0)) main = reason;
  return main;
}

function row(sum: AppSum, maximumPids: number): AppRow {
  return {
    app: sum.app?.app ?? null,
    displayName: sum.app?.displayName ?? null,
    exe: sum.app?.exe ?? null,
    pids: [...sum.pids].slice(0, maximumPids).toSorted((a, b) => a - b),
    rxBytes: sum.rxBytes,
    txBytes: sum.txBytes,
    exact: sum.exact,
    reason: mainReason(sum.reasons),
  };
}

/** Adds rows that have no place of their own to the row of the reason `folded`. */
function withoutPlace(rows: readonly AppRow[]): AppRow[] {
  if (rows.length === 0) return [];
  const sum = emptySum();
  for (const one of rows) addBytes(sum, one);
  return [{ app: null, displayName: null, exe: null, pids: [], ...sum, exact: emptySum(), reason: 'folded' }];
}

/**
 * Rows of apps, the largest first: one for each app and one for each reason of an unknown owner. Beyond `limits.apps` the
 * smallest apps are folded into the row without app whose reason is `folded`. The rows sum up to the flows.
 */
export function appRows(
  flows: readonly AttributedFlow[],
  limits: { readonly apps: number; readonly pids: number },
): AppRow[] {
  const sums = new Map<string, AppSum>();
  for (const flow of flows) {
    const key = keyOf(flow);
    let sum = sums.get(key);
    if (sum === undefined) sums.set(key, (sum = newSum(flow.owner.app)));
    add(sum, flow);
  }
  const order = byBytes<AppRow>((one) => one.app ?? ` ${one.reason ?? ''}`);
  const rows = [...sums.values()].map((sum) => row(sum, limits.pids)).toSorted(order);
  const foldedAlready = (one: AppRow): boolean => one.app === null && one.reason === 'folded';
  const named = rows.filter(({ app }) => app !== null);
  const nameless = rows.filter((one) => one.app === null && !foldedAlready(one));
  const rest = withoutPlace([...named.slice(limits.apps), ...rows.filter(foldedAlready)]);
  return [...named.slice(0, limits.apps), ...nameless, ...rest].toSorted(order);
}
