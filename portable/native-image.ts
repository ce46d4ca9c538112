import { Buffer } from 'node:buffer';

/** One picture at one size, as Electron takes it on Linux: BGRA with alpha multiplied in, rows from the top. */
export interface Representation {
  readonly scaleFactor?: number;
  /** Pixels. */
  readonly width?: number;
  readonly height?: number;
  readonly buffer?: Buffer;
}

/** A picture as org.kde.StatusNotifierItem's `a(iiay)` has it: ARGB in network byte order, alpha not multiplied in. */
export type Pixmap = readonly [width: number, height: number, pixels: Buffer];

const bytesPerPixel = 4;
/** Icons of panels are far smaller. */
const maximumSide = 1024;
/** One for each size at which panels show icons, at each scale. */
const maximumRepresentations = 32;

function toArgb(bgra: Buffer): Buffer {
  const argb = Buffer.alloc(bgra.length);
  for (let at = 0; at < bgra.length; at += bytesPerPixel) {
    const alpha = bgra.readUInt8(at + 3);
    if (alpha === 0) continue;
    const plain = (colour: number): number => Math.min(255, Math.round((bgra.readUInt8(at + colour) * 255) / alpha));
    argb.set([alpha, plain(2), plain(1), plain(0)], at);
  }
  return argb;
}

/** A picture in several sizes. Only bitmaps are taken: what is drawn into a panel is drawn by the program itself. */
export class NativeImage {
  readonly #pixmaps: Pixmap[] = [];

  /** @throws RangeError where the sides are not 1 to 1024 pixels, the buffer does not hold them, or there are over 32 sizes. */
  addRepresentation({ width = 0, height = 0, buffer = Buffer.alloc(0) }: Representation): void {
    const fits = [width, height].every((side) => Number.isInteger(side) && side > 0 && side <= maximumSide);
    if (!fits || buffer.length !== width * height * bytesPerPixel) throw new RangeError(`no bitmap of ${width} × ${height} pixels`);
    if (this.#pixmaps.length === maximumRepresentations) throw new RangeError('too many sizes of one picture');
    this.#pixmaps.push([width, height, toArgb(buffer)]);
  }

  /** For portable/ itself: what a StatusNotifierItem shows. */
  static pixmapsOf(image: NativeImage): readonly Pixmap[] {
    return image.#pixmaps;
  }
}

export const nativeImage = {
  createEmpty: (): NativeImage => new NativeImage(),
};
