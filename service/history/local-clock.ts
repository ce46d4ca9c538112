import { addCounts, noCounts } from '../../core/history/counts.ts';
import type { Counts } from '../../core/history/counts.ts';
import type { Calendar, CalendarDay } from '../../core/history/calendar.ts';
import type { Step } from '../../core/history/query.ts';
import { epochMs } from '../../protocol/units.ts';

const hourMs = 3_600_000;
const hoursOfDay = 24;
const daysOfWeek = 7;

/** A local day and hour. */
interface LocalPlace {
  /** 0 for Monday to 6 for Sunday (ISO 8601). */
  readonly weekday: number;
  readonly hour: number;
}

/** The places of instants that come in order: the calendar is asked once a day, and by the hour only where a clock changes. */
function placesOf(calendar: Calendar): (time: number) => LocalPlace {
  let day: CalendarDay | null = null;
  return (time) => {
    if (day === null || time < day.start || time >= day.end) day = calendar.dayOf(epochMs(time));
    const plain = day.end - day.start === hoursOfDay * hourMs;
    const hour = plain ? Math.floor((time - day.start) / hourMs) : calendar.hourOf(epochMs(time));
    // The first day of the epoch was a Thursday.
    return { weekday: (day.date + 3) % daysOfWeek, hour };
  };
}

function emptyCells(): Counts[][] {
  return Array.from({ length: daysOfWeek }, () => Array.from({ length: hoursOfDay }, () => noCounts));
}

/** Sums of quarter-hours by weekday (Monday first) and hour of the local clock. The steps are in order of time. */
export function rhythmOf(steps: readonly Step[], calendar: Calendar): readonly (readonly Counts[])[] {
  const cells = emptyCells();
  const placeOf = placesOf(calendar);
  for (const step of steps) {
    const { weekday, hour } = placeOf(step.start);
    const row = cells[weekday];
    if (row !== undefined) row[hour] = addCounts(row[hour] ?? noCounts, step);
  }
  return cells;
}

/** The same by hour alone. */
export function hoursOf(steps: readonly Step[], calendar: Calendar): readonly Counts[] {
  const cells = rhythmOf(steps, calendar);
  return Array.from({ length: hoursOfDay }, (_, hour) => cells.reduce((sum, row) => addCounts(sum, row[hour] ?? noCounts), noCounts));
}
