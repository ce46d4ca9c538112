import { z } from 'zod';
import { settingFacts } from './setting-facts.ts';
import type { Effect } from './setting-facts.ts';

/** What settings are made of: a schema with its default, registered with the words that a person reads of it. */

/** More of a list than anybody types. */
const maximumListed = 256;

/** What is said of a setting besides its range, which follows from its schema. */
export interface Words {
  readonly meaning: string;
  readonly effect: Effect;
}

/** The schema and the words of its range come from the same two numbers, so that they cannot differ. */
export function wholeNumber(range: { least: number; most: number; unit: string; default: number }, words: Words): z.ZodDefault<z.ZodNumber> {
  const { least, most, unit } = range;
  return z
    .number()
    .int()
    .min(least)
    .max(most)
    .default(range.default)
    .register(settingFacts, { ...words, unit, expects: `a whole number from ${least} to ${most}`, element: null });
}

/** A setting that is on or off; off where nothing is said. */
export function flag(words: Words): z.ZodDefault<z.ZodBoolean> {
  return z.boolean().default(false).register(settingFacts, { ...words, unit: null, expects: 'true or false', element: null });
}

/** A setting that is one of a few words. */
export function choice<const Options extends readonly [string, ...string[]]>(options: Options, initial: Options[number], words: Words) {
  const expects = `one of ${options.join(', ')}`;
  const schema = z.enum(options);
  return schema.default(schema.parse(initial)).register(settingFacts, { ...words, unit: null, expects, element: null });
}

/** Whether a value fits a schema, as a function. */
export function accepting(schema: z.ZodType): (value: unknown) => boolean {
  return (value) => schema.safeParse(value).success;
}

/** A list whose elements are judged one by one: a wrong one is left out, and the others count. */
export function list(element: z.ZodString, expects: string, words: Words): z.ZodDefault<z.ZodArray<z.ZodString>> {
  return z
    .array(element)
    .max(maximumListed)
    .default([])
    .register(settingFacts, { ...words, unit: null, expects: `a list of at most ${maximumListed} ${expects}`, element: { accepts: accepting(element), expects } });
}

/** A text that is kept as it was typed. `accepts` judges it; `words.expects` completes "… is not …". */
export function text(
  range: { longest: number; default: string; expects: string; accepts?: (text: string) => boolean },
  words: Words,
): z.ZodDefault<z.ZodString> {
  const { longest, expects, accepts = () => true } = range;
  return z
    .string()
    .max(longest)
    .refine(accepts)
    .default(range.default)
    .register(settingFacts, { ...words, unit: null, expects, element: null });
}
