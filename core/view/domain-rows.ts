import type { DomainRow } from '../../protocol/app.ts';
import { NameSource } from '../../protocol/flow.ts';
import type { AttributedFlow } from '../attribution/index.ts';
import { addBytes, byBytes, emptySum } from './rows.ts';
import type { ByteSum } from './rows.ts';

interface DomainSum extends ByteSum {
  readonly domain: string | null;
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

/**
 * Rows of names, the largest first. Bytes without a name are one row, and the smallest names beyond `maximum` another:
 * both without domain, each with its reason. The rows sum up to the flows.
 */
export function domainRows(flows: readonly AttributedFlow[], maximum: number): DomainRow[] {
  const sums = new Map<string | null, DomainSum>();
  for (const { delta, name } of flows) {
    const domain = name?.name ?? null;
    let sum = sums.get(domain);
    if (sum === undefined) sums.set(domain, (sum = { domain, source: null, ...emptySum() }));
    addBytes(sum, delta);
    sum.source = better(sum.source, name?.source ?? null);
  }
  const order = byBytes<DomainRow>((row) => row.domain ?? ` ${row.reason ?? ''}`);
  const rows = [...sums.values()].map((sum): DomainRow => ({ ...sum, reason: sum.domain === null ? 'no-name' : null }));
  const named = rows.filter(({ domain }) => domain !== null).toSorted(order);
  const rest = named.slice(maximum);
  const folded: DomainRow[] = rest.length === 0 ? [] : [{ domain: null, source: null, reason: 'folded', ...sumOf(rest) }];
  return [...named.slice(0, maximum), ...rows.filter(({ domain }) => domain === null), ...folded].toSorted(order);
}
