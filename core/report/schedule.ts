import { CronPattern } from 'croner';
import type { ReportPeriod } from '../../protocol/scheduled-report.ts';

/** When reports are made: a time of day with what the period adds to it, or a cron expression (crontab(5), five fields). */

const weekdays = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];

/** `Mon 07:00`, `15 07:00`, `07:00`: the day is the weekday of a weekly report, the day of the month of a monthly one. */
function patternOf(words: string, period: ReportPeriod): string | null {
  const match = /^(?:([a-z]{3,9}|\d{1,2}) )?([01]?\d|2[0-3]):([0-5]\d)$/iu.exec(words.trim());
  if (match === null) return null;
  const [, day, hour, minute] = match;
  const time = `${Number(minute)} ${Number(hour)}`;
  if (period === 'daily') return day === undefined ? `${time} * * *` : null;
  if (period === 'monthly') {
    const date = Number(day ?? '1');
    return date >= 1 && date <= 28 ? `${time} ${date} * *` : null;
  }
  const weekday = weekdays.indexOf((day ?? 'mon').slice(0, 3).toLowerCase());
  return weekday < 0 ? null : `${time} * * ${weekday}`;
}

function isPattern(pattern: string): boolean {
  try {
    return new CronPattern(pattern, undefined, { mode: '5-part' }).pattern !== '';
  } catch {
    // croner says by throwing that it is none.
    return false;
  }
}

/** The cron expression of what a person wrote; null where it is no schedule of such a report. */
export function schedulePattern(words: string, period: ReportPeriod): string | null {
  const pattern = patternOf(words, period) ?? words.trim();
  return isPattern(pattern) ? pattern : null;
}
