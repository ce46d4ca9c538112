import { defineInterface } from 'dbus-native';
import type { DefinedInterface } from 'dbus-native';
import type { Pixmap } from '../native-image.ts';
import { menuPath } from './menu-on-bus.ts';
import type { BusConnection } from './message-bus.ts';

/** Where hosts look that know an item by its bus name alone (GNOME's and KDE's read no other path). */
const itemPath = '/StatusNotifierItem';
const interfaceName = 'org.kde.StatusNotifierItem';
const watcher = 'org.kde.StatusNotifierWatcher';

/** What an item looks like; read again by the host after each `New…` signal. */
export interface Face {
  readonly title: string;
  readonly pixmaps: readonly Pixmap[];
  readonly toolTip: string;
}

export type FaceSignal = 'NewIcon' | 'NewToolTip';

const noPixmaps: readonly Pixmap[] = [];

/** ToolTip's `(sa(iiay)ss)`: no icon of its own, one title, and text below it. */
function toToolTip(text: string): readonly [string, readonly Pixmap[], string, string] {
  const [title = '', ...lines] = text.split('\n');
  return ['', noPixmaps, escapeMarkup(title), escapeMarkup(lines.join('\n'))];
}

/** Hosts read a subset of HTML in tool tips ("Markup" in the specification); names of apps and hosts are no markup. */
function escapeMarkup(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

/**
 * One icon in the panel (freedesktop.org, "StatusNotifierItem"), on a bus connection of its own: closing that takes it away.
 *
 * It is registered by its well-known name alone, whenever a watcher comes: a panel that restarts shows it again.
 */
export class StatusNotifierItem {
  readonly #bus: BusConnection;
  readonly #interface: DefinedInterface;
  readonly #name: string;

  /** `number` tells the items of one process apart. `activated` is a click on the icon. */
  constructor(bus: BusConnection, { number, face, activated }: { readonly number: number; readonly face: () => Face; readonly activated: () => void }) {
    this.#bus = bus;
    this.#name = `org.kde.StatusNotifierItem-${process.pid}-${number}`;
    const read = (type: string, get: () => unknown): { type: string; access: 'read'; get: () => unknown } => ({ type, access: 'read', get });
    const point = { x: 'i', y: 'i' };
    this.#interface = defineInterface({
      name: interfaceName,
      properties: {
        Category: read('s', () => 'SystemServices'),
        Id: read('s', () => face().title.toLowerCase()),
        Title: read('s', () => face().title),
        Status: read('s', () => 'Active'),
        WindowId: read('i', () => 0),
        IconName: read('s', () => ''),
        IconThemePath: read('s', () => ''),
        IconPixmap: read('a(iiay)', () => face().pixmaps),
        OverlayIconName: read('s', () => ''),
        OverlayIconPixmap: read('a(iiay)', () => noPixmaps),
        AttentionIconName: read('s', () => ''),
        AttentionIconPixmap: read('a(iiay)', () => noPixmaps),
        AttentionMovieName: read('s', () => ''),
        ToolTip: read('(sa(iiay)ss)', () => toToolTip(face().toolTip)),
        ItemIsMenu: read('b', () => false),
        Menu: read('o', () => menuPath),
      },
      signals: { NewTitle: {}, NewIcon: {}, NewAttentionIcon: {}, NewOverlayIcon: {}, NewToolTip: {}, NewStatus: { args: { status: 's' } } },
      methods: {
        Activate: { in: point, handler: () => void setImmediate(activated) },
        SecondaryActivate: { in: point, handler: () => undefined },
        ContextMenu: { in: point, handler: () => undefined },
        Scroll: { in: { delta: 'i', orientation: 's' }, handler: () => undefined },
      },
    });
  }

  /** Appears in the panel, now or as soon as there is one. @throws DBusError where the bus ends meanwhile. */
  async export(): Promise<void> {
    const { client } = this.#bus;
    await client.export(itemPath, this.#interface);
    await client.ownName(this.#name);
    await this.#bus.followOwner(watcher, (isThere) => {
      if (isThere) this.#register().catch(() => undefined);
    });
  }

  tell(signal: FaceSignal): void {
    this.#interface.emit[signal]?.();
  }

  /** A watcher that refuses, or goes at that moment, shows nothing; the next one is asked again. */
  async #register(): Promise<void> {
    await this.#bus.call({
      destination: watcher,
      path: '/StatusNotifierWatcher',
      interface: watcher,
      member: 'RegisterStatusNotifierItem',
      signature: 's',
      body: [this.#name],
    });
  }
}
