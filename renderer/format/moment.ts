/** Instants, spans and ranges as a person reads them, in the local time zone. */

const formatters = new Map<string, Intl.DateTimeFormat>();

function formatter(language: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = `${language} ${JSON.stringify(options)}`;
  const known = formatters.get(key);
  if (known !== undefined) return known;
  const made = new Intl.DateTimeFormat(language, options);
  formatters.set(key, made);
  return made;
}

const clock: Intl.DateTimeFormatOptions = { hour: '2-digit', minute: '2-digit' };
const day: Intl.DateTimeFormatOptions = { day: 'numeric', month: 'short' };

/** `14:03`, or as the language writes it. */
export function timeOfDay(time: number, language: string): string {
  return formatter(language, clock).format(time);
}

/** `14:03:22`. */
export function secondOfDay(time: number, language: string): string {
  return formatter(language, { ...clock, second: '2-digit' }).format(time);
}

/** `20 Nov`. */
export function dayOf(time: number, language: string): string {
  return formatter(language, day).format(time);
}

/** `Fri 20 Nov`. */
export function weekdayOf(time: number, language: string): string {
  return formatter(language, { ...day, weekday: 'short' }).format(time);
}

/** `Nov 2026`. */
export function monthOf(time: number, language: string): string {
  return formatter(language, { month: 'short', year: 'numeric' }).format(time);
}

/** `20 Nov 2026, 14:03`. */
export function moment(time: number, language: string): string {
  return formatter(language, { ...day, year: 'numeric', ...clock }).format(time);
}

/** `20 Nov 2026`. */
export function date(time: number, language: string): string {
  return formatter(language, { ...day, year: 'numeric' }).format(time);
}

/** Whoever looks at a time until now looks at whole days, the last of which is not over. In milliseconds. */
const nowMs = 120_000;

/** A range, without what both ends share: `20–23 Nov 2026`; with the time of day where it is not of whole days. `now` ends a day, too. */
export function span(from: number, to: number, language: string): string {
  const wholeDays = isMidnight(from) && (isMidnight(to) || Math.abs(Date.now() - to) < nowMs);
  if (wholeDays) return formatter(language, { ...day, year: 'numeric' }).formatRange(from, to - 1);
  return formatter(language, { ...day, year: 'numeric', ...clock }).formatRange(from, to);
}

function isMidnight(time: number): boolean {
  const local = new Date(time);
  return local.getHours() === 0 && local.getMinutes() === 0 && local.getSeconds() === 0;
}

const units = [
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
  ['second', 1],
] as const;

/** How long something took, in its two largest units: `2 h 5 min`. `seconds` is not negative. */
export function duration(seconds: number, language: string): string {
  let rest = Math.round(seconds);
  const parts: string[] = [];
  for (const [unit, length] of units) {
    const whole = Math.floor(rest / length);
    rest -= whole * length;
    if (whole > 0 && parts.length < 2) parts.push(new Intl.NumberFormat(language, { style: 'unit', unit, unitDisplay: 'short' }).format(whole));
    else if (parts.length > 0) break;
  }
  return parts.length === 0 ? new Intl.NumberFormat(language, { style: 'unit', unit: 'second', unitDisplay: 'short' }).format(0) : parts.join(' ');
}
