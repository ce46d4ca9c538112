/**
 * Three fonts that are drawn pixel by pixel, because two lines of figures in sixteen pixels leave no room for anything
 * else: scaled outlines blur, and a system's own fonts are not there before a window is. Larger sizes repeat the pixels.
 */

/** The height of all glyphs of a font, and each glyph as its rows; `#` is ink. Widths differ. */
export interface Font {
  readonly height: number;
  readonly glyphs: ReadonlyMap<string, readonly string[]>;
}

/** Characters beside each other in one text, each row of all of them on one line: easier to draw and to look at. */
function fontOf(height: number, sheets: readonly (readonly [characters: string, drawing: string])[]): Font {
  const glyphs = new Map<string, readonly string[]>();
  for (const [characters, drawing] of sheets) {
    const rows = drawing.trim().split('\n').map((row) => row.trim().split(/\s+/u));
    Array.from(characters).forEach((character, column) => glyphs.set(character, rows.map((row) => row[column] ?? '')));
  }
  return { height, glyphs };
}

/** For 16 pixels: four characters and their gaps are 15 wide, two lines 14 high. */
export const smallFont = fontOf(7, [
  ['01234', `
    ### .#. ### ### #.#
    #.# ##. ..# ..# #.#
    #.# .#. ..# ..# #.#
    #.# .#. ### .## ###
    #.# .#. #.. ..# ..#
    #.# .#. #.. ..# ..#
    ### ### ### ### ..#`],
  ['56789', `
    ### ### ### ### ###
    #.. #.. ..# #.# #.#
    #.. #.. ..# #.# #.#
    ### ### .#. ### ###
    ..# #.# .#. #.# ..#
    ..# #.# .#. #.# ..#
    ### ### .#. ### ###`],
  ['KMGT.-', `
    #.# #.# .## ### . ...
    #.# ### #.. .#. . ...
    ##. ### #.. .#. . ...
    ##. ### #.# .#. . ###
    ##. #.# #.# .#. . ...
    #.# #.# #.# .#. # ...
    #.# #.# .## .#. # ...`],
]);

/** For 22 pixels: 20 wide, 18 high. */
export const middleFont = fontOf(9, [
  ['01234', `
    .##. ..#. .##. .##. ...#
    #..# .##. #..# #..# ..##
    #..# ..#. ...# ...# ..##
    #..# ..#. ...# ...# .#.#
    #..# ..#. ..#. .##. .#.#
    #..# ..#. .#.. ...# #..#
    #..# ..#. #... ...# ####
    #..# ..#. #... #..# ...#
    .##. .### #### .##. ...#`],
  ['56789', `
    #### .##. #### .##. .##.
    #... #..# ...# #..# #..#
    #... #... ...# #..# #..#
    ###. #... ..#. #..# #..#
    ...# ###. ..#. .##. .###
    ...# #..# ..#. #..# ...#
    ...# #..# .#.. #..# ...#
    #..# #..# .#.. #..# #..#
    .##. .##. .#.. .##. .##.`],
  ['KMGT.-', `
    #..# #...# .##. ##### .. ....
    #..# ##.## #..# ..#.. .. ....
    #.#. #.#.# #... ..#.. .. ....
    ##.. #.#.# #... ..#.. .. ....
    ##.. #...# #.## ..#.. .. ####
    #.#. #...# #..# ..#.. .. ....
    #.#. #...# #..# ..#.. .. ....
    #..# #...# #..# ..#.. ## ....
    #..# #...# .##. ..#.. ## ....`],
]);

/** For 24 pixels: 23 wide, 20 high. */
export const largeFont = fontOf(10, [
  ['01234', `
    .###. ..#.. .###. .###. ...#.
    #...# .##.. #...# #...# ..##.
    #...# #.#.. ....# ....# ..##.
    #...# ..#.. ....# ....# .#.#.
    #...# ..#.. ...#. ..##. .#.#.
    #...# ..#.. ..#.. ....# #..#.
    #...# ..#.. .#... ....# #####
    #...# ..#.. #.... ....# ...#.
    #...# ..#.. #.... #...# ...#.
    .###. ##### ##### .###. ...#.`],
  ['56789', `
    ##### .###. ##### .###. .###.
    #.... #...# ....# #...# #...#
    #.... #.... ....# #...# #...#
    ####. #.... ...#. #...# #...#
    ....# ####. ...#. .###. #...#
    ....# #...# ..#.. #...# .####
    ....# #...# ..#.. #...# ....#
    ....# #...# .#... #...# ....#
    #...# #...# .#... #...# #...#
    .###. .###. .#... .###. .###.`],
  ['KMGT.-', `
    #...# #...# .###. ##### .. .....
    #...# ##.## #...# ..#.. .. .....
    #..#. #.#.# #.... ..#.. .. .....
    #.#.. #.#.# #.... ..#.. .. .....
    ##... #...# #.... ..#.. .. #####
    ##... #...# #.### ..#.. .. .....
    #.#.. #...# #...# ..#.. .. .....
    #..#. #...# #...# ..#.. .. .....
    #...# #...# #...# ..#.. ## .....
    #...# #...# .###. ..#.. ## .....`],
]);

/** Width of a text in the font's own pixels, with a gap of one between characters. An unknown character has no width. */
export function textWidth({ glyphs }: Font, text: string): number {
  const widths = Array.from(text).map((character) => glyphs.get(character)?.[0]?.length ?? 0).filter((width) => width > 0);
  return widths.reduce((sum, width) => sum + width, 0) + Math.max(0, widths.length - 1);
}
