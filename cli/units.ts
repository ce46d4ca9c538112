/**
 * Numbers as people read them: three significant digits, a prefix, a blank before the unit.
 */

/** How numbers are written: a person's choice (`display` in the settings). */
export interface Units {
  readonly rates: 'bytes' | 'bits';
  /** `si`: 1 kB is 1000 B. `iec`: 1 KiB is 1024 B (IEC 80000-13). */
  readonly prefixes: 'si' | 'iec';
}

export const usualUnits: Units = { rates: 'bytes', prefixes: 'si' };

const prefixes = {
  si: { step: 1000, names: ['', 'k', 'M', 'G', 'T', 'P', 'E'] },
  iec: { step: 1024, names: ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei'] },
} as const;

/** Three significant digits without an exponent: `1.23`, `12.3`, `123`. For 0 ≤ value < 1023.5; above 999 four digits. */
function threeDigits(value: number): string {
  if (value >= 999.5) return value.toFixed(0);
  const rounded = Number(value.toPrecision(3));
  return rounded.toFixed(rounded < 10 ? 2 : rounded < 100 ? 1 : 0);
}

/** A count with its prefix and unit: `0 B`, `999 B`, `1.00 kB`, `12.3 MB`. Counts below one step are whole. */
function withPrefix(value: number, unit: string, system: Units['prefixes']): string {
  const { step, names } = prefixes[system];
  const whole = Math.round(value);
  if (whole < step) return `${whole} ${unit}`;
  let scaled = value / step;
  let index = 1;
  // What would round to a whole step is shown by the next prefix as 1.00.
  while (scaled >= step - 0.5 && index < names.length - 1) {
    scaled /= step;
    index += 1;
  }
  return `${threeDigits(scaled)} ${names[index]}${unit}`;
}

/** A size in bytes: `1.23 MB`. */
export function sizeText(bytes: number, { prefixes: system }: Units = usualUnits): string {
  return withPrefix(bytes, 'B', system);
}

/** A rate in bytes per second: `1.23 MB/s`, or in bits: `9.84 Mbit/s`. */
export function rateText(bytesPerSecond: number, { rates, prefixes: system }: Units = usualUnits): string {
  return rates === 'bits' ? withPrefix(bytesPerSecond * 8, 'bit/s', system) : withPrefix(bytesPerSecond, 'B/s', system);
}

/** Columns that a rate, or a size, takes at most: a column as wide as that never moves. */
export function widestTexts({ rates, prefixes: system }: Units = usualUnits): { readonly rate: number; readonly size: number } {
  const prefix = system === 'si' ? 1 : 2;
  const digits = 4;
  return { rate: digits + 1 + prefix + (rates === 'bits' ? 'bit/s' : 'B/s').length, size: digits + 1 + prefix + 1 };
}

/** Bytes of an interval as bytes per second; an interval of no length has no rate, shown as 0. */
export function rateOf(bytes: number, intervalSeconds: number): number {
  return intervalSeconds > 0 ? bytes / intervalSeconds : 0;
}

const grouped = new Intl.NumberFormat('en', { useGrouping: true, maximumFractionDigits: 0 });

/** A count with its thousands apart: `1 234 567`, with thin no-break blanks (ISO 80000-1). */
export function countText(count: number): string {
  return grouped.format(count).replaceAll(',', '\u202f');
}

/** A count with its noun in the right number: `1 packet`, `2 packets`. */
export function countedText(count: number, noun: string): string {
  return `${countText(count)} ${noun}${count === 1 ? '' : 's'}`;
}

/**
 * A share: `98.3 %`. Only the whole is `100 %` and only nothing is `0 %`: rounding never claims either.
 * A share of nothing is the whole of it.
 */
export function shareText(part: number, whole: number): string {
  if (whole === 0 || part === whole) return '100 %';
  if (part === 0) return '0 %';
  const percent = (100 * part) / whole;
  if (percent < 0.1) return '<0.1 %';
  return `${Math.min(99.9, Math.floor(percent * 10) / 10).toFixed(1)} %`;
}

/** A length of time in its two largest units: `45 s`, `12 min`, `3 h 5 min`, `2 d 4 h`. Seconds, not negative. */
export function durationText(seconds: number): string {
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return minutes % 60 === 0 ? `${hours} h` : `${hours} h ${minutes % 60} min`;
  const days = Math.floor(hours / 24);
  return hours % 24 === 0 ? `${days} d` : `${days} d ${hours % 24} h`;
}
