/** Amounts as a report writes them. */

export type Prefixes = 'si' | 'iec';

const systems = {
  si: { step: 1000, names: ['B', 'kB', 'MB', 'GB', 'TB', 'PB'] },
  iec: { step: 1024, names: ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'] },
} as const;

/** `1.23 GB`: three significant digits. */
export function sizeText(bytes: number, prefixes: Prefixes): string {
  const { step, names } = systems[prefixes];
  let scaled = bytes;
  let index = 0;
  // What would be written with four digits is one of the next prefix.
  while (Math.abs(scaled) >= 999.5 && index < names.length - 1) {
    scaled /= step;
    index += 1;
  }
  const digits = index === 0 || Math.abs(scaled) >= 99.95 ? 0 : Math.abs(scaled) >= 9.995 ? 1 : 2;
  return `${scaled.toFixed(digits)} ${names[index]}`;
}

/** `+12 %`, `-3 %`; `new` where there was nothing before, `gone` where there is nothing now. */
export function changeText(now: number, before: number): string {
  if (before === 0) return now === 0 ? '±0 %' : 'new';
  if (now === 0) return 'gone';
  const percent = Math.round((100 * (now - before)) / before);
  if (percent > 999) return `× ${Math.round(now / before)}`;
  return percent === 0 ? '±0 %' : `${percent > 0 ? '+' : ''}${percent} %`;
}

/** `2 h 5 min`, to the minute. */
export function durationText(seconds: number): string {
  const minutes = Math.round(seconds / 60);
  if (minutes < 1) return `${Math.round(seconds)} s`;
  const [hours, rest] = [Math.floor(minutes / 60), minutes % 60];
  if (hours === 0) return `${rest} min`;
  return rest === 0 ? `${hours} h` : `${hours} h ${rest} min`;
}
