import type { Database } from 'better-sqlite3';
import { Accumulator } from '../../core/history/accumulator.ts';
import type { Countable } from '../../core/history/accumulator.ts';
import type { Calendar } from '../../core/history/calendar.ts';
import { boundedRetention } from '../../core/history/retention.ts';
import { defaultRetention } from '../../core/history/tiers.ts';
import type { Retention } from '../../core/history/tiers.ts';
import type { CoverageReceipt } from '../../core/history/usage.ts';
import { readIdentity } from '../../core/history/export-statements.ts';
import { readMeasuredUntil } from '../../core/history/write-statements.ts';
import type { Claim, ForgottenNames } from '../../core/naming/index.ts';
import type { Gap } from '../../protocol/app.ts';
import type { HttpHostSum } from '../../protocol/http.ts';
import { epochMs } from '../../protocol/units.ts';
import type { EpochMs } from '../../protocol/units.ts';
import { CleanUp } from './clean-up.ts';
import type { CleanUpStep } from './clean-up.ts';
import { ServiceError } from '../service-error.ts';
import { countForgettable } from './forget.ts';
import { forgetInThread } from './forget-in-thread.ts';
import type { Forgettable, Forgotten } from './forget.ts';
import { busyTimeoutMs, openForWriting } from './open.ts';
import type { OpenHistoryFile } from './open.ts';
import { KeptAlerts } from './kept-alerts.ts';
import { ImportedTimes } from './imported-times.ts';
import { KnownNames } from './known-names.ts';
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
  /** Absent: the defaults of core/history/tiers.ts. Less than `leastRetention` counts as that. */
  readonly retention?: Retention;
}

function nothing(): void {
  // Whoever asked for it has been told.
}

/** What works on one open file; made anew when a damaged one is replaced. */
interface Parts {
  readonly file: OpenHistoryFile;
  readonly writer: Writer;
  readonly reader: HistoryReader;
  readonly cleanUp: CleanUp;
  readonly names: KnownNames;
  readonly imported: ImportedTimes;
  readonly alerts: KeptAlerts;
}

function openParts(options: HistoryOptions, now: EpochMs, isHeld: () => boolean): Parts {
  const file = openForWriting(options.path, now, options.pid);
  const { database } = file;
  return {
    file,
    writer: new Writer(database, options.calendar),
    reader: new HistoryReader(database),
    cleanUp: new CleanUp(database),
    names: new KnownNames(database),
    imported: new ImportedTimes(database),
    alerts: new KeptAlerts(database, isHeld),
  };
}

/**
 * What became of a flush. `held` and `waiting`: nothing is lost, the rows stay in memory (bounded) and go with the next flush. `held` is
 * the disk's refusal; `waiting` lasts while something is being forgotten.
 */
export type FlushOutcome =
  | { readonly kind: 'written'; readonly rows: number; readonly notice: DamageNotice | null }
  | { readonly kind: 'waiting'; readonly rows: number }
  | { readonly kind: 'held'; readonly rows: number; readonly reason: string };

/**
 * The history that a service writes: add what was measured as it comes, flush every 10 seconds, close at the end. What was
 * flushed survives any death of the process; what was added since is lost with it.
 */
export class History {
  readonly #options: HistoryOptions;
  readonly #accumulator = new Accumulator();
  #parts: Parts;
  #retention: Retention;
  /** What is being forgotten now. */
  #forgetting: Promise<Forgotten> | null = null;

  /** Opens the history, and makes it if there is none. Throws ServiceError: see `openForWriting`. */
  constructor(options: HistoryOptions) {
    this.#options = options;
    this.#retention = boundedRetention(options.retention ?? defaultRetention);
    this.#parts = openParts(options, options.now, () => this.#forgetting !== null);
  }

  /** Keeps the fine tiers for another time from now on. What is longer fills up; what is shorter is cleaned up. */
  setRetention(retention: Retention): void {
    this.#retention = boundedRetention(retention);
  }

  /** A damaged file that was set aside when this one was opened. */
  get notice(): DamageNotice | null {
    return this.#parts.file.notice;
  }

  /** Answers from what was flushed. */
  get reader(): HistoryReader {
    return this.#parts.reader;
  }

  /** The alerts in the file. It is another one after damage was set aside: ask for it each time. */
  get alerts(): KeptAlerts {
    return this.#parts.alerts;
  }

  /** Rows that are not yet in the file. */
  get held(): number {
    return this.#accumulator.size;
  }

  /** End of the last interval that was measured and flushed; null in a new history. From here on is a gap. */
  measuredUntil(): EpochMs | null {
    const statement = this.#parts.file.database.prepare<[], { measuredUntil: number | null }>(readMeasuredUntil);
    const time = statement.get()?.measuredUntil ?? null;
    return time === null ? null : epochMs(time);
  }

  add(usage: Countable): void {
    this.#accumulator.add(usage);
  }

  addCoverage(receipt: CoverageReceipt): void {
    this.#accumulator.addCoverage(receipt);
  }

  /** What plain HTTP was asked for, in an interval that ended at `at`. */
  addHttp(at: EpochMs, hosts: readonly HttpHostSum[]): void {
    this.#accumulator.addHttp(at, hosts);
  }

  /** A stretch that was not measured. A gap that goes on may be added again and again as it grows. */
  addGap(gap: Gap): void {
    this.#accumulator.addGap(gap);
  }

  /** Writes all that was added, in one transaction. Throws only where the program is wrong, not where the disk is. */
  flush(now: EpochMs): FlushOutcome {
    if (this.#forgetting !== null) return { kind: 'waiting', rows: this.#accumulator.size };
    try {
      return this.#write(now, null);
    } catch (error) {
      if (isDamage(error)) return this.#beginAnew(now, errorText(error));
      if (mayPass(error)) return { kind: 'held', rows: this.#accumulator.size, reason: errorText(error) };
      throw error;
    }
  }

  /**
   * Deletes a little of what is older than it is kept. Call it after a flush, and again soon while `more` is true. A disk that
   * refuses is no failure: the next call goes on.
   */
  cleanUp(now: EpochMs): CleanUpStep {
    if (this.#forgetting !== null) return { more: false, deletedRows: 0, deletedHosts: 0 };
    try {
      const step = this.#parts.cleanUp.step(now, this.#retention);
      if (step.deletedHosts > 0) this.#parts.writer.forget();
      return step;
    } catch (error) {
      if (isDamage(error) || mayPass(error)) return { more: false, deletedRows: 0, deletedHosts: 0 };
      throw error;
    }
  }

  /**
   * Flushes, and takes something out of the history for good: see `forget`. It takes seconds in a large history; until then what is
   * added is held in memory, and the last answers of the reader stay what they were. One at a time: a second one waits for the
   * first. Rejects with SQLite's error where the disk refuses, and with {@link ServiceError} where what is held could not be written.
   */
  async forget(what: Forgettable, now: EpochMs): Promise<Forgotten> {
    // Looked at again right before it begins: whoever waited beside this one may have begun.
    while (this.#forgetting !== null) await this.settled();
    this.#flushOrThrow(now);
    const { database } = this.#parts.file;
    const forgetting = forgetInThread({ path: this.#options.path, what });
    this.#forgetting = forgetting;
    // Whoever writes all the same (alerts do) is to be refused at once, and not to stop the measurement.
    database.pragma('busy_timeout = 0');
    try {
      return await forgetting;
    } finally {
      database.pragma(`busy_timeout = ${busyTimeoutMs}`);
      this.#parts.writer.forget();
      this.#forgetting = null;
    }
  }

  /** Resolves when nothing is being forgotten. */
  async settled(): Promise<void> {
    while (this.#forgetting !== null) await this.#forgetting.then(nothing, nothing);
  }

  /** Flushes, and says how many rows {@link forget} would take out. Rejects as that does. */
  async countForgettable(what: Forgettable, now: EpochMs): Promise<number> {
    while (this.#forgetting !== null) await this.settled();
    this.#flushOrThrow(now);
    return countForgettable(this.#parts.file.database, what);
  }

  /** What this history is known by, drawn when it was made. */
  get id(): string {
    return this.#parts.file.database.prepare<[], { id: string }>(readIdentity).get()?.id ?? '';
  }

  /** What has been taken over from other programs. What is noted there goes into the file with {@link writeImported}. */
  get imported(): ImportedTimes {
    return this.#parts.imported;
  }

  /**
   * Writes usage that another program measured, with the note of its seconds, in one transaction: all of it, or nothing. Throws SQLite's
   * error where the disk refuses. Only what was added through `usages` may be held meanwhile: no service keeps this history.
   */
  writeImported(usages: Iterable<Countable>, now: EpochMs): number {
    for (const usage of usages) this.#accumulator.add(usage);
    const batch = this.#accumulator.take();
    const { file, writer, imported } = this.#parts;
    try {
      file.database.transaction(() => {
        writer.write(batch, now);
        imported.write();
      }).immediate();
    } catch (error) {
      imported.forget();
      throw error;
    }
    imported.written();
    this.#accumulator.written();
    return batch.rows.length;
  }

  /** The names of addresses as they were stored, the newest last. Whoever takes them checks each. */
  knownNames(): readonly unknown[] {
    return this.#parts.names.read();
  }

  /**
   * Stores the names of addresses; `claims` are all that are known now. False where the disk refused: the next call writes
   * the same again.
   */
  keepNames(claims: readonly Claim[], now: EpochMs): boolean {
    if (this.#forgetting !== null) return false;
    try {
      this.#parts.names.write(claims, now);
      return true;
    } catch (error) {
      if (isDamage(error) || mayPass(error)) return false;
      throw error;
    }
  }

  /** Takes names of addresses out of the file; first they are to be forgotten in memory, or they come back. */
  forgetNames(forgotten: ForgottenNames): void {
    this.#parts.names.forget(forgotten);
  }

  /** Flushes, puts the write-ahead log into the file, and lets another process write. Not while something is being forgotten: see {@link settled}. */
  close(now: EpochMs): FlushOutcome {
    if (this.#forgetting !== null) throw new Error('history: it was closed while something was being forgotten');
    const outcome = this.flush(now);
    closeDatabase(this.#parts.file.database);
    this.#parts.file.lock.release();
    return outcome;
  }

  /** What is still held must be in the file before something is taken out of it, or it would come back. */
  #flushOrThrow(now: EpochMs): void {
    const outcome = this.flush(now);
    if (outcome.kind !== 'held') return;
    throw new ServiceError('history-unwritable', `the history could not be written (${outcome.reason}): nothing was forgotten; make room on its disk and try again`);
  }

  #write(now: EpochMs, notice: DamageNotice | null): FlushOutcome {
    const batch = this.#accumulator.take();
    this.#parts.writer.write(batch, now);
    this.#accumulator.written();
    return { kind: 'written', rows: batch.rows.length, notice };
  }

  #beginAnew(now: EpochMs, reason: string): FlushOutcome {
    this.#parts.file.database.close();
    const notice = setAside(this.#options.path, now, reason);
    this.#parts.file.lock.release();
    this.#parts = openParts(this.#options, now, () => this.#forgetting !== null);
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
