import { readlinkSync } from 'node:fs';
import { dayNumber } from '../../core/history/calendar.ts';
import type { Calendar, CalendarDay, DayNumber } from '../../core/history/calendar.ts';
import { epochMs } from '../../protocol/units.ts';
import type { EpochMs } from '../../protocol/units.ts';

const quarterMs = 15 * 60_000;
const hourMs = 60 * 60_000;

/** The local clock at an instant. */
interface LocalTime {
  readonly date: DayNumber;
  readonly hour: number;
}

function localTimeIn(zone: string): (time: number) => LocalTime {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    calendar: 'gregory',
    numberingSystem: 'latn',
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
  });
  return (time) => {
    const parts = new Map(format.formatToParts(time).map((part) => [part.type, Number(part.value)]));
    const date = dayNumber(parts.get('year') ?? 1970, parts.get('month') ?? 1, parts.get('day') ?? 1);
    return { date, hour: parts.get('hour') ?? 0 };
  };
}

/** The first quarter-hour after `from`, a multiple of it, from which on the local date is `date` or later. */
function beginning(date: DayNumber, from: number, localTime: (time: number) => LocalTime): number {
  let low = 0;
  // No local day is longer than 25 hours, and no change of a zone's offset is larger than a day.
  let high = (50 * hourMs) / quarterMs;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (localTime(from + middle * quarterMs).date >= date) high = middle;
    else low = middle + 1;
  }
  return from + low * quarterMs;
}

function dayIn(localTime: (time: number) => LocalTime, time: EpochMs): CalendarDay {
  const quarter = Math.floor(time / quarterMs) * quarterMs;
  const { date } = localTime(quarter);
  const start = Math.max(0, beginning(date, quarter - 26 * hourMs, localTime));
  return { date, start: epochMs(start), end: epochMs(beginning(date + 1, quarter, localTime)) };
}

/** The calendar of the zone that `zone()` names at each call, by the time zone data in the JavaScript engine. */
export function calendarOf(zone: () => string): Calendar {
  let known: { readonly zone: string; readonly localTime: (time: number) => LocalTime } | null = null;
  const localTime = (): ((time: number) => LocalTime) => {
    const name = zone();
    if (known?.zone !== name) known = { zone: name, localTime: localTimeIn(name) };
    return known.localTime;
  };
  return {
    zone,
    dayOf: (time) => dayIn(localTime(), time),
    hourOf: (time) => localTime()(time).hour,
  };
}

function isZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en-US', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch {
    // The engine does not know it.
    return false;
  }
}

/** The zone that /etc/localtime leads to (localtime(5)); the engine itself reads it only once. */
function linkedZone(): string | null {
  try {
    return /zoneinfo\/(?:posix\/|right\/)?(.+)$/u.exec(readlinkSync('/etc/localtime'))?.[1] ?? null;
  } catch {
    // No link: the file was copied there, or there is none.
    return null;
  }
}

/** The machine's own calendar. It follows a change of the time zone while the program runs, unless `TZ` fixes it. */
export function systemCalendar(environment: { readonly TZ?: string | undefined }): Calendar {
  const engineZone = new Intl.DateTimeFormat().resolvedOptions().timeZone;
  const fixed = environment.TZ !== undefined && environment.TZ !== '' ? engineZone : null;
  let checked: { readonly link: string | null; readonly zone: string } | null = null;
  return calendarOf(() => {
    if (fixed !== null) return fixed;
    const link = linkedZone();
    if (checked?.link !== link) checked = { link, zone: link !== null && isZone(link) ? link : engineZone };
    return checked.zone;
  });
}
