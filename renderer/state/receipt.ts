import type { Coverage } from '../../protocol/app.ts';

/** What the receipt sums up, in seconds. */
const spanSeconds = 60;

export interface ReceiptSums {
  readonly exact: number;
  readonly inferred: number;
  readonly unknown: number;
  /** Packets. */
  readonly dropped: number;
}

export const noReceipt: ReceiptSums = { exact: 0, inferred: 0, unknown: 0, dropped: 0 };

/** How surely the bytes of the last minute could be told whose they are. */
export class Receipt {
  #intervals: { readonly end: number; readonly coverage: Coverage }[] = [];

  /** Takes an interval that ends at `end` (a second since 1970). */
  take(coverage: Coverage, end: number): void {
    this.#intervals = this.#intervals.filter((each) => each.end > end - spanSeconds && each.end < end);
    this.#intervals.push({ end, coverage });
  }

  get sums(): ReceiptSums {
    let [exact, inferred, unknown, dropped] = [0, 0, 0, 0];
    for (const { coverage } of this.#intervals) {
      exact += coverage.exactBytes;
      inferred += coverage.inferredBytes;
      unknown += coverage.unknownBytes;
      dropped += coverage.droppedPackets;
    }
    return { exact, inferred, unknown, dropped };
  }
}
