import { hostKindCodes } from './codes.ts';
import type { Counts } from './counts.ts';

/** A row of one bucket, by numbers: who, and with what host. */
export interface BucketRow extends Counts {
  readonly party: number;
  readonly host: number;
}

/** What a host's number stands for. */
export interface HostFact {
  readonly kind: number;
  readonly domain: number;
}

const countNames = ['rxBytes', 'txBytes', 'rxPackets', 'txPackets', 'connections'] as const;
type MutableCounts = { -readonly [Name in keyof Counts]: number };

/** How near a row is to what is taken out; a smaller number is nearer. */
function distance(row: BucketRow, gone: BucketRow, factOf: (host: number) => HostFact | null): number {
  const party = row.party === gone.party ? 0 : 10;
  if (row.host === gone.host) return party;
  const fact = factOf(row.host);
  const goneFact = factOf(gone.host);
  if (fact === null || goneFact === null) return party + 4;
  if (fact.kind === hostKindCodes['rest-of-domain'] && fact.domain === goneFact.domain) return party + 1;
  const other = goneFact.domain === 0 ? hostKindCodes['other-addresses'] : hostKindCodes['other-names'];
  return party + (fact.kind === other ? 2 : 3);
}

/**
 * Takes finer rows out of the rows of a coarser bucket that they are part of. A row that was folded there is taken out of
 * the row it was folded into: the nearest that still has something. No count becomes negative, and the bucket's sum is less by
 * exactly what was taken out.
 */
export function subtractRows(
  rows: readonly BucketRow[],
  gone: readonly BucketRow[],
  factOf: (host: number) => HostFact | null,
): readonly BucketRow[] {
  const left = rows.map((row): BucketRow & MutableCounts => ({ ...row }));
  for (const taken of gone) {
    const own = left.filter((row) => row.host === taken.host && row.party === taken.party);
    const rest = takeFrom(own, taken);
    if (countNames.every((name) => rest[name] === 0)) continue;
    takeFrom(left.toSorted((a, b) => distance(a, taken, factOf) - distance(b, taken, factOf)), rest);
  }
  return left;
}

/** Takes as much as there is from each row in turn, and returns what none of them had. */
function takeFrom(rows: readonly MutableCounts[], taken: Counts): Counts {
  const rest: MutableCounts = { ...taken };
  for (const row of rows) {
    for (const name of countNames) {
      const part = Math.min(row[name], rest[name]);
      row[name] -= part;
      rest[name] -= part;
    }
  }
  return rest;
}
