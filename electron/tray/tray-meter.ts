import { Buffer } from 'node:buffer';
import { nativeImage, Tray } from 'electron';
import type { NativeImage } from 'electron';
import type { Units } from '../quantity.ts';
import type { Standing } from '../standing.ts';
import { toolTip } from '../words.ts';
import { drawSizes, faceKey } from './drawing.ts';
import type { TrayFace, TrayLook } from './drawing.ts';
import { trayFaceOf } from './face.ts';
import { TrayMenu } from './menu.ts';
import type { TrayActs } from './menu.ts';
import { rowLabels } from './menu-rows.ts';
import { Pace } from './pace.ts';

/** Once a second is what a person can read; snapshots come as often. A little less, so that none of them waits for the next. */
const leastPictureMs = 950;
/** Nobody reads the menu while it is closed: it must only not be old when it opens. */
const leastMenuMs = 2000;
/** The size that one picture stands for where a system takes only one: that of most panels. */
const baseSize = 22;

function imageOf(face: TrayFace, look: TrayLook): NativeImage {
  const image = nativeImage.createEmpty();
  const pictures = drawSizes(face, look);
  const base = pictures.length === 1 ? (pictures[0]?.size ?? baseSize) : baseSize;
  for (const { size, pixels } of pictures) {
    image.addRepresentation({ scaleFactor: size / base, width: size, height: size, buffer: Buffer.from(pixels.buffer) });
  }
  return image;
}

/** What the meter is made of now. */
export interface TrayInput {
  readonly standing: Standing;
  readonly units: Units;
  readonly look: TrayLook;
}

/** The icon, its tooltip and its menu: each told to the panel only when it is not what was told before. */
export class TrayMeter implements Disposable {
  readonly #tray: Tray;
  readonly #menu: TrayMenu;
  readonly #picturePace = new Pace(leastPictureMs, () => this.#showPicture());
  readonly #menuPace = new Pace(leastMenuMs, () => this.#showMenu());
  #input: TrayInput;
  #key: string;
  #toolTip = '';

  constructor(input: TrayInput, acts: TrayActs) {
    this.#input = input;
    const face = trayFaceOf(input.standing, input.units);
    this.#key = faceKey(face, input.look);
    this.#tray = new Tray(imageOf(face, input.look));
    this.#menu = new TrayMenu(acts, { now: () => performance.now(), closed: () => this.#menuPace.want() });
    this.#menu.update(rowLabels(input.standing, input.units));
    this.#tray.setContextMenu(this.#menu.menu);
    this.#showToolTip();
    this.#tray.on('click', () => acts.openWindow());
  }

  show(input: TrayInput): void {
    this.#input = input;
    this.#picturePace.want();
    this.#menuPace.want();
  }

  [Symbol.dispose](): void {
    this.#picturePace[Symbol.dispose]();
    this.#menuPace[Symbol.dispose]();
    this.#tray.destroy();
  }

  #showPicture(): void {
    const { standing, units, look } = this.#input;
    const face = trayFaceOf(standing, units);
    const key = faceKey(face, look);
    if (key !== this.#key) {
      this.#key = key;
      this.#tray.setImage(imageOf(face, look));
    }
    this.#showToolTip();
  }

  #showToolTip(): void {
    const text = toolTip(this.#input.standing, this.#input.units);
    if (text === this.#toolTip) return;
    this.#toolTip = text;
    this.#tray.setToolTip(text);
  }

  #showMenu(): void {
    const { standing, units } = this.#input;
    // Linux takes changed rows only with the whole menu (Electron, Tray).
    if (this.#menu.update(rowLabels(standing, units))) this.#tray.setContextMenu(this.#menu.menu);
  }
}
