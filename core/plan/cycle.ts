import type { PlanCycle } from '../../protocol/plan.ts';
import type { EpochMs } from '../../protocol/units.ts';
import { epochMs } from '../../protocol/units.ts';
import { dateText, dayNumber } from '../history/calendar.ts';
import type { Calendar, DayNumber } from '../history/calendar.ts';

/** A stretch of time: `from` inclusive, `to` exclusive. */
export interface Stretch {
  readonly from: EpochMs;
  readonly to: EpochMs;
}

const dayMs = 86_400_000;

/** 1970-01-01 was a Thursday: the fourth day of the week that ISO 8601 begins with Monday. */
const weekdayOfEpoch = 4;

/** Zones have left out whole days (Samoa on 2011-12-30): then the next one begins where this would have. */
const mostMissingDays = 3;

/** When a day of the local calendar begins. */
export function startOfDay(calendar: Calendar, date: DayNumber): EpochMs {
  // Noon of UTC lies in the same local day, or the next one, wherever one is.
  let time = date * dayMs + dayMs / 2;
  for (let attempt = 0; attempt < 2 * mostMissingDays; attempt += 1) {
    const day = calendar.dayOf(epochMs(Math.max(0, time)));
    if (day.date === date) return day.start;
    // A day that is not there: what comes after it begins where it would have.
    if (day.date > date && calendar.dayOf(epochMs(Math.max(0, day.start - 1))).date < date) return day.start;
    time += (date - day.date) * dayMs;
  }
  return calendar.dayOf(epochMs(Math.max(0, date * dayMs))).start;
}

interface Month {
  readonly year: number;
  /** 1 to 12. */
  readonly month: number;
}

function monthOf(date: DayNumber): Month {
  const [year = 1970, month = 1] = dateText(date).split('-').map(Number);
  return { year, month };
}

function monthAfter({ year, month }: Month, months: number): Month {
  const index = year * 12 + month - 1 + months;
  return { year: Math.floor(index / 12), month: (index % 12) + 1 };
}

/** The day of a month on which a cycle begins: its last one where it has no such day. */
function beginningIn(month: Month, day: number): DayNumber {
  const next = monthAfter(month, 1);
  const last = dayNumber(next.year, next.month, 1) - 1;
  return Math.min(dayNumber(month.year, month.month, 1) + day - 1, last);
}

function monthlyDates(date: DayNumber, day: number): readonly [DayNumber, DayNumber] {
  const month = monthOf(date);
  const here = beginningIn(month, day);
  return date >= here ? [here, beginningIn(monthAfter(month, 1), day)] : [beginningIn(monthAfter(month, -1), day), here];
}

/** The dates on which the cycle that holds a date, and the one after it, begin. */
export function cycleDates(cycle: PlanCycle, date: DayNumber): readonly [DayNumber, DayNumber] {
  switch (cycle.kind) {
    case 'monthly':
      return monthlyDates(date, cycle.day);
    case 'weekly': {
      const weekday = ((((date + weekdayOfEpoch - 1) % 7) + 7) % 7) + 1;
      const begun = date - ((weekday - cycle.weekday + 7) % 7);
      return [begun, begun + 7];
    }
    case 'days': {
      const [year = 1970, month = 1, day = 1] = cycle.from.split('-').map(Number);
      const first = dayNumber(year, month, day);
      const begun = first + Math.floor((date - first) / cycle.days) * cycle.days;
      return [begun, begun + cycle.days];
    }
  }
}

/** The cycle that holds an instant, by the local calendar. */
export function cycleAt(cycle: PlanCycle, now: EpochMs, calendar: Calendar): Stretch {
  const [begun, next] = cycleDates(cycle, calendar.dayOf(now).date);
  return { from: startOfDay(calendar, begun), to: startOfDay(calendar, next) };
}
