import { hostKindCodes } from './codes.ts';
import { addCounts, countsOf } from './counts.ts';
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

type Left = BucketRow & MutableCounts;

/** Where the rows of a bucket are, by what a folded row may stand in. */
class Places {
  readonly all: readonly Left[];
  readonly #byKey = new Map<string, Left[]>();

  constructor(rows: readonly Left[], factOf: (host: number) => HostFact | null) {
    this.all = rows;
    for (const row of rows) {
      const { party, host } = row;
      const fact = factOf(host);
      this.#put(`${party} host ${host}`, row);
      this.#put(`host ${host}`, row);
      this.#put(`${party}`, row);
      if (fact === null) continue;
      const place = placeText(fact);
      if (place === null) continue;
      this.#put(`${party} ${place}`, row);
      this.#put(place, row);
    }
  }

  at(key: string): readonly Left[] {
    return this.#byKey.get(key) ?? [];
  }

  #put(key: string, row: Left): void {
    const rows = this.#byKey.get(key);
    if (rows === undefined) this.#byKey.set(key, [row]);
    else rows.push(row);
  }
}

/** What a host that stands for several is for; null for one that stands for itself. */
function placeText({ kind, domain }: HostFact): string | null {
  if (kind === hostKindCodes['rest-of-domain']) return `rest of ${domain}`;
  return kind === hostKindCodes['other-names'] || kind === hostKindCodes['other-addresses'] ? `other ${kind}` : null;
}

/** Where a row may have been folded to, the nearest first: its own party's rows, then those of others. */
function* nearest(gone: BucketRow, places: Places, factOf: (host: number) => HostFact | null): Generator<readonly Left[]> {
  const fact = factOf(gone.host);
  const other = fact?.domain === 0 ? hostKindCodes['other-addresses'] : hostKindCodes['other-names'];
  const wider = fact === null ? [] : [`rest of ${fact.domain}`, `other ${other}`];
  yield places.at(`${gone.party} host ${gone.host}`);
  for (const place of wider) yield places.at(`${gone.party} ${place}`);
  yield places.at(`${gone.party}`);
  yield places.at(`host ${gone.host}`);
  for (const place of wider) yield places.at(place);
  yield places.all;
}

/** Rows of one party and host as one: the finer rows of a long range have many. */
function summed(rows: readonly BucketRow[]): readonly BucketRow[] {
  const sums = new Map<string, BucketRow>();
  for (const row of rows) {
    const key = `${row.party} ${row.host}`;
    const known = sums.get(key);
    sums.set(key, known === undefined ? row : { ...row, ...addCounts(known, row) });
  }
  return [...sums.values()];
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
  const left = rows.map((row): Left => ({ ...row }));
  const places = new Places(left, factOf);
  // First what stands in its own place, so that nothing that was folded takes it away.
  const rest = summed(gone).flatMap((taken) => {
    const { party, host } = taken;
    const counts = takeFrom(places.at(`${party} host ${host}`), taken);
    return isNothing(counts) ? [] : [{ party, host, ...counts }];
  });
  for (const taken of rest) {
    let counts: Counts = taken;
    for (const candidates of nearest(taken, places, factOf)) {
      if (isNothing(counts)) break;
      counts = takeFrom(candidates, counts);
    }
  }
  return left;
}

function isNothing(counts: Counts): boolean {
  return countNames.every((name) => counts[name] === 0);
}

/** Takes as much as there is from each row in turn, and returns what none of them had. */
function takeFrom(rows: readonly MutableCounts[], taken: Counts): Counts {
  const rest: MutableCounts = countsOf(taken);
  for (const row of rows) {
    for (const name of countNames) {
      const part = Math.min(row[name], rest[name]);
      row[name] -= part;
      rest[name] -= part;
    }
    if (isNothing(rest)) break;
  }
  return rest;
}
