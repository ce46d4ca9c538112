/** What is counted, in every row of every tier. Whole numbers from 0 to 2^53 - 1; bytes are IP bytes. */
export interface Counts {
  readonly rxBytes: number;
  readonly txBytes: number;
  readonly rxPackets: number;
  readonly txPackets: number;
  readonly connections: number;
}

export const noCounts: Counts = { rxBytes: 0, txBytes: 0, rxPackets: 0, txPackets: 0, connections: 0 };

/** The sum of two rows. */
export function addCounts(a: Counts, b: Counts): Counts {
  return {
    rxBytes: a.rxBytes + b.rxBytes,
    txBytes: a.txBytes + b.txBytes,
    rxPackets: a.rxPackets + b.rxPackets,
    txPackets: a.txPackets + b.txPackets,
    connections: a.connections + b.connections,
  };
}

/** Received and sent bytes together: what rows are ordered by. */
export function bytesOf(counts: Counts): number {
  return counts.rxBytes + counts.txBytes;
}

/** Only the counts of a row that has more. */
export function countsOf(row: Counts): Counts {
  return {
    rxBytes: row.rxBytes,
    txBytes: row.txBytes,
    rxPackets: row.rxPackets,
    txPackets: row.txPackets,
    connections: row.connections,
  };
}
