import stringWidth from 'string-width';

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

/** How many columns a text takes: wide characters two, combining marks none. Styled text counts as its plain text. */
export function widthOf(text: string): number {
  return stringWidth(text);
}

const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' });

/** The longest beginning of `parts` that takes at most `width` columns. */
function beginning(parts: readonly string[], width: number): string[] {
  const kept: string[] = [];
  let used = 0;
  for (const part of parts) {
    used += widthOf(part);
    if (used > width) break;
    kept.push(part);
  }
  return kept;
}

/** Which side of a text that is too long is kept: the end of a path or host name says more than its beginning. */
export type KeptSide = 'start' | 'end';

/**
 * The text in at most `width` columns; where it is longer, one side is kept and an ellipsis stands for the rest.
 * A character that a reader sees as one is never cut in two.
 */
export function fitted(text: string, width: number, kept: KeptSide): string {
  if (widthOf(text) <= width) return text;
  if (width <= 0) return '';
  const parts = Array.from(graphemes.segment(text), (part) => part.segment);
  if (kept === 'start') return `${beginning(parts, width - 1).join('')}…`;
  return `…${beginning(parts.reverse(), width - 1).reverse().join('')}`;
}

/** The text followed by blanks up to `width` columns; longer text is left as it is. */
export function padded(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - widthOf(text)));
}

/** The text in lines of at most `width` columns, broken at blanks; a word that is longer than a line is cut. */
export function wrapped(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (widthOf(longer) <= width) {
      line = longer;
    } else {
      if (line !== '') lines.push(line);
      line = fitted(word, width, 'start');
    }
  }
  return [...lines, line];
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
