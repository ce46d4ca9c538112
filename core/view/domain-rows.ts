import type { DomainRow } from '../../protocol/app.ts';
import { NameSource } from '../../protocol/flow.ts';
import { isPrivate } from '../attribution/index.ts';
import type { AttributedFlow } from '../attribution/index.ts';
import { addBytes, byBytes, emptySum } from './rows.ts';
import type { ByteSum } from './rows.ts';

interface DomainSum extends ByteSum {
  readonly domain: string | null;
  /** Why there is no domain; null where there is one. */
  readonly reason: 'no-name' | 'private' | null;
  source: NameSource | null;
}

/** `NameSource` lists its values with the best evidence first. */
const rank: ReadonlyMap<NameSource, number> = new Map(NameSource.options.map((source, index) => [source, index]));

function better(a: NameSource | null, b: NameSource | null): NameSource | null {
  if (a === null || b === null) return a ?? b;
  return (rank.get(a) ?? 0) <= (rank.get(b) ?? 0) ? a : b;
}

function sumOf(rows: readonly ByteSum[]): ByteSum {
  const sum = emptySum();
  for (const one of rows) addBytes(sum, one);
  return sum;
}

function reasonOf(flow: AttributedFlow): 'no-name' | 'private' {
  return isPrivate(flow) ? 'private' : 'no-name';
}

/**
 * Rows of names, the largest first. Bytes without a name are one row, those of the private mode another, and the
 * smallest names beyond `maximum` a third: all without domain, each with its reason. The rows sum up to the flows.
 */
export function domainRows(flows: readonly AttributedFlow[], maximum: number): DomainRow[] {
  const sums = new Map<string, DomainSum>();
  for (const flow of flows) {
    const domain = flow.name?.name ?? null;
    const reason = domain === null ? reasonOf(flow) : null;
    // No name has a blank.
    const key = domain ?? ` ${reason}`;
    let sum = sums.get(key);
    if (sum === undefined) sums.set(key, (sum = { domain, reason, source: null, ...emptySum() }));
    addBytes(sum, flow.delta);
    sum.source = better(sum.source, flow.name?.source ?? null);
  }
  const order = byBytes<DomainRow>((row) => row.domain ?? ` ${row.reason ?? ''}`);
  const rows: readonly DomainRow[] = [...sums.values()];
  const named = rows.filter(({ domain }) => domain !== null).toSorted(order);
  const rest = named.slice(maximum);
  const folded: DomainRow[] = rest.length === 0 ? [] : [{ domain: null, source: null, reason: 'folded', ...sumOf(rest) }];
  return [...named.slice(0, maximum), ...rows.filter(({ domain }) => domain === null), ...folded].toSorted(order);
}
