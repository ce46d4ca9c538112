import type { Edges } from './edges.ts';
import { UsageError } from './failure.ts';
import { parseWhen, whenExamples } from './time.ts';
import type { Stretch } from './time.ts';

/** The stretch of time that the words after an option name. Throws {@link UsageError} for words that name none. */
export function stretchOf(option: '--from' | '--to' | '--at', words: string, edges: Pick<Edges, 'now'>): Stretch {
  const stretch = parseWhen(words, edges.now());
  if (stretch !== null) return stretch;
  throw new UsageError(`${option} "${words}" is no date or time: write it like ${whenExamples}`);
}
