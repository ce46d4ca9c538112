import type { EpochMs } from '../../protocol/units.ts';

/** A day of the civil (proleptic Gregorian) calendar, counted from 1970-01-01. */
export type DayNumber = number;

/** One local calendar day: 23, 24 or 25 hours long, or whatever the zone's law made of it. */
export interface CalendarDay {
  readonly date: DayNumber;
  readonly start: EpochMs;
  /** Exclusive. */
  readonly end: EpochMs;
}

/** Knows the local calendar: the port through which time zones come in. */
export interface Calendar {
  /** Name of the zone that is in force now (IANA, such as `Europe/Berlin`). It may change between two calls. */
  zone(): string;
  /** The day of the zone in force that holds `time`. Both ends lie on quarter-hours of UTC. */
  dayOf(time: EpochMs): CalendarDay;
  /** The hour of the local clock at `time`: 0 to 23. */
  hourOf(time: EpochMs): number;
}

/** `YYYY-MM-DD` of a day number (Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms", civil_from_days). */
export function dateText(day: DayNumber): string {
  const shifted = day + 719_468;
  const era = Math.floor(shifted / 146_097);
  const dayOfEra = shifted - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const shiftedMonth = Math.floor((5 * dayOfYear + 2) / 153);
  const dayOfMonth = dayOfYear - Math.floor((153 * shiftedMonth + 2) / 5) + 1;
  const month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9;
  const year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0);
  return `${String(year).padStart(4, '0')}-${String(month).padStart(2, '0')}-${String(dayOfMonth).padStart(2, '0')}`;
}

/** `YYYY-MM` of a day number. */
export function monthText(day: DayNumber): string {
  return dateText(day).slice(0, -3);
}

/** The day number of a civil date: the inverse of {@link dateText}. `month` is 1 to 12. */
export function dayNumber(year: number, month: number, dayOfMonth: number): DayNumber {
  const shiftedYear = month <= 2 ? year - 1 : year;
  const era = Math.floor(shiftedYear / 400);
  const yearOfEra = shiftedYear - era * 400;
  const dayOfYear = Math.floor((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5) + dayOfMonth - 1;
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * 146_097 + dayOfEra - 719_468;
}
