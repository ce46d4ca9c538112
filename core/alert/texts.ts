import type { AlertCause } from '../../protocol/alert.ts';
import type { Direction } from './moment.ts';

/** The words of alerts: whole sentences in English, of texts that came from outside made harmless and short. */

/** Longest title and text (protocol/alert.ts). */
const longestTitle = 128;
const longestText = 1024;

/** Longest name in a sentence. */
const longestName = 80;

/** What no terminal, notification or mail should be asked to show: controls, and marks that turn the direction of a text. */
const unshowable = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu;

function cut(text: string, longest: number): string {
  return text.length <= longest ? text : `${text.slice(0, longest - 1)}…`;
}

/** A name from outside, as it may stand in a sentence. */
export function shownName(name: string): string {
  return cut(name.replace(unshowable, ' ').trim(), longestName);
}

export function titleOf(text: string): string {
  return cut(text, longestTitle);
}

export function textOf(...sentences: readonly string[]): string {
  return cut(sentences.filter((sentence) => sentence !== '').join(' '), longestText);
}

const units = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'] as const;

/** A number of bytes: `4.2 GB`. */
export function bytesText(bytes: number): string {
  let [value, unit] = [bytes, 0];
  while (value >= 999.5 && unit < units.length - 1) [value, unit] = [value / 1000, unit + 1];
  const digits = unit === 0 || value >= 99.95 ? 0 : 1;
  return `${value.toFixed(digits)} ${units[unit] ?? ''}`;
}

export function rateText(bytesPerSecond: number): string {
  return `${bytesText(bytesPerSecond)}/s`;
}

/** A length of time: `40 s`, `12 min`, `3 h 20 min`, `2 days`. */
export function durationText(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return `${whole} s`;
  const minutes = Math.round(whole / 60);
  if (minutes < 60) return `${minutes} min`;
  if (minutes < 48 * 60) return minutes % 60 === 0 ? `${minutes / 60} h` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
  return `${Math.round(minutes / (24 * 60))} days`;
}

export function percentText(share: number): string {
  return `${Math.round(share * 100)} %`;
}

/** Who it was, as a sentence begins with it. */
export function whoText(cause: AlertCause | null): string {
  if (cause === null) return 'Nobody';
  if (cause.app === null) return 'Something that no app could be found for';
  return shownName(cause.displayName ?? cause.app);
}

const verbs = {
  down: { now: 'is downloading', was: 'downloaded', where: 'from' },
  up: { now: 'is uploading', was: 'uploaded', where: 'to' },
  both: { now: 'is moving', was: 'moved', where: 'to and from' },
} as const satisfies Record<Direction, object>;

function whereText(cause: AlertCause | null, direction: Direction): string {
  return cause === null || cause.domain === null ? '' : ` ${verbs[direction].where} ${shownName(cause.domain)}`;
}

function ownBytes({ bytes }: AlertCause, direction: Direction): number {
  if (direction === 'both') return bytes.rxBytes + bytes.txBytes;
  return direction === 'down' ? bytes.rxBytes : bytes.txBytes;
}

/** `steam is downloading 45 MB/s from steamcontent.com (92 % of all traffic).` */
export function doingText(cause: AlertCause | null, direction: Direction): string {
  if (cause === null) return 'Nothing is moving now.';
  const share = cause.share === null ? '' : ` (${percentText(cause.share)} of all traffic)`;
  return `${whoText(cause)} ${verbs[direction].now} ${rateText(cause.bytesPerSecond)}${whereText(cause, direction)}${share}.`;
}

/** `steam downloaded 1.2 GB from steamcontent.com.` */
export function didText(cause: AlertCause | null, direction: Direction): string {
  if (cause === null) return 'Nothing moved.';
  return `${whoText(cause)} ${verbs[direction].was} ${bytesText(ownBytes(cause, direction))}${whereText(cause, direction)}.`;
}

/** `512 MB so far, for 40 s.` */
export function soFarText(bytes: number, seconds: number): string {
  return `${bytesText(bytes)} so far, for ${durationText(seconds)}.`;
}

/** What apps and domains a cause names. */
export function namedBy(cause: AlertCause | null): { readonly apps: readonly string[]; readonly domains: readonly string[] } {
  return { apps: cause?.app === null || cause === null ? [] : [cause.app], domains: cause?.domain === null || cause === null ? [] : [cause.domain] };
}
