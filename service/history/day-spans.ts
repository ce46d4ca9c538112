import type { Database, Statement } from 'better-sqlite3';
import type { Calendar } from '../../core/history/calendar.ts';
import { endForZone, newDaySpan } from '../../core/history/day-span.ts';
import type { DaySpan } from '../../core/history/day-span.ts';
import * as sql from '../../core/history/write-statements.ts';

/** Finds the day bucket of a quarter-hour, and begins one where there is none. Used inside a write's transaction only. */
export class DaySpans {
  readonly #calendar: Calendar;
  readonly #before: Statement<[number], DaySpan>;
  readonly #after: Statement<[number], DaySpan>;
  readonly #insert: Statement<[number, number, number, string, number]>;
  readonly #end: Statement<[number, number]>;
  readonly #lastQuarter: Statement<[number, number], { readonly bucket: number | null }>;
  #current: DaySpan | null = null;

  constructor(database: Database, calendar: Calendar) {
    this.#calendar = calendar;
    this.#before = database.prepare(sql.spanBefore);
    this.#after = database.prepare(sql.spanAfter);
    this.#insert = database.prepare(sql.insertSpan);
    this.#end = database.prepare(sql.endSpan);
    this.#lastQuarter = database.prepare(sql.lastQuarter);
  }

  /** After a transaction was rolled back. */
  forget(): void {
    this.#current = null;
  }

  /** The span that holds a quarter-hour. */
  at(quarter: number): DaySpan {
    const known = this.#current;
    if (known !== null && known.start <= quarter && quarter < known.finish) return known;
    const span = this.#stored(quarter) ?? this.#begin(quarter);
    this.#current = span;
    return span;
  }

  /**
   * Looks whether another time zone is in force at `quarter` (the present) than the running day began with; if so that day
   * ends with this quarter-hour, and the next one begins in the new zone.
   */
  followZone(quarter: number): void {
    const span = this.#stored(quarter);
    if (span === null || span.zone === this.#calendar.zone()) return;
    const last = this.#lastQuarter.get(quarter, span.finish)?.bucket ?? null;
    const finish = endForZone(span, this.#calendar.zone(), { quarter, last });
    if (finish === null) return;
    this.#end.run(finish, span.start);
    this.#current = null;
  }

  #stored(quarter: number): DaySpan | null {
    const before = this.#before.get(quarter);
    return before !== undefined && quarter < before.finish ? before : null;
  }

  #begin(quarter: number): DaySpan {
    const neighbours = { before: this.#before.get(quarter) ?? null, after: this.#after.get(quarter) ?? null };
    const span = newDaySpan(quarter, this.#calendar, neighbours);
    this.#insert.run(span.start, span.finish, span.date, span.zone, span.month);
    return span;
  }
}
