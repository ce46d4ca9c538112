/**
 * Numbers as people read them: three significant digits, SI prefixes (1 kB = 1000 B), a blank before the unit.
 */

const prefixes = ['', 'k', 'M', 'G', 'T', 'P', 'E'] as const;

/** Three significant digits without an exponent: `1.23`, `12.3`, `123`. For 0 ≤ value < 999.5. */
function threeDigits(value: number): string {
  const rounded = Number(value.toPrecision(3));
  return rounded.toFixed(rounded < 10 ? 2 : rounded < 100 ? 1 : 0);
}

/** A count with its SI prefix and unit: `0 B`, `999 B`, `1.00 kB`, `12.3 MB`. Counts below one thousand are whole. */
function withPrefix(value: number, unit: string): string {
  const whole = Math.round(value);
  if (whole < 1000) return `${whole} ${unit}`;
  let scaled = value / 1000;
  let index = 1;
  // 999.5 and above would round to four digits: the next prefix shows it as 1.00.
  while (scaled >= 999.5 && index < prefixes.length - 1) {
    scaled /= 1000;
    index += 1;
  }
  return `${threeDigits(scaled)} ${prefixes[index]}${unit}`;
}

/** A size in bytes: `1.23 MB`. */
export function sizeText(bytes: number): string {
  return withPrefix(bytes, 'B');
}

/** A rate in bytes per second: `1.23 MB/s`. */
export function rateText(bytesPerSecond: number): string {
  return withPrefix(bytesPerSecond, 'B/s');
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
