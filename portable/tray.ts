import { EventEmitter } from 'node:events';
import { app } from './app/app.ts';
import { MenuOnBus } from './bus/menu-on-bus.ts';
import { BusConnection, sessionBusAddress } from './bus/message-bus.ts';
import { StatusNotifierItem } from './bus/status-notifier-item.ts';
import type { FaceSignal } from './bus/status-notifier-item.ts';
import type { Menu } from './menu.ts';
import { NativeImage } from './native-image.ts';

let trays = 0;

/**
 * An icon in the panel. Emits `click`. Where there is no session bus nothing appears; where there is no panel, it appears once
 * one comes. Neither is told here, because Electron does not tell it either.
 */
export class Tray extends EventEmitter {
  readonly #menu = new MenuOnBus();
  readonly #item: Promise<{ readonly bus: BusConnection; readonly item: StatusNotifierItem } | null>;
  #image: NativeImage;
  #toolTip = '';
  #state: 'appearing' | 'shown' | 'destroyed' = 'appearing';

  constructor(image: NativeImage) {
    super();
    this.#image = image;
    trays += 1;
    this.#item = this.#appear(trays);
  }

  setImage(image: NativeImage): void {
    this.#image = image;
    this.#tell('NewIcon');
  }

  /** Plain text; the first line is the title. */
  setToolTip(toolTip: string): void {
    if (toolTip === this.#toolTip) return;
    this.#toolTip = toolTip;
    this.#tell('NewToolTip');
  }

  /** Shows this menu, or the same one again after its rows changed. */
  setContextMenu(menu: Menu | null): void {
    this.#menu.set(menu, this.#state === 'shown');
  }

  isDestroyed(): boolean {
    return this.#state === 'destroyed';
  }

  destroy(): void {
    this.#state = 'destroyed';
    void this.#item.then((shown) => shown?.bus.close());
  }

  async #appear(number: number): Promise<{ readonly bus: BusConnection; readonly item: StatusNotifierItem } | null> {
    const bus = await BusConnection.open(sessionBusAddress());
    if (bus === null) return null;
    const item = new StatusNotifierItem(bus, {
      number,
      face: () => ({ title: app.getName(), pixmaps: NativeImage.pixmapsOf(this.#image), toolTip: this.#toolTip }),
      activated: () => this.emit('click', {}),
    });
    try {
      await this.#menu.export(bus.client);
      if (this.#state === 'appearing') this.#state = 'shown';
      await item.export();
      return { bus, item };
    } catch {
      // The bus ended at that moment: there is no panel any more, either.
      await bus.close();
      return null;
    }
  }

  #tell(signal: FaceSignal): void {
    if (this.#state !== 'destroyed') void this.#item.then((shown) => shown?.item.tell(signal));
  }
}
