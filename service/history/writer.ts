import type { Database, Statement } from 'better-sqlite3';
import type { Batch, BatchCoverage, BatchRow, Interval } from '../../core/history/accumulator.ts';
import { addCounts } from '../../core/history/counts.ts';
import { coverageNames } from '../../core/history/coverage.ts';
import type { Calendar } from '../../core/history/calendar.ts';
import type { Counts } from '../../core/history/counts.ts';
import type { BatchHttp } from '../../core/history/held-http.ts';
import type { Floors } from '../../core/history/pieces.ts';
import { tierCodes } from '../../core/history/read-statements.ts';
import { isHostTier } from '../../core/history/tables.ts';
import { isSideTier, sideTiers } from '../../core/history/side-tiers.ts';
import { bucketOf, startOf, tierNames } from '../../core/history/tiers.ts';
import type { TierName } from '../../core/history/tiers.ts';
import * as sql from '../../core/history/write-statements.ts';
import type { Gap } from '../../protocol/app.ts';
import { DaySpans } from './day-spans.ts';
import { Dimensions } from './dimensions.ts';
import { GapRows } from './gap-rows.ts';
import { HttpWriter } from './http-writer.ts';
import { QualityWriter } from './quality-writer.ts';
import { Rooms } from './rooms.ts';
import { TierFloors } from './tier-floors.ts';

type CountRow = [number, number, number, number, number];
type SumStatement = Statement<[number, number, ...CountRow]>;

interface TierStatements {
  readonly usage: Statement<[number, number, number, ...CountRow]>;
  readonly party: SumStatement;
  /** Null in a tier without sums by host. */
  readonly host: SumStatement | null;
}

type ByTier<Value> = Readonly<Record<TierName, Value>>;

function countRow(counts: Counts): CountRow {
  return [counts.rxBytes, counts.txBytes, counts.rxPackets, counts.txPackets, counts.connections];
}

/** Sums of one table's rows within a batch, so that each is written once. */
class BatchSums {
  readonly #sums = new Map<string, { readonly bucket: number; readonly id: number; readonly counts: Counts }>();

  add(bucket: number, id: number, counts: Counts): void {
    const key = `${bucket} ${id}`;
    const known = this.#sums.get(key);
    this.#sums.set(key, { bucket, id, counts: known === undefined ? counts : addCounts(known.counts, counts) });
  }

  write(statement: SumStatement): void {
    for (const { bucket, id, counts } of this.#sums.values()) statement.run(bucket, id, ...countRow(counts));
  }
}

/** Adds a batch to every tier. One call is one transaction: all of it is in the file afterwards, or nothing. */
export class Writer {
  readonly #dimensions: Dimensions;
  readonly #spans: DaySpans;
  readonly #rooms: Rooms;
  readonly #floors: TierFloors;
  readonly #gaps: GapRows;
  readonly #quality: QualityWriter;
  readonly #http: HttpWriter;
  readonly #statements: ByTier<TierStatements>;
  readonly #coverage: Statement<number[]>;
  readonly #measuredUntil: Statement<[number]>;
  readonly #countedUntil: Statement<[number, number]>;
  readonly #transaction: (batch: Batch, now: number) => void;

  constructor(database: Database, calendar: Calendar) {
    this.#dimensions = new Dimensions(database);
    this.#spans = new DaySpans(database, calendar);
    this.#rooms = new Rooms(database);
    this.#floors = new TierFloors(database);
    this.#gaps = new GapRows(database);
    this.#quality = new QualityWriter(database, this.#dimensions);
    this.#http = new HttpWriter(database, this.#dimensions);
    const statements = (tier: TierName): TierStatements => ({
      usage: database.prepare(sql.addUsage(tier)),
      party: database.prepare(sql.addParty(tier)),
      host: isHostTier(tier) ? database.prepare(sql.addHost(tier)) : null,
    });
    this.#statements = {
      recent: statements('recent'),
      minute: statements('minute'),
      quarter: statements('quarter'),
      day: statements('day'),
      month: statements('month'),
    };
    this.#coverage = database.prepare(sql.addCoverage);
    this.#measuredUntil = database.prepare(sql.measuredUntil);
    this.#countedUntil = database.prepare(sql.countedUntil);
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
    this.#quality.forget();
    this.#http.forget();
  }

  #writeAll(batch: Batch, now: number): void {
    this.#spans.followZone(bucketOf('quarter', now));
    this.#floors.recover(now, this.#spans);
    const floors = this.#floors.read();
    for (const tier of tierNames) this.#writeTier(tier, batch.rows, floors);
    const end = startOf('recent', batch.rows.reduce((last, row) => Math.max(last, row.bucket + 1), 0));
    this.#countedUntil.run(end, end);
    for (const http of batch.http) this.#writeHttp(http, floors);
    for (const receipt of batch.coverage) this.#writeCoverage(receipt, floors);
    this.#writeGaps(batch.gaps, batch.measured);
  }

  #bucketIn(tier: TierName, recent: number, floors: Floors): number | null {
    const start = startOf('recent', recent);
    if (tier === 'day') return this.#spans.at(bucketOf('quarter', start)).start;
    if (tier === 'month') return this.#spans.at(bucketOf('quarter', start)).month;
    const bucket = bucketOf(tier, start);
    // A tier that has been cleaned up to here would be no more than a part of these buckets: see `Floors`.
    return startOf(tier, bucket) < floors[tier] ? null : bucket;
  }

  #writeTier(tier: TierName, rows: readonly BatchRow[], floors: Floors): void {
    const statements = this.#statements[tier];
    const parties = new BatchSums();
    const hosts = new BatchSums();
    for (const { bucket: recent, key: wanted, counts, quality } of rows) {
      const bucket = this.#bucketIn(tier, recent, floors);
      if (bucket === null) continue;
      const quarter = bucketOf('quarter', startOf('recent', recent));
      const key = this.#rooms.place(tier, bucket, wanted);
      const party = this.#dimensions.party(key, quarter);
      const host = this.#dimensions.host(key.host, quarter, isHostTier(tier) ? 'lasting' : 'for-a-time');
      statements.usage.run(bucket, party, host, ...countRow(counts));
      parties.add(bucket, party, counts);
      if (key.scope !== 'loopback') hosts.add(bucket, host, counts);
      if (quality !== null && isSideTier(tier)) this.#quality.add({ tier, bucket, quarter }, { key, host, quality });
    }
    parties.write(statements.party);
    if (statements.host !== null) hosts.write(statements.host);
  }

  #writeHttp({ bucket: quarter, hosts }: BatchHttp, floors: Floors): void {
    const recent = bucketOf('recent', startOf('quarter', quarter));
    for (const tier of sideTiers) {
      const bucket = this.#bucketIn(tier, recent, floors);
      if (bucket !== null) this.#http.add({ tier, bucket, quarter }, hosts);
    }
  }

  #writeCoverage(receipt: BatchCoverage, floors: Floors): void {
    const { coverage } = receipt;
    for (const tier of tierNames) {
      const bucket = this.#bucketIn(tier, receipt.bucket, floors);
      if (bucket === null) continue;
      this.#coverage.run(tierCodes[tier], bucket, receipt.measuredMs, ...coverageNames.map((name) => coverage[name]));
    }
  }

  #writeGaps(gaps: readonly Gap[], measured: readonly Interval[]): void {
    for (const gap of gaps) this.#gaps.add(gap);
    for (const interval of measured) this.#gaps.cut(interval);
    const last = measured.at(-1);
    if (last !== undefined) this.#measuredUntil.run(Math.floor(last.to));
  }
}
