import type { Database, Statement } from 'better-sqlite3';
import type { Batch, BatchCoverage, BatchRow, Interval } from '../../core/history/accumulator.ts';
import { addCounts } from '../../core/history/counts.ts';
import type { Calendar } from '../../core/history/calendar.ts';
import type { Counts } from '../../core/history/counts.ts';
import type { Floors } from '../../core/history/pieces.ts';
import { tierCodes } from '../../core/history/read-statements.ts';
import { bucketOf, startOf, tierNames } from '../../core/history/tiers.ts';
import type { TierName } from '../../core/history/tiers.ts';
import * as sql from '../../core/history/write-statements.ts';
import type { Gap } from '../../protocol/app.ts';
import { DaySpans } from './day-spans.ts';
import { Dimensions } from './dimensions.ts';
import { GapRows } from './gap-rows.ts';
import { Rooms } from './rooms.ts';
import { TierFloors } from './tier-floors.ts';

type FactStatement = Statement<[number, number, number, number, number, number, number]>;

interface TierStatements {
  readonly usage: FactStatement;
  readonly party: FactStatement;
}

type ByTier<Value> = Readonly<Record<TierName, Value>>;

function factRow(bucket: number, id: number, counts: Counts): [number, number, number, number, number, number, number] {
  return [bucket, id, counts.rxBytes, counts.txBytes, counts.rxPackets, counts.txPackets, counts.connections];
}

/** Adds a batch to every tier. One call is one transaction: all of it is in the file afterwards, or nothing. */
export class Writer {
  readonly #dimensions: Dimensions;
  readonly #spans: DaySpans;
  readonly #rooms: Rooms;
  readonly #floors: TierFloors;
  readonly #gaps: GapRows;
  readonly #statements: ByTier<TierStatements>;
  readonly #coverage: Statement<number[]>;
  readonly #measuredUntil: Statement<[number]>;
  readonly #transaction: (batch: Batch, now: number) => void;

  constructor(database: Database, calendar: Calendar) {
    this.#dimensions = new Dimensions(database);
    this.#spans = new DaySpans(database, calendar);
    this.#rooms = new Rooms(database);
    this.#floors = new TierFloors(database);
    this.#gaps = new GapRows(database);
    const statements = (tier: TierName): TierStatements => ({
      usage: database.prepare(sql.addUsage(tier)),
      party: database.prepare(sql.addParty(tier)),
    });
    this.#statements = {
      recent: statements('recent'),
      minute: statements('minute'),
      quarter: statements('quarter'),
      day: statements('day'),
    };
    this.#coverage = database.prepare(sql.addCoverage);
    this.#measuredUntil = database.prepare(sql.measuredUntil);
    const transaction = database.transaction((batch: Batch, now: number) => this.#writeAll(batch, now));
    this.#transaction = (batch, now) => transaction.immediate(batch, now);
  }

  /** Writes all of a batch. Throws SQLite's error where it could not; the file is then as it was before. */
  write(batch: Batch, now: number): void {
    try {
      this.#transaction(batch, now);
    } catch (error) {
      this.forget();
      throw error;
    }
  }

  /** Drops what is remembered of the file: after rows of it were deleted. */
  forget(): void {
    this.#dimensions.forget();
    this.#spans.forget();
    this.#rooms.forget();
  }

  #writeAll(batch: Batch, now: number): void {
    this.#spans.followZone(bucketOf('quarter', now));
    const floors = this.#floors.read();
    for (const tier of tierNames) this.#writeTier(tier, batch.rows, floors);
    for (const receipt of batch.coverage) this.#writeCoverage(receipt, floors);
    this.#writeGaps(batch.gaps, batch.measured);
  }

  #bucketIn(tier: TierName, recent: number, floors: Floors): number | null {
    const start = startOf('recent', recent);
    if (tier === 'day') return this.#spans.at(bucketOf('quarter', start)).start;
    const bucket = bucketOf(tier, start);
    // A tier that has been cleaned up to here would be no more than a part of these buckets: see `Floors`.
    return startOf(tier, bucket) < floors[tier] ? null : bucket;
  }

  #writeTier(tier: TierName, rows: readonly BatchRow[], floors: Floors): void {
    const parties = new Map<string, { readonly bucket: number; readonly party: number; readonly counts: Counts }>();
    for (const row of rows) {
      const bucket = this.#bucketIn(tier, row.bucket, floors);
      if (bucket === null) continue;
      const quarter = bucketOf('quarter', startOf('recent', row.bucket));
      const key = this.#rooms.place(tier, bucket, row.key);
      const party = this.#dimensions.party(key, quarter);
      const series = this.#dimensions.series(party, key.host, quarter);
      this.#statements[tier].usage.run(...factRow(bucket, series, row.counts));
      const text = `${bucket} ${party}`;
      const known = parties.get(text)?.counts;
      parties.set(text, { bucket, party, counts: known === undefined ? row.counts : addCounts(known, row.counts) });
    }
    for (const { bucket, party, counts } of parties.values()) {
      this.#statements[tier].party.run(...factRow(bucket, party, counts));
    }
  }

  #writeCoverage(receipt: BatchCoverage, floors: Floors): void {
    const { coverage } = receipt;
    for (const tier of tierNames) {
      const bucket = this.#bucketIn(tier, receipt.bucket, floors);
      if (bucket === null) continue;
      this.#coverage.run(
        tierCodes[tier],
        bucket,
        receipt.measuredMs,
        coverage.capturedBytes,
        coverage.capturedPackets,
        coverage.droppedPackets,
        coverage.malformedPackets,
        coverage.interfaceBytes,
        coverage.exactBytes,
        coverage.inferredBytes,
        coverage.unknownBytes,
      );
    }
  }

  #writeGaps(gaps: readonly Gap[], measured: readonly Interval[]): void {
    for (const gap of gaps) this.#gaps.add(gap);
    for (const interval of measured) this.#gaps.cut(interval);
    const last = measured.at(-1);
    if (last !== undefined) this.#measuredUntil.run(Math.floor(last.to));
  }
}
