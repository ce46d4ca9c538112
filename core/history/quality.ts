/** How well TCP connections went in some time. Whole numbers from 0 to 2^53 - 1. */
export interface Quality {
  /** How many times a round-trip time was known: once a second for each connection, at most. */
  readonly samples: number;
  /** Round-trip times in microseconds; 0 where there is no sample. */
  readonly least: number;
  readonly sum: number;
  readonly most: number;
  /** Segments whose data had been sent before. */
  readonly retransmits: number;
  /** Packets of these connections, in both directions. */
  readonly packets: number;
}

/** What one interval of one connection tells. The round-trip time is in microseconds; absent where it is not known. */
export function qualityOf(seen: { readonly roundTrip: number | undefined; readonly retransmits: number; readonly packets: number }): Quality {
  const { roundTrip, retransmits, packets } = seen;
  const known = roundTrip === undefined || roundTrip === 0 ? null : roundTrip;
  return { samples: known === null ? 0 : 1, least: known ?? 0, sum: known ?? 0, most: known ?? 0, retransmits, packets };
}

/** Two of them together. */
export function addQuality(a: Quality | null, b: Quality | null): Quality | null {
  if (a === null || b === null) return a ?? b;
  const least = a.samples === 0 || b.samples === 0 ? Math.max(a.least, b.least) : Math.min(a.least, b.least);
  return {
    samples: a.samples + b.samples,
    least,
    sum: a.sum + b.sum,
    most: Math.max(a.most, b.most),
    retransmits: a.retransmits + b.retransmits,
    packets: a.packets + b.packets,
  };
}
