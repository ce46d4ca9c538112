import { createClient, toPlain, Variant } from 'dbus-native';
import type { MessageBus } from 'dbus-native';
import { z } from 'zod';
import { until } from '../../scenario/harness/until.ts';

/** The tray as a panel sees it: the item that is registered on the session bus, its menu, and what a click does. */

const watcher = { destination: 'org.kde.StatusNotifierWatcher', path: '/StatusNotifierWatcher' } as const;
const itemPath = '/StatusNotifierItem';
const menuInterface = 'com.canonical.dbusmenu';

const Properties = z.record(z.string(), z.unknown());

interface LayoutRow {
  readonly id: number;
  readonly properties: Readonly<Record<string, unknown>>;
  readonly children: readonly LayoutRow[];
}

const Layout: z.ZodType<LayoutRow> = z.lazy(() =>
  z.tuple([z.number(), Properties, z.array(Layout)]).transform(([id, properties, children]) => ({ id, properties, children })),
);

/** One row of the menu that a person can see. */
export interface MenuRow {
  readonly id: number;
  readonly label: string;
}

function shown({ properties, children }: LayoutRow): readonly MenuRow[] {
  void properties;
  return children.flatMap((child) => {
    const label = child.properties['label'];
    const isShown = child.properties['visible'] !== false && child.properties['type'] !== 'separator';
    return isShown && typeof label === 'string' ? [{ id: child.id, label: label.replaceAll('__', '_') }, ...shown(child)] : [];
  });
}

export class TrayHost implements AsyncDisposable {
  readonly #bus: MessageBus;
  #newIcons: number | null = null;

  constructor(busAddress: string) {
    this.#bus = createClient({ busAddress, authMethods: ['EXTERNAL'] });
    this.#bus.connection.on('error', () => undefined);
  }

  /** Bus names of the items that are registered now. */
  async items(): Promise<readonly string[]> {
    const items = await this.#read(watcher.destination, watcher.path, [watcher.destination, 'RegisteredStatusNotifierItems']);
    return z.array(z.string()).parse(items).map((item) => item.split('/')[0] ?? item);
  }

  /** The one item of this session. */
  async item(): Promise<string> {
    return await until('an item in the tray', 20_000, async () => (await this.items().catch(() => []))[0]);
  }

  async toolTip(): Promise<string> {
    const text = await this.#read(await this.item(), itemPath, ['org.kde.StatusNotifierItem', 'ToolTip']);
    const [, , title, lines] = z.tuple([z.string(), z.unknown(), z.string(), z.string()]).parse(text);
    return `${title}\n${lines}`;
  }

  /** The rows of the menu that can be seen, from the top. */
  async menu(): Promise<readonly MenuRow[]> {
    const answer = await this.#invoke(await this.item(), menuInterface, 'GetLayout', 'iias', [0, -1, []]);
    const layout = Array.isArray(answer) && answer.length === 2 && typeof answer[0] === 'number' && Array.isArray(answer[1]) ? answer[1] : answer;
    return shown(Layout.parse(layout));
  }

  /** Waits for a row whose label fits, and returns it. */
  async row(label: RegExp, within = 15_000): Promise<MenuRow> {
    let last: readonly MenuRow[] = [];
    try {
      return await until(`a row ${String(label)}`, within, async () => {
        last = await this.menu();
        return last.find((row) => label.test(row.label));
      });
    } catch (error) {
      throw new Error(`the menu has ${JSON.stringify(last.map((row) => row.label))}`, { cause: error });
    }
  }

  /** As a person does: opens the menu, clicks the row, and the menu closes. */
  async click(label: RegExp): Promise<void> {
    const { id } = await this.row(label);
    await this.event(0, 'opened');
    await this.event(id, 'clicked');
    // A click on "Quit" takes the menu away before it closes.
    await this.event(0, 'closed').catch(() => undefined);
  }

  async event(id: number, name: 'opened' | 'closed' | 'clicked'): Promise<void> {
    await this.#invoke(await this.item(), menuInterface, 'Event', 'isvu', [id, name, new Variant('s', ''), 0]);
  }

  /** A click on the icon itself. */
  async activate(): Promise<void> {
    const destination = await this.item();
    await this.#bus.invoke({ destination, path: itemPath, interface: 'org.kde.StatusNotifierItem', member: 'Activate', signature: 'ii', body: [0, 0] });
  }

  /** How often items have said since this was first asked that they look different. */
  async newIcons(): Promise<number> {
    if (this.#newIcons === null) {
      this.#newIcons = 0;
      this.#bus.connection.on('message', ({ member }) => {
        if (member === 'NewIcon' && this.#newIcons !== null) this.#newIcons += 1;
      });
      await this.#bus.addMatch("type='signal',interface='org.kde.StatusNotifierItem',member='NewIcon'");
    }
    return this.#newIcons;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#bus.close();
  }

  async #read(destination: string, path: string, body: readonly [string, string]): Promise<unknown> {
    const value = await this.#bus.invoke<unknown>({ destination, path, interface: 'org.freedesktop.DBus.Properties', member: 'Get', signature: 'ss', body: [...body] });
    return toPlain(value);
  }

  async #invoke(destination: string, interfaceName: string, member: string, signature: string, body: readonly unknown[]): Promise<unknown> {
    const path = interfaceName === menuInterface ? '/MenuBar' : itemPath;
    return toPlain(await this.#bus.invoke<unknown>({ destination, path, interface: interfaceName, member, signature, body: [...body] }));
  }
}
