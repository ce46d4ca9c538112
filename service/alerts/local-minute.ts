import type { Calendar } from '../../core/history/calendar.ts';
import { epochMs } from '../../protocol/units.ts';
import type { EpochMs } from '../../protocol/units.ts';

const minuteMs = 60_000;
const quarterMs = 15 * minuteMs;

/** The hour of each quarter-hour, remembered: a time zone is asked once in a quarter-hour, not each second. */
const hours = new WeakMap<Calendar, { readonly quarter: number; readonly zone: string; readonly minuteAtStart: number }>();

/**
 * The minute of the local day: 0 to 1439. Offsets of zones are multiples of a quarter-hour, so the minute within the hour is
 * found by how many of the quarter-hours around it belong to the same hour.
 */
export function minuteOfDay(calendar: Calendar, now: EpochMs): number {
  const quarter = Math.floor(now / quarterMs);
  const zone = calendar.zone();
  const known = hours.get(calendar);
  const minuteAtStart = known?.quarter === quarter && known.zone === zone ? known.minuteAtStart : minuteAtQuarter(calendar, quarter);
  hours.set(calendar, { quarter, zone, minuteAtStart });
  return minuteAtStart + Math.floor((now - quarter * quarterMs) / minuteMs);
}

/** Quarter-hours of an hour. */
const quarters = 4;

function minuteAtQuarter(calendar: Calendar, quarter: number): number {
  const at = (index: number): number => calendar.hourOf(epochOf(index));
  const hour = at(quarter);
  const same = (step: 1 | -1): number => {
    let count = 0;
    while (count < quarters && at(quarter + step * (count + 1)) === hour) count += 1;
    return count;
  };
  const before = same(-1);
  // An hour that is set back by half of one has more than four: then those that come tell.
  const within = before < quarters ? before : quarters - 1 - same(1);
  return hour * 60 + within * 15;
}

function epochOf(quarter: number): EpochMs {
  return epochMs(Math.max(0, quarter * quarterMs));
}
