import { Menu } from 'electron';
import type { MenuItemConstructorOptions } from 'electron';
import { appRowIds } from './menu-rows.ts';
import type { RowId, RowLabels } from './menu-rows.ts';

/** What a person can do from the tray. */
export interface TrayActs {
  readonly openWindow: (place?: string) => void;
  readonly openMini: () => void;
  readonly openSettings: () => void;
  readonly openAlerts: () => void;
  readonly openApp: (index: number) => void;
  readonly grantAccess: () => void;
  readonly tryAgain: () => void;
  readonly togglePause: () => void;
  readonly togglePrivate: () => void;
  readonly quit: () => void;
}

/** A panel that dies with the menu open never says that it was closed. */
const longestOpenMs = 30_000;

const separator: MenuItemConstructorOptions = { type: 'separator' };

function row(id: RowId, click: () => void): MenuItemConstructorOptions {
  return { id, label: '', visible: false, click };
}

/** All rows, also those that are not shown now: what changes later are words and whether they are there, never the order. */
function template(acts: TrayActs): MenuItemConstructorOptions[] {
  const open = (): void => acts.openWindow();
  return [
    row('rates', open),
    row('state', open),
    row('grant', acts.grantAccess),
    row('retry', acts.tryAgain),
    row('alert', acts.openAlerts),
    separator,
    ...appRowIds.map((id, index) => row(id, () => acts.openApp(index))),
    row('no-app', open),
    separator,
    row('today', open),
    row('plan', open),
    separator,
    row('pause', acts.togglePause),
    row('private', acts.togglePrivate),
    separator,
    { id: 'open', label: 'Open Tidewatch', click: open },
    { id: 'mini', label: 'Mini window', click: acts.openMini },
    { id: 'settings', label: 'Settings…', click: acts.openSettings },
    separator,
    { id: 'quit', label: 'Quit Tidewatch', click: acts.quit },
  ];
}

/** The tray's menu: one for the whole run, whose rows change in place and only while nobody reads it. */
export class TrayMenu {
  readonly menu: Menu;
  readonly #now: () => number;
  #openedAt: number | null = null;

  /** `now` is a count of milliseconds that never goes back; `closed` is called when the menu was closed. */
  constructor(acts: TrayActs, edges: { readonly now: () => number; readonly closed: () => void }) {
    this.#now = edges.now;
    this.menu = Menu.buildFromTemplate(template(acts));
    this.menu.on('menu-will-show', () => {
      this.#openedAt = edges.now();
    });
    this.menu.on('menu-will-close', () => {
      this.#openedAt = null;
      edges.closed();
    });
  }

  get isOpen(): boolean {
    return this.#openedAt !== null && this.#now() - this.#openedAt < longestOpenMs;
  }

  /** Whether anything has changed, so that the menu must be set again. An open menu is left alone. */
  update(labels: RowLabels): boolean {
    if (this.isOpen) return false;
    let changed = false;
    for (const [id, label] of Object.entries(labels)) {
      const item = this.menu.getMenuItemById(id);
      if (item === null || (item.visible === (label !== null) && (label === null || item.label === label))) continue;
      item.visible = label !== null;
      item.label = label ?? item.label;
      changed = true;
    }
    return changed;
  }
}
