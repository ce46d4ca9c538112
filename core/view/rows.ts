import type { ByteCounts } from '../../protocol/app.ts';

/** A sum of bytes that is still being made. */
export interface ByteSum {
  rxBytes: number;
  txBytes: number;
}

export function emptySum(): ByteSum {
  return { rxBytes: 0, txBytes: 0 };
}

/** Adds to a sum in place: it is called for every flow of every interval. */
export function addBytes(sum: ByteSum, bytes: ByteCounts): void {
  sum.rxBytes += bytes.rxBytes;
  sum.txBytes += bytes.txBytes;
}

export function totalBytes(bytes: ByteCounts): number {
  return bytes.rxBytes + bytes.txBytes;
}

/** The largest first; equals in the order of their keys, so that rows do not change places without a reason. */
export function byBytes<Row extends ByteCounts>(keyOf: (row: Row) => string): (a: Row, b: Row) => number {
  return (a, b) => {
    const difference = totalBytes(b) - totalBytes(a);
    if (difference !== 0) return difference;
    const [first, second] = [keyOf(a), keyOf(b)];
    return first < second ? -1 : Number(first > second);
  };
}
