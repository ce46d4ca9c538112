import { epochMs } from '../protocol/units.ts';
import type { EpochMs } from '../protocol/units.ts';

/**
 * When: what people write after --from and --to. Everything they write names a stretch of time ("yesterday", a date,
 * "last week") or an instant (a stretch of no length); `--from` takes its beginning, `--to` its end. Days, weeks and
 * months are those of the local calendar, so a day may have 23 or 25 hours.
 */

/** From inclusive, to exclusive; equal for an instant. */
export interface Stretch {
  readonly from: EpochMs;
  readonly to: EpochMs;
}

/** Forms that `parseWhen` takes, for the line that says what was wrong. */
export const whenExamples = '2026-11-20, 2026-11-20T18:30, today, yesterday, "7 days ago", "last week"';

type CalendarUnit = 'day' | 'week' | 'month' | 'year';

function instant(milliseconds: number): Stretch | null {
  if (!(milliseconds >= 0 && milliseconds <= 8.64e15)) return null;
  return { from: epochMs(milliseconds), to: epochMs(milliseconds) };
}

function stretch(from: Date, to: Date): Stretch | null {
  if (!(from.getTime() >= 0 && to.getTime() <= 8.64e15)) return null;
  return { from: epochMs(from.getTime()), to: epochMs(to.getTime()) };
}

/**
 * Midnight that begins the unit which `offset` units from the one that holds `date`. Weeks begin on Monday (ISO 8601).
 * Where a clock change skips midnight, the first instant of that day.
 */
function beginningOf(unit: CalendarUnit, date: Date, offset: number): Date {
  const [year, month, day] = [date.getFullYear(), date.getMonth(), date.getDate()];
  const beginnings = {
    day: () => new Date(year, month, day + offset),
    week: () => new Date(year, month, day - ((date.getDay() + 6) % 7) + 7 * offset),
    month: () => new Date(year, month + offset, 1),
    year: () => new Date(year + offset, 0, 1),
  };
  return beginnings[unit]();
}

function whole(unit: CalendarUnit, date: Date, offset: number): Stretch | null {
  return stretch(beginningOf(unit, date, offset), beginningOf(unit, date, offset + 1));
}

/** `2026-11-20` or `2026-11`; null for a day that the calendar does not have. */
function parseDate(text: string): Stretch | null {
  const match = /^(\d{4})-(\d{2})(?:-(\d{2}))?$/u.exec(text);
  if (match === null) return null;
  const [year, month, day] = [Number(match[1]), Number(match[2]), Number(match[3] ?? '1')];
  const date = new Date(year, month - 1, day);
  if (date.getFullYear() !== year || date.getMonth() !== month - 1 || date.getDate() !== day) return null;
  return whole(match[3] === undefined ? 'month' : 'day', date, 0);
}

/** An ISO 8601 time with date; without an offset it is local. Seconds and fraction may be left out. */
function parseTime(text: string): Stretch | null {
  const match = /^(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?)(Z|[+-]\d{2}:?\d{2})?$/iu.exec(text);
  if (match === null) return null;
  const [, date = '', time = '', zone = ''] = match;
  if (parseDate(date) === null || time > '23:59:59.999999999') return null;
  return instant(Date.parse(`${date}T${time}${zone.toUpperCase().replace(/^([+-]\d{2})(\d{2})$/u, '$1:$2')}`));
}

const secondsIn = { second: 1, minute: 60, hour: 3600 } as const;

/** `3 hours ago` is an instant; `7 days ago` is that whole day, `2 weeks ago` that whole week. */
function parseAgo(text: string, now: Date): Stretch | null {
  const match = /^(\d{1,6}|an?|one) (second|minute|hour|day|week|month|year)s? ago$/u.exec(text);
  if (match === null) return null;
  const count = /^\d/u.test(match[1] ?? '') ? Number(match[1]) : 1;
  const unit = match[2];
  switch (unit) {
    case 'second':
    case 'minute':
    case 'hour':
      return instant(now.getTime() - count * secondsIn[unit] * 1000);
    case 'day':
    case 'week':
    case 'month':
    case 'year':
      return whole(unit, now, -count);
    default:
      return null;
  }
}

/** `this week`, `last month`; a stretch that has not ended yet ends at its calendar end. */
function parseNamed(text: string, now: Date): Stretch | null {
  if (text === 'now') return instant(now.getTime());
  if (text === 'today') return whole('day', now, 0);
  if (text === 'yesterday') return whole('day', now, -1);
  const match = /^(this|last) (week|month|year)$/u.exec(text);
  const unit = match?.[2];
  if (unit !== 'week' && unit !== 'month' && unit !== 'year') return null;
  return whole(unit, now, match?.[1] === 'last' ? -1 : 0);
}

/** The stretch of time that a person's words name, seen from `now`; null where they name none. */
export function parseWhen(words: string, now: EpochMs): Stretch | null {
  const text = words.trim().replace(/\s+/gu, ' ').toLowerCase();
  const today = new Date(now);
  return parseDate(text) ?? parseTime(text) ?? parseNamed(text, today) ?? parseAgo(text, today);
}

const two = (value: number): string => String(value).padStart(2, '0');

/** Local time of day: `14:03:22`. */
export function clockText(time: EpochMs): string {
  const date = new Date(time);
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
}

/** Local date and time to the minute: `2026-11-20 14:03`. */
export function dateTimeText(time: EpochMs): string {
  const date = new Date(time);
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())} ${two(date.getHours())}:${two(date.getMinutes())}`;
}
