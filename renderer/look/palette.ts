/**
 * Colours that stand for apps, domains and networks. Twelve, apart in hue and in lightness, so that they can be told apart with
 * the common kinds of colour blindness too (test/renderer/palette.test.ts measures that); what has none of them is grey.
 */

/** How many colours there are: `--series-0` … `--series-11` in tokens.css. */
export const paletteSize = 12;

/** The colour of everything that has none of its own: what is unknown, and the rest. */
export type Slot = number | 'unknown' | 'rest';

/** FNV-1a (draft-eastlake-fnv), 32 bits: short texts spread well, and the same on every machine. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) value = Math.imul(value ^ text.charCodeAt(index), 0x01000193) >>> 0;
  return value;
}

/**
 * The colours of keys that are shown together, the most important first. A key has the colour that its own text says, always and
 * everywhere, unless a more important one in the same picture has it: then it takes the next that is free. Null is unknown.
 */
export function slotsOf(keys: readonly (string | null)[]): readonly Slot[] {
  const taken = new Set<number>();
  return keys.map((key) => {
    if (key === null) return 'unknown';
    if (taken.size === paletteSize) return hash(key) % paletteSize;
    let slot = hash(key) % paletteSize;
    while (taken.has(slot)) slot = (slot + 1) % paletteSize;
    taken.add(slot);
    return slot;
  });
}

/** The name of a slot's colour in tokens.css. */
export function colourOf(slot: Slot): string {
  return `--series-${slot}`;
}
