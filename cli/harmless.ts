/**
 * Text on a terminal. Names of hosts, programs and processes come from the network and from strangers' files: nothing
 * of them may reach the terminal before `visible` has made it harmless.
 */

/**
 * Control characters (C0, DEL, C1), format characters (bidirectional marks, zero-width characters, tags), surrogates
 * without their other half, private use, unassigned code points, and the line and paragraph separators: all that moves
 * the cursor, hides, or reorders. General categories of Unicode Standard Annex 44.
 */
const harmful = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}]/gu;

/** More marks than any script stacks on one letter: the rest would draw over the lines above and below. */
const stackedMarks = /(\p{M}{4})\p{M}+/gu;

function escaped(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  if (code === 0x0a) return '\\n';
  if (code === 0x09) return '\\t';
  return code <= 0xff ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u{${code.toString(16)}}`;
}

/** The text with every harmful character spelled out (`\x1b`, `\u{202e}`): always one line, read in one direction. */
export function visible(text: string): string {
  return text.replace(harmful, escaped).replace(stackedMarks, '$1');
}

/**
 * A value as one line of JSON that is also harmless on a terminal: what JSON leaves as it is although a terminal may
 * obey it (DEL, C1 controls, bidirectional marks) is written as `\uXXXX`, which means the same to every reader.
 */
export function jsonLine(value: unknown): string {
  return JSON.stringify(value).replace(harmful, (character) =>
    Array.from({ length: character.length }, (_, index) => `\\u${character.charCodeAt(index).toString(16).padStart(4, '0')}`).join(''),
  );
}
