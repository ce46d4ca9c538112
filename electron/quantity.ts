/** Amounts as the tray's words have them: three significant digits, a prefix, a unit. */

/** How amounts are written: a person's choice (`display` in the settings). */
export interface Units {
  readonly rates: 'bytes' | 'bits';
  readonly prefixes: 'si' | 'iec';
}

const prefixes = {
  si: { step: 1000, names: ['', 'k', 'M', 'G', 'T', 'P'] },
  iec: { step: 1024, names: ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi'] },
} as const;

/** The factor from one prefix to the next. */
export function stepOf(units: Units): 1000 | 1024 {
  return prefixes[units.prefixes].step;
}

function written(amount: number, unit: string, system: Units['prefixes']): string {
  const { step, names } = prefixes[system];
  let scaled = amount;
  let index = 0;
  // What would be written with four digits is one of the next prefix.
  while (scaled >= 999.5 && index < names.length - 1) {
    scaled /= step;
    index += 1;
  }
  const digits = index === 0 || scaled >= 99.95 ? 0 : scaled >= 9.995 ? 1 : 2;
  return `${scaled.toFixed(digits)} ${names[index]}${unit}`;
}

/** A size: `1.23 GB`. Bytes, not negative. */
export function sizeText(bytes: number, units: Units): string {
  return written(bytes, 'B', units.prefixes);
}

/** A rate: `1.23 MB/s`, or in bits `9.84 Mbit/s`. Bytes a second, not negative. */
export function rateText(bytesPerSecond: number, units: Units): string {
  return units.rates === 'bits' ? written(bytesPerSecond * 8, 'bit/s', units.prefixes) : written(bytesPerSecond, 'B/s', units.prefixes);
}
