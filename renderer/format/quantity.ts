/**
 * Bytes and rates as a person reads them: three significant digits, a unit, and the language's own decimal sign. What stands
 * here is for reading only; figures are compared and summed before.
 */

/** How sizes and rates are written. */
export interface Units {
  /** Rates in bytes or in bits a second; sizes are always in bytes. */
  readonly rates: 'bytes' | 'bits';
  /** Steps of 1000 (kB, MB) or of 1024 (KiB, MiB). */
  readonly prefixes: 'si' | 'iec';
}

export const initialUnits: Units = { rates: 'bytes', prefixes: 'si' };

const decimal = ['', 'k', 'M', 'G', 'T', 'P', 'E'];
const binary = ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei'];

/** A quantity in its parts, so that the figure and the unit can be set apart. */
export interface Quantity {
  readonly figure: string;
  readonly unit: string;
}

/** Formatters are made once a language: making one takes longer than a hundred uses of it. */
const formatters = new Map<string, Intl.NumberFormat>();

function formatter(language: string, digits: number): Intl.NumberFormat {
  const key = `${language} ${digits}`;
  const known = formatters.get(key);
  if (known !== undefined) return known;
  const made = new Intl.NumberFormat(language, { minimumFractionDigits: digits, maximumFractionDigits: digits });
  formatters.set(key, made);
  return made;
}

/** How many digits come after the point, so that three count in all: 1.23, 12.3, 123. */
function digitsOf(value: number): number {
  if (value >= 99.95) return 0;
  return value >= 9.995 ? 1 : 2;
}

function scaled(amount: number, prefixes: Units['prefixes'], unit: string, language: string): Quantity {
  const base = prefixes === 'si' ? 1000 : 1024;
  const names = prefixes === 'si' ? decimal : binary;
  let value = amount;
  let power = 0;
  // 999.5 would be written as 1000.
  while (value >= 999.5 && power < names.length - 1) {
    value /= base;
    power += 1;
  }
  const figure = formatter(language, power === 0 ? 0 : digitsOf(value)).format(value);
  return { figure, unit: `${names[power] ?? ''}${unit}` };
}

/** An amount of data. `bytes` is not negative. */
export function size(bytes: number, units: Units, language: string): Quantity {
  return scaled(bytes, units.prefixes, 'B', language);
}

/** A rate. `bytesPerSecond` is not negative. */
export function rate(bytesPerSecond: number, units: Units, language: string): Quantity {
  return units.rates === 'bytes'
    ? scaled(bytesPerSecond, units.prefixes, 'B/s', language)
    : scaled(bytesPerSecond * 8, units.prefixes, 'bit/s', language);
}

/** Figure and unit on one line; the space between does not break (SI brochure 5.4.3). */
export function written({ figure, unit }: Quantity): string {
  return `${figure}\u00a0${unit}`;
}

/** A whole number with the language's own grouping. */
export function count(value: number, language: string): string {
  return formatter(language, 0).format(value);
}

/** A share as percent: one digit below ten and above 99, else none; what is not nothing is never "0 %", what is not all never "100 %". */
export function percent(share: number, language: string): string {
  const hundredth = share * 100;
  if (hundredth > 0 && hundredth < 0.1) return `< ${percent(0.001, language)}`;
  const digits = hundredth === 0 || hundredth === 100 ? 0 : hundredth < 10 || hundredth > 99 ? 1 : 0;
  const kept = hundredth < 100 && hundredth > 99.9 ? 99.9 : hundredth;
  return new Intl.NumberFormat(language, { style: 'percent', minimumFractionDigits: digits, maximumFractionDigits: digits }).format(kept / 100);
}

/** A round number of bytes (or bits) a little above `least`, where an axis may end: 1, 2, 2.5 or 5 times a power of the base's ten. */
export function roundCeiling(least: number, prefixes: Units['prefixes']): number {
  if (least <= 0) return 1;
  const base = prefixes === 'si' ? 1000 : 1024;
  const scale = base ** Math.floor(Math.log(least) / Math.log(base));
  const mantissa = least / scale;
  const ten = 10 ** Math.floor(Math.log10(mantissa));
  const step = [1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10].find((each) => each * ten >= mantissa) ?? 10;
  return step * ten * scale;
}
