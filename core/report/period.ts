import { dateText } from '../history/calendar.ts';
import type { Calendar, CalendarDay } from '../history/calendar.ts';
import type { ReportPeriod } from '../../protocol/scheduled-report.ts';
import { epochMs } from '../../protocol/units.ts';
import type { EpochMs } from '../../protocol/units.ts';

/** A period of the local calendar, from inclusive, to exclusive. */
export interface Period {
  readonly from: EpochMs;
  readonly to: EpochMs;
  /** `2026-11-20`, `2026-11-16 to 2026-11-22`, `2026-11`. */
  readonly title: string;
}

/** Whether a day begins a period. 1970-01-01 was a Thursday; weeks begin on Monday (ISO 8601). */
function begins(period: ReportPeriod, { date }: CalendarDay): boolean {
  switch (period) {
    case 'daily':
      return true;
    case 'weekly':
      return (date + 3) % 7 === 0;
    case 'monthly':
      return dateText(date).endsWith('-01');
  }
}

function dayBefore(calendar: Calendar, day: CalendarDay): CalendarDay {
  return calendar.dayOf(epochMs(Math.max(0, day.start - 1)));
}

/** The day that begins the period in which `day` lies. */
function beginningOf(calendar: Calendar, period: ReportPeriod, day: CalendarDay): CalendarDay {
  let first = day;
  // No month has more days.
  for (let days = 0; days < 31 && !begins(period, first) && first.start > 0; days += 1) first = dayBefore(calendar, first);
  return first;
}

/** The last whole period before an instant: at 07:00 on a Tuesday, the daily one is Monday. */
export function periodBefore(calendar: Calendar, period: ReportPeriod, instant: EpochMs): Period {
  const current = beginningOf(calendar, period, calendar.dayOf(instant));
  const last = dayBefore(calendar, current);
  const first = beginningOf(calendar, period, last);
  const titles = { daily: dateText(first.date), weekly: `${dateText(first.date)} to ${dateText(last.date)}`, monthly: dateText(first.date).slice(0, -3) };
  return { from: first.start, to: current.start, title: titles[period] };
}
