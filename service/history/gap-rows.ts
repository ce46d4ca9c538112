import type { Database, Statement } from 'better-sqlite3';
import type { Interval } from '../../core/history/accumulator.ts';
import { gapJoinMs } from '../../core/history/gaps.ts';
import * as sql from '../../core/history/write-statements.ts';
import type { Gap } from '../../protocol/app.ts';

/** A gap as it stands in the file: whole milliseconds. */
export interface GapRow {
  readonly start: number;
  readonly finish: number;
  readonly reason: string;
}

/** Writes gaps, and takes out of them what was measured after all. Inside a write's transaction only. */
export class GapRows {
  readonly #touching: Statement<[number, number], GapRow>;
  readonly #insert: Statement<[number, number, string]>;
  readonly #delete: Statement<[number, string]>;

  constructor(database: Database) {
    this.#touching = database.prepare(sql.gapsTouching);
    this.#insert = database.prepare(sql.insertGap);
    this.#delete = database.prepare(sql.deleteGap);
  }

  /**
   * Adds what of a gap no stored one tells yet, so that stored gaps never overlap: what was said first stays. What goes on from a
   * gap of the same reason makes that one longer.
   */
  add(gap: Gap): void {
    const end = Math.floor(gap.to);
    let from = Math.floor(gap.from);
    let before: GapRow | null = null;
    for (const row of this.#touching.all(from - gapJoinMs, end)) {
      if (row.start > from) this.#put({ start: from, finish: Math.min(row.start, end), reason: gap.reason }, before);
      from = Math.max(from, row.finish);
      before = row;
    }
    if (from < end) this.#put({ start: from, finish: end, reason: gap.reason }, before);
  }

  /** What was measured is no gap, even where the clock was set back into one. */
  cut(measured: Interval): void {
    const from = Math.ceil(measured.from);
    const to = Math.floor(measured.to);
    if (to <= from) return;
    for (const row of this.#touching.all(from, to)) {
      if (row.finish <= from || row.start >= to) continue;
      this.#delete.run(row.start, row.reason);
      if (row.start < from) this.#insert.run(row.start, from, row.reason);
      if (row.finish > to) this.#insert.run(to, row.finish, row.reason);
    }
  }

  /** Writes a row where nothing is stored; `before` is the last stored one before it, if it is near. */
  #put(row: GapRow, before: GapRow | null): void {
    const joined = before !== null && before.reason === row.reason && before.finish >= row.start - gapJoinMs;
    this.#insert.run(joined ? before.start : row.start, row.finish, row.reason);
  }
}
