import { InvalidArgumentError } from 'commander';
import { longestSpellSeconds } from '../protocol/app.ts';
import { InterfaceName } from '../protocol/units.ts';
import { parseListenAddress } from '../service/listen-address.ts';

/** Parsers of single option values, for commander: a bad value throws, and becomes one line with exit code 2. */

/** A day has 86 400 seconds; a year of watching is more than anybody means. */
const longestDurationSeconds = 366 * 86_400;

/** A whole or decimal number of seconds above zero. */
export function parseDuration(text: string): number {
  const seconds = /^\d+(\.\d+)?$/u.test(text) ? Number(text) : Number.NaN;
  if (seconds > 0 && seconds <= longestDurationSeconds) return seconds;
  throw new InvalidArgumentError('Give a number of seconds, such as 10.');
}

/** A whole number above zero. */
export function parsePositiveCount(text: string): number {
  const count = /^\d{1,9}$/u.test(text) ? Number(text) : 0;
  if (count > 0) return count;
  throw new InvalidArgumentError('Give a whole number above 0.');
}

const secondsIn = { s: 1, m: 60, h: 3600, d: 86_400 } as const;

/** A length of time such as `30m`, `1h30m`, `2d`, in seconds; a bare number is a mistake rather than a guess. */
export function parseSpell(text: string): number {
  let seconds = 0;
  for (const [, count, unit] of text.matchAll(/(\d{1,6})([smhd])/gu)) {
    if (unit === 's' || unit === 'm' || unit === 'h' || unit === 'd') seconds += Number(count) * secondsIn[unit];
  }
  if (/^(?:\d{1,6}[smhd]){1,4}$/u.test(text) && seconds > 0 && seconds <= longestSpellSeconds) return seconds;
  throw new InvalidArgumentError('Give a length of time such as 30m, 1h30m or 2d, at most 31d.');
}

/** A port that a program may listen on; 0 is any that is free. */
export function parsePort(text: string): number {
  const port = /^\d{1,5}$/u.test(text) ? Number(text) : Number.NaN;
  if (port === 0 || (port >= 1024 && port <= 65_535)) return port;
  throw new InvalidArgumentError('Give a port from 1024 to 65535, or 0 for one that is free.');
}

/** An address to listen on, with its port. */
export function parseAddress(text: string): string {
  if (parseListenAddress(text) !== null) return text;
  throw new InvalidArgumentError('Give an address with a port, such as 127.0.0.1:9718 or [::1]:9718.');
}

/** One more name of an interface, as the kernel allows them (dev_valid_name in net/core/dev.c). */
export function collectInterface(text: string, before: readonly string[] | undefined): readonly string[] {
  const name = InterfaceName.safeParse(text);
  if (name.success && Buffer.byteLength(text) <= 15 && !/[\s/:\0]/u.test(text)) return [...(before ?? []), name.data];
  throw new InvalidArgumentError('Names of interfaces have 1 to 15 characters; `ip link` lists them.');
}

/** A filter expression, as long as the helper takes it; what it means is libpcap's to say. */
export function parseFilter(text: string): string {
  if (text.length <= 4096) return text;
  throw new InvalidArgumentError('A filter has 4096 characters at most.');
}

/** One more text of a repeatable option. */
export function collectText(text: string, before: readonly string[] | undefined): readonly string[] {
  return [...(before ?? []), text];
}
