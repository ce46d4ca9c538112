import { emptyPicture, fill, fillPlate, fillTriangle, opaque, write } from './canvas.ts';
import type { Colour, Picture } from './canvas.ts';
import { largeFont, middleFont, smallFont, textWidth } from './glyphs.ts';
import type { Font } from './glyphs.ts';

/** What the icon shows. Rates are the texts of {@link shortRate}; levels are 0 to 1. */
export type TrayFace =
  | {
      readonly kind: 'measuring' | 'private' | 'alert';
      readonly down: string;
      readonly up: string;
      readonly downLevel: number;
      readonly upLevel: number;
    }
  | { readonly kind: 'paused' }
  | { readonly kind: 'not-measuring' };

/** How it is shown: a person's choice (`tray` in the settings). */
export interface TrayLook {
  readonly style: 'numbers' | 'bars';
  /** What the panel behind is; `auto` brings a ground of its own, which is legible on both. */
  readonly panel: 'auto' | 'dark' | 'light';
  /** Pixels; `auto` for all of {@link traySizes}, since most panels take the nearest and none says which it wants. */
  readonly size: 'auto' | '16' | '22' | '24' | '32' | '48';
}

interface Inks {
  readonly down: Colour;
  readonly up: Colour;
  readonly quiet: Colour;
  readonly private: Colour;
}

/** On dark and on light: each ink has a contrast of at least 4.5 : 1 to its ground (WCAG 2.2, 1.4.3). */
const onDark: Inks = { down: opaque('#7fd1ff'), up: opaque('#ffb65c'), quiet: opaque('#b8c4d0'), private: opaque('#d0b3ff') };
const onLight: Inks = { down: opaque('#00558f'), up: opaque('#8a3a00'), quiet: opaque('#4a5560'), private: opaque('#5b2aa8') };

const plate: Colour = { ...opaque('#16202b'), alpha: 235 };
const alarm: Colour = opaque('#b3261e');
const white: Colour = opaque('#ffffff');
const warning: Colour = opaque('#ffb300');
const black: Colour = opaque('#1c1300');

/** A font and how often its pixels are repeated, so that two lines fill a picture of that size. */
interface Type {
  readonly font: Font;
  readonly scale: number;
}

const fonts: readonly { readonly font: Font; readonly size: number }[] = [
  { font: smallFont, size: 16 },
  { font: middleFont, size: 22 },
  { font: largeFont, size: 24 },
];

/** The type that fills the most of a size of at least 16 pixels. */
function typeFor(size: number): Type {
  const fitting = fonts.map(({ font, size: made }) => ({ font, scale: Math.max(1, Math.floor(size / made)), made }));
  const [first, ...others] = fitting.filter(({ made, scale }) => made * scale <= size);
  if (first === undefined) return { font: smallFont, scale: 1 };
  // Where two fill it alike, the one with the finer pixels.
  return others.reduce((best, next) => (next.made * next.scale >= best.made * best.scale ? next : best), first);
}

/** No text of a rate is wider. */
const widestText = '888M';

type RatesFace = Extract<TrayFace, { readonly downLevel: number }>;

function inksOf(kind: RatesFace['kind'], { panel }: TrayLook): Pick<Inks, 'down' | 'up'> {
  if (kind === 'alert') return { down: white, up: white };
  const inks = panel === 'light' ? onLight : onDark;
  return kind === 'private' ? { down: inks.private, up: inks.private } : inks;
}

/** Down above, up below, as in every table of Tidewatch. */
function drawNumbers(picture: Picture, face: RatesFace, look: TrayLook): void {
  const { size } = picture;
  const { font, scale } = typeFor(size);
  const inks = inksOf(face.kind, look);
  const height = font.height * scale;
  const gap = Math.floor((size - 2 * height) / 3);
  const right = size - Math.max(0, Math.floor((size - textWidth(font, widestText) * scale) / 2));
  write(picture, font, { text: face.down, right, top: gap, scale, colour: inks.down });
  write(picture, font, { text: face.up, right, top: size - gap - height, scale, colour: inks.up });
}

/** Two columns, down and up, that stand on a line each: without traffic one still sees what it is. */
function drawBars(picture: Picture, face: RatesFace, look: TrayLook): void {
  const { size } = picture;
  const inks = inksOf(face.kind, look);
  const margin = Math.max(1, Math.round(size / 10));
  const gap = Math.max(1, Math.round(size / 12));
  const width = Math.floor((size - 2 * margin - gap) / 2);
  const columns = [{ x: margin, level: face.downLevel, colour: inks.down }, { x: size - margin - width, level: face.upLevel, colour: inks.up }];
  const line = Math.max(1, Math.round(size / 16));
  for (const { x, level, colour } of columns) {
    const height = line + barHeight(level, size - 2 * margin - line);
    fill(picture, { x, y: size - margin - height, width, height }, colour);
  }
}

function barHeight(level: number, most: number): number {
  return Math.round(Math.min(1, Math.max(0, level)) * most);
}

function drawPause(picture: Picture, { panel }: TrayLook): void {
  const { size } = picture;
  const width = Math.max(2, Math.round(size / 5));
  const height = Math.round(size * 0.6);
  const y = Math.round((size - height) / 2);
  const colour = (panel === 'light' ? onLight : onDark).quiet;
  const gap = Math.max(2, Math.round(size / 8));
  const x = Math.floor((size - 2 * width - gap) / 2);
  fill(picture, { x, y, width, height }, colour);
  fill(picture, { x: x + width + gap, y, width, height }, colour);
}

function drawWarning(picture: Picture): void {
  const { size } = picture;
  fillTriangle(picture, { x: 0, y: Math.floor(size / 16), width: size, height: size - 2 * Math.floor(size / 16) }, warning);
  const stroke = Math.max(2, Math.round(size / 9));
  const x = Math.floor((size - stroke) / 2);
  fill(picture, { x, y: Math.round(size * 0.36), width: stroke, height: Math.round(size * 0.3) }, black);
  fill(picture, { x, y: Math.round(size * 0.75), width: stroke, height: stroke }, black);
}

/** The icon in one size, at least 16 pixels. */
export function drawTray(face: TrayFace, size: number, look: TrayLook): Picture {
  const picture = emptyPicture(size);
  if (face.kind === 'not-measuring') {
    drawWarning(picture);
    return picture;
  }
  if (face.kind === 'alert') fillPlate(picture, alarm);
  else if (look.panel === 'auto') fillPlate(picture, plate);
  if (face.kind === 'paused') drawPause(picture, look);
  else if (look.style === 'bars') drawBars(picture, face, look);
  else drawNumbers(picture, face, look);
  return picture;
}

/** Steps of a bar: as many as its pixels at the usual size, so that less than a pixel changes nothing. */
const barSteps = 16;

/** Two faces with the same key are the same picture. */
export function faceKey(face: TrayFace, look: TrayLook): string {
  const ground = `${face.kind} ${look.panel} ${look.style} ${look.size}`;
  if (face.kind === 'paused' || face.kind === 'not-measuring') return ground;
  if (look.style === 'numbers') return `${ground} ${face.down} ${face.up}`;
  return `${ground} ${barHeight(face.downLevel, barSteps)} ${barHeight(face.upLevel, barSteps)}`;
}

/** Sizes that panels ask for: 16, 22 and 24 pixels at 1×, 1.5× and 2×. */
export const traySizes = [16, 22, 24, 32, 48] as const;

/** The icon in all sizes that it is offered in. */
export function drawSizes(face: TrayFace, look: TrayLook): readonly Picture[] {
  const sizes = look.size === 'auto' ? traySizes : [Number(look.size)];
  return sizes.map((size) => drawTray(face, size, look));
}
