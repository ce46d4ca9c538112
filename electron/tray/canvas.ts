import { textWidth } from './glyphs.ts';
import type { Font } from './glyphs.ts';

/** A colour with its opacity, each 0 to 255; not premultiplied. */
export interface Colour {
  readonly red: number;
  readonly green: number;
  readonly blue: number;
  readonly alpha: number;
}

/** A square picture: BGRA, premultiplied, rows from the top; what Electron's `nativeImage` takes as a bitmap. */
export interface Picture {
  readonly size: number;
  readonly pixels: Uint8Array;
}

/** A rectangle in whole pixels. */
export interface Area {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export function emptyPicture(size: number): Picture {
  return { size, pixels: new Uint8Array(size * size * 4) };
}

/** `#rrggbb`, opaque. */
export function opaque(text: string): Colour {
  const value = Number.parseInt(text.slice(1), 16);
  return { red: value >> 16, green: (value >> 8) & 255, blue: value & 255, alpha: 255 };
}

/** Paints one pixel over what is there; outside the picture nothing happens. */
function paint({ size, pixels }: Picture, x: number, y: number, { red, green, blue, alpha }: Colour): void {
  if (x < 0 || y < 0 || x >= size || y >= size) return;
  const at = (y * size + x) * 4;
  const over = (from: number, index: number): number => Math.round((from * alpha + (pixels[at + index] ?? 0) * (255 - alpha)) / 255);
  pixels[at] = over(blue, 0);
  pixels[at + 1] = over(green, 1);
  pixels[at + 2] = over(red, 2);
  pixels[at + 3] = over(255, 3);
}

export function fill(picture: Picture, area: Area, colour: Colour): void {
  for (let y = area.y; y < area.y + area.height; y += 1) {
    for (let x = area.x; x < area.x + area.width; x += 1) paint(picture, x, y, colour);
  }
}

/** The whole picture with its corners taken off, as a ground that figures are legible on whatever is behind. */
export function fillPlate(picture: Picture, colour: Colour): void {
  const { size } = picture;
  const radius = Math.max(1, Math.round(size / 12));
  for (let y = 0; y < size; y += 1) {
    const fromEdge = Math.min(y, size - 1 - y);
    const inset = fromEdge >= radius ? 0 : radius - Math.round(Math.sqrt(radius ** 2 - (radius - fromEdge - 0.5) ** 2));
    fill(picture, { x: inset, y, width: size - 2 * inset, height: 1 }, colour);
  }
}

/** A triangle that stands on its base, filling the area. */
export function fillTriangle(picture: Picture, area: Area, colour: Colour): void {
  for (let row = 0; row < area.height; row += 1) {
    const width = Math.max(1, Math.round(((row + 1) / area.height) * area.width));
    fill(picture, { x: area.x + Math.floor((area.width - width) / 2), y: area.y + row, width, height: 1 }, colour);
  }
}

/** A text with its right end at `right` and its top at `top`; each pixel of the font is `scale` wide and high. */
export interface Line {
  readonly text: string;
  readonly right: number;
  readonly top: number;
  readonly scale: number;
  readonly colour: Colour;
}

export function write(picture: Picture, font: Font, { text, right, top, scale, colour }: Line): void {
  let x = right - textWidth(font, text) * scale;
  for (const character of text) {
    const rows = font.glyphs.get(character) ?? [];
    rows.forEach((row, y) => {
      Array.from(row).forEach((ink, column) => {
        if (ink === '#') fill(picture, { x: x + column * scale, y: top + y * scale, width: scale, height: scale }, colour);
      });
    });
    x += ((rows[0]?.length ?? -1) + 1) * scale;
  }
}
