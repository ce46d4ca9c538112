import stringWidth from 'string-width';

export { jsonLine, visible } from './harmless.ts';

/** The width of text on a terminal, and how it is made to fit. */

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
