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

  /** Adds a gap; one that goes on from a stored one makes that one longer. */
  add(gap: Gap): void {
    const start = Math.floor(gap.from);
    const finish = Math.floor(gap.to);
    if (finish <= start) return;
    const before = this.#touching.all(start - gapJoinMs, start).find((row) => row.reason === gap.reason);
    if (before === undefined) this.#insert.run(start, finish, gap.reason);
    else if (finish > before.finish) this.#insert.run(before.start, finish, gap.reason);
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
}
