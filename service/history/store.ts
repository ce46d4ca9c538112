import type { Database } from 'better-sqlite3';
import { Accumulator } from '../../core/history/accumulator.ts';
import type { Countable } from '../../core/history/accumulator.ts';
import type { Calendar } from '../../core/history/calendar.ts';
import type { CoverageReceipt } from '../../core/history/usage.ts';
import { readMeasuredUntil } from '../../core/history/write-statements.ts';
import type { Gap } from '../../protocol/app.ts';
import { epochMs } from '../../protocol/units.ts';
import type { EpochMs } from '../../protocol/units.ts';
import { openForWriting } from './open.ts';
import type { OpenHistoryFile } from './open.ts';
import { HistoryReader } from './reader.ts';
import { setAside } from './set-aside.ts';
import type { DamageNotice } from './set-aside.ts';
import { errorText, isDamage, mayPass } from './sqlite-errors.ts';
import { Writer } from './writer.ts';

export interface HistoryOptions {
  readonly path: string;
  readonly calendar: Calendar;
  /** Now, for the name of a file that is set aside. */
  readonly now: EpochMs;
  /** Of this process, for a second one to be told. */
  readonly pid: number;
}

/** What became of a flush. `held`: nothing is lost, the rows stay in memory (bounded) and go with the next flush. */
export type FlushOutcome =
  | { readonly kind: 'written'; readonly rows: number; readonly notice: DamageNotice | null }
  | { readonly kind: 'held'; readonly rows: number; readonly reason: string };

/**
 * The history that a service writes: add what was measured as it comes, flush every 10 seconds, close at the end. What was
 * flushed survives any death of the process; what was added since is lost with it.
 */
export class History {
  readonly #options: HistoryOptions;
  readonly #accumulator = new Accumulator();
  #file: OpenHistoryFile;
  #writer: Writer;
  #reader: HistoryReader;

  constructor(options: HistoryOptions) {
    this.#options = options;
    this.#file = openForWriting(options.path, options.now, options.pid);
    this.#writer = new Writer(this.#file.database, options.calendar);
    this.#reader = new HistoryReader(this.#file.database);
  }

  /** A damaged file that was set aside when this one was opened. */
  get notice(): DamageNotice | null {
    return this.#file.notice;
  }

  /** Answers from what was flushed. */
  get reader(): HistoryReader {
    return this.#reader;
  }

  /** Rows that are not yet in the file. */
  get held(): number {
    return this.#accumulator.size;
  }

  /** End of the last interval that was measured and flushed; null in a new history. From here on is a gap. */
  measuredUntil(): EpochMs | null {
    const statement = this.#file.database.prepare<[], { measuredUntil: number | null }>(readMeasuredUntil);
    const time = statement.get()?.measuredUntil ?? null;
    return time === null ? null : epochMs(time);
  }

  add(usage: Countable): void {
    this.#accumulator.add(usage);
  }

  addCoverage(receipt: CoverageReceipt): void {
    this.#accumulator.addCoverage(receipt);
  }

  /** A stretch that was not measured. A gap that goes on may be added again and again as it grows. */
  addGap(gap: Gap): void {
    this.#accumulator.addGap(gap);
  }

  /** Writes all that was added, in one transaction. Throws only where the program is wrong, not where the disk is. */
  flush(now: EpochMs): FlushOutcome {
    try {
      return this.#write(now, null);
    } catch (error) {
      if (isDamage(error)) return this.#beginAnew(now, errorText(error));
      if (mayPass(error)) return { kind: 'held', rows: this.#accumulator.size, reason: errorText(error) };
      throw error;
    }
  }

  /** Flushes, puts the write-ahead log into the file, and lets another process write. */
  close(now: EpochMs): FlushOutcome {
    const outcome = this.flush(now);
    closeDatabase(this.#file.database);
    this.#file.lock.release();
    return outcome;
  }

  #write(now: EpochMs, notice: DamageNotice | null): FlushOutcome {
    const batch = this.#accumulator.take();
    this.#writer.write(batch, now);
    this.#accumulator.written();
    return { kind: 'written', rows: batch.rows.length, notice };
  }

  #beginAnew(now: EpochMs, reason: string): FlushOutcome {
    const { path, pid, calendar } = this.#options;
    this.#file.database.close();
    const notice = setAside(path, now, reason);
    this.#file.lock.release();
    this.#file = openForWriting(path, now, pid);
    this.#writer = new Writer(this.#file.database, calendar);
    this.#reader = new HistoryReader(this.#file.database);
    return this.#write(now, notice);
  }
}

/** Closing the last connection checkpoints the log and deletes it; a full disk may keep that from working. */
function closeDatabase(database: Database): void {
  try {
    database.pragma('wal_checkpoint(TRUNCATE)');
  } catch (error) {
    if (!mayPass(error) && !isDamage(error)) throw error;
  }
  database.close();
}
