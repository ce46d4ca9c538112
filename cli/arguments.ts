import { InvalidArgumentError } from 'commander';
import { InterfaceName } from '../protocol/units.ts';

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

/** One more name of an interface, as the kernel allows them (dev_valid_name in net/core/dev.c). */
export function collectInterface(text: string, before: readonly string[] | undefined): readonly string[] {
  const name = InterfaceName.safeParse(text);
  if (name.success && Buffer.byteLength(text) <= 15 && !/[\s/:\0]/u.test(text)) return [...(before ?? []), name.data];
  throw new InvalidArgumentError('Names of interfaces have 1 to 15 characters; `ip link` lists them.');
}

/** One more text of a repeatable option. */
export function collectText(text: string, before: readonly string[] | undefined): readonly string[] {
  return [...(before ?? []), text];
}
