import { EventEmitter } from 'node:events';

export type MenuItemType = 'normal' | 'separator' | 'submenu' | 'checkbox' | 'radio';

export interface MenuItemConstructorOptions {
  readonly id?: string;
  readonly type?: MenuItemType;
  readonly label?: string;
  readonly enabled?: boolean;
  readonly visible?: boolean;
  readonly checked?: boolean;
  readonly submenu?: readonly MenuItemConstructorOptions[] | Menu;
  readonly click?: (menuItem: MenuItem, window: undefined, event: object) => void;
}

/** A menu of a person's length; one of a mistake's length would stop the panel. */
const maximumItems = 500;

/** One row of a menu. What is set here is shown once the menu is set again (as on Linux in Electron). */
export class MenuItem {
  readonly id: string;
  readonly type: MenuItemType;
  label: string;
  enabled: boolean;
  visible: boolean;
  checked: boolean;
  readonly submenu: Menu | undefined;
  readonly click: () => void;

  constructor(options: MenuItemConstructorOptions) {
    const { submenu } = options;
    this.id = options.id ?? '';
    this.type = options.type ?? (submenu === undefined ? 'normal' : 'submenu');
    this.label = options.label ?? '';
    this.enabled = options.enabled ?? true;
    this.visible = options.visible ?? true;
    this.checked = options.checked ?? false;
    this.submenu = submenu === undefined || submenu instanceof Menu ? submenu : Menu.buildFromTemplate(submenu);
    this.click = () => options.click?.(this, undefined, {});
  }
}

/** Rows of a tray's menu. Emits `menu-will-show` and `menu-will-close` when the panel says so. */
export class Menu extends EventEmitter {
  items: MenuItem[] = [];

  /** @throws RangeError for more than 500 rows. */
  static buildFromTemplate(template: readonly (MenuItemConstructorOptions | MenuItem)[]): Menu {
    if (template.length > maximumItems) throw new RangeError(`a menu of ${template.length} rows`);
    const menu = new Menu();
    menu.items = template.map((options) => (options instanceof MenuItem ? options : new MenuItem(options)));
    return menu;
  }

  /** Windows in app mode have no menu bar: there is nothing to take away. */
  static setApplicationMenu(_menu: null): void {}

  getMenuItemById(id: string): MenuItem | null {
    for (const item of this.items) {
      if (item.id === id) return item;
      const found = item.submenu?.getMenuItemById(id) ?? null;
      if (found !== null) return found;
    }
    return null;
  }
}

/** What a click does before the row's own `click`: a box is ticked, a radio row is chosen among its neighbours. */
export function activate(menu: Menu, item: MenuItem): void {
  if (!item.enabled || !item.visible) return;
  if (item.type === 'checkbox') item.checked = !item.checked;
  if (item.type === 'radio') for (const other of radioGroup(menu, item)) other.checked = other === item;
  item.click();
}

/** The unbroken run of radio rows that an item stands in. */
function radioGroup({ items }: Menu, item: MenuItem): readonly MenuItem[] {
  const at = items.indexOf(item);
  const before = items.slice(0, at).findLastIndex(({ type }) => type !== 'radio');
  const after = items.findIndex(({ type }, index) => index > at && type !== 'radio');
  return items.slice(before + 1, after === -1 ? items.length : after);
}
