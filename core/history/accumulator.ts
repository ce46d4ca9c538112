import type { Coverage, Gap } from '../../protocol/app.ts';
import { addCounts, countsOf } from './counts.ts';
import type { Counts } from './counts.ts';
import { addCoverage } from './coverage.ts';
import { foldsWhileHeld, quarterStart } from './fold.ts';
import type { Fold, Place } from './fold.ts';
import { addGap } from './gaps.ts';
import { HeldHttp } from './held-http.ts';
import type { BatchHttp } from './held-http.ts';
import { addQuality } from './quality.ts';
import type { Quality } from './quality.ts';
import { Room, ownerKey } from './room.ts';
import type { RoomLimits } from './room.ts';
import { bucketOf } from './tiers.ts';
import { hostText } from './usage.ts';
import type { CoverageReceipt, UsageKey } from './usage.ts';
import type { HttpHostSum } from '../../protocol/http.ts';
import type { EpochMs } from '../../protocol/units.ts';

/** One row on its way into the tiers. */
export interface BatchRow extends Place {
  readonly counts: Counts;
  readonly quality: Quality | null;
}

/** The receipt of one `recent` bucket. */
export interface BatchCoverage {
  readonly bucket: number;
  readonly measuredMs: number;
  readonly coverage: Coverage;
}

/** An interval that was measured: half-open, in ms since the epoch. */
export interface Interval {
  readonly from: number;
  readonly to: number;
}

/** All that is to be written in one transaction. */
export interface Batch {
  readonly rows: readonly BatchRow[];
  readonly coverage: readonly BatchCoverage[];
  readonly gaps: readonly Gap[];
  readonly http: readonly BatchHttp[];
  /** Where no gap can be, in the order in which it was measured. */
  readonly measured: readonly Interval[];
}

/** What the accumulator counts: a Usage, or one whose host was folded before it came here. */
export interface Countable extends UsageKey, Counts {
  readonly at: EpochMs;
  readonly quality: Quality | null;
}

export interface AccumulatorLimits {
  /** Rows of one 10-second bucket. */
  readonly room: RoomLimits;
  /** Rows held in all: some 300 bytes each, and 50 000 last a quiet day while a disk is full. */
  readonly rows: number;
  /** Coverage receipts held: one per 10 seconds. */
  readonly receipts: number;
  /** Gaps and measured intervals held, each. */
  readonly intervals: number;
}

export const accumulatorLimits: AccumulatorLimits = {
  room: { apps: 512, hosts: 4096, namesPerApp: 512, domainsPerApp: 256, addressesPerApp: 128 },
  rows: 50_000,
  receipts: 8640,
  intervals: 1024,
};

/** A text that is equal for two keys exactly when they are one row. NUL stands in no name, path or reason. */
export function keyText(key: UsageKey): string {
  const { owner, host } = key;
  const reason = owner.certainty === 'exact' ? '' : owner.reason;
  return [ownerKey(owner), owner.certainty, reason, host.kind, hostText(host), key.scope, key.network, key.service ?? ''].join('\0');
}

/**
 * Sums usage into 10-second buckets until they can be written. Bytes are conserved whatever happens; memory is bounded by
 * folding (see `foldsWhileHeld`). What was taken is given back by `written`, so a write that failed is tried again.
 */
export class Accumulator {
  readonly #limits: AccumulatorLimits;
  readonly #rooms = new Map<number, Room>();
  #rows = new Map<string, BatchRow>();
  #coverage = new Map<number, BatchCoverage>();
  readonly #http = new HeldHttp();
  #gaps: readonly Gap[] = [];
  #measured: readonly Interval[] = [];

  constructor(limits: AccumulatorLimits = accumulatorLimits) {
    this.#limits = limits;
  }

  /** How many rows are held. */
  get size(): number {
    return this.#rows.size;
  }

  add(usage: Countable): void {
    const bucket = bucketOf('recent', usage.at);
    const key = this.#roomOf(bucket).place(usage);
    sumRow(this.#rows, { bucket, key, counts: countsOf(usage), quality: usage.quality });
    if (this.#rows.size > this.#limits.rows) this.#foldRows();
  }

  /** The receipt of an interval is counted in the bucket that the interval ends in. */
  addCoverage(receipt: CoverageReceipt): void {
    const bucket = bucketOf('recent', Math.max(receipt.from, receipt.to - 1));
    const measuredMs = Math.max(0, Math.round(receipt.to - receipt.from));
    sumCoverage(this.#coverage, { bucket, measuredMs, coverage: receipt.coverage });
    this.#measured = addInterval(this.#measured, receipt, this.#limits.intervals);
    if (this.#coverage.size > this.#limits.receipts) this.#foldCoverage();
  }

  /** What plain HTTP was asked for, in an interval that ended at `at`. */
  addHttp(at: EpochMs, hosts: readonly HttpHostSum[]): void {
    this.#http.add(at, hosts);
  }

  addGap(gap: Gap): void {
    this.#gaps = addGap(this.#gaps, gap, this.#limits.intervals);
  }

  /** What is to be written now. It stays held until {@link written}; nothing may be added between the two. */
  take(): Batch {
    return {
      rows: [...this.#rows.values()],
      coverage: [...this.#coverage.values()],
      http: this.#http.take(),
      gaps: this.#gaps,
      measured: this.#measured,
    };
  }

  /** What was taken is safe on disk. */
  written(): void {
    this.#rows = new Map();
    this.#coverage = new Map();
    this.#rooms.clear();
    this.#http.written();
    this.#gaps = [];
    this.#measured = [];
  }

  #roomOf(bucket: number): Room {
    const known = this.#rooms.get(bucket);
    if (known !== undefined) return known;
    // Rooms of buckets that are held no longer than usual: a few. While writing fails, rows bound themselves.
    if (this.#rooms.size >= 16) this.#rooms.clear();
    const room = new Room(this.#limits.room);
    this.#rooms.set(bucket, room);
    return room;
  }

  #foldRows(): void {
    const enough = this.#limits.rows / 2;
    for (const fold of foldsWhileHeld) {
      this.#rows = folded(this.#rows, fold);
      if (this.#rows.size <= enough) return;
    }
    const last = Math.max(...[...this.#rows.values()].map((row) => row.bucket));
    this.#rows = folded(this.#rows, ({ key }) => ({ bucket: last, key }));
  }

  #foldCoverage(): void {
    const quarters = foldedCoverage(this.#coverage, quarterStart);
    const last = Math.max(...quarters.keys());
    this.#coverage = quarters.size <= this.#limits.receipts / 2 ? quarters : foldedCoverage(quarters, () => last);
  }
}

function sumRow(rows: Map<string, BatchRow>, row: BatchRow): void {
  const text = `${row.bucket}\0${keyText(row.key)}`;
  const known = rows.get(text);
  rows.set(text, known === undefined ? row : { ...known, counts: addCounts(known.counts, row.counts), quality: addQuality(known.quality, row.quality) });
}

function folded(rows: ReadonlyMap<string, BatchRow>, fold: Fold): Map<string, BatchRow> {
  const result = new Map<string, BatchRow>();
  for (const row of rows.values()) sumRow(result, { ...fold(row), counts: row.counts, quality: row.quality });
  return result;
}

function sumCoverage(receipts: Map<number, BatchCoverage>, receipt: BatchCoverage): void {
  const known = receipts.get(receipt.bucket);
  receipts.set(
    receipt.bucket,
    known === undefined
      ? receipt
      : {
          bucket: receipt.bucket,
          measuredMs: known.measuredMs + receipt.measuredMs,
          coverage: addCoverage(known.coverage, receipt.coverage),
        },
  );
}

function foldedCoverage(
  receipts: ReadonlyMap<number, BatchCoverage>,
  place: (bucket: number) => number,
): Map<number, BatchCoverage> {
  const result = new Map<number, BatchCoverage>();
  for (const receipt of receipts.values()) sumCoverage(result, { ...receipt, bucket: place(receipt.bucket) });
  return result;
}

/** Joins an interval to the last one where they touch. Of too many the oldest is forgotten: it only cuts gaps. */
function addInterval(intervals: readonly Interval[], next: Interval, limit: number): readonly Interval[] {
  const last = intervals.at(-1);
  if (last !== undefined && last.to === next.from) return [...intervals.slice(0, -1), { from: last.from, to: next.to }];
  const all = [...intervals, { from: next.from, to: next.to }];
  return all.length <= limit ? all : all.slice(1);
}
