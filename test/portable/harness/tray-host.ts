import { Variant, createClient, defineInterface } from 'dbus-native';
import type { MessageBus } from 'dbus-native';

const watcher = 'org.kde.StatusNotifierWatcher';
const item = 'org.kde.StatusNotifierItem';
const menu = 'com.canonical.dbusmenu';
const signalType = 4;

/** A row of a menu as GetLayout tells it, its variants taken out. */
export interface LaidOutRow {
  readonly number: number;
  readonly properties: Readonly<Record<string, unknown>>;
  readonly rows: readonly LaidOutRow[];
}

type Layout = readonly [number, Readonly<Record<string, unknown>>, readonly Layout[]];

function toRow([number, properties, rows]: Layout): LaidOutRow {
  return { number, properties, rows: rows.map(toRow) };
}

/** A watcher and host of a tray that shows nothing and tells what a panel would learn. */
export class TrayHost implements AsyncDisposable {
  readonly bus: MessageBus;
  /** Names that items registered, in the order in which they came. */
  readonly registered: string[] = [];
  /** Members of the signals of items and menus, with their bodies. */
  readonly signals: { readonly member: string; readonly body: readonly unknown[] }[] = [];

  private constructor(bus: MessageBus) {
    this.bus = bus;
  }

  static async start(address: string): Promise<TrayHost> {
    const host = new TrayHost(createClient({ busAddress: address, authMethods: ['EXTERNAL'] }));
    await host.#watch();
    return host;
  }

  async read(name: string, property: string): Promise<unknown> {
    return await host(this.bus, { destination: name, path: '/StatusNotifierItem', interface: 'org.freedesktop.DBus.Properties', member: 'Get', signature: 'ss', body: [item, property] });
  }

  async activate(name: string): Promise<void> {
    await host(this.bus, { destination: name, path: '/StatusNotifierItem', interface: item, member: 'Activate', signature: 'ii', body: [0, 0] });
  }

  async layout(name: string): Promise<LaidOutRow> {
    const [, layout] = await new Promise<[number, Layout]>((resolve, reject) => {
      this.bus.invoke({ destination: name, path: '/MenuBar', interface: menu, member: 'GetLayout', signature: 'iias', body: [0, -1, []] }, (error, revision: number, root: Layout) =>
        error === null ? resolve([revision, root]) : reject(error),
      );
    });
    return toRow(layout);
  }

  async happen(name: string, number: number, what: 'clicked' | 'opened' | 'closed'): Promise<void> {
    await host(this.bus, { destination: name, path: '/MenuBar', interface: menu, member: 'Event', signature: 'isvu', body: [number, what, new Variant('i', 0), 0] });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.bus.close();
  }

  async #watch(): Promise<void> {
    await this.bus.export(
      '/StatusNotifierWatcher',
      defineInterface({
        name: watcher,
        properties: {
          IsStatusNotifierHostRegistered: { type: 'b', access: 'read', value: true },
          ProtocolVersion: { type: 'i', access: 'read', value: 0 },
        },
        methods: { RegisterStatusNotifierItem: { in: { service: 's' }, handler: ({ service }: { service: string }) => void this.registered.push(service) } },
      }),
    );
    this.bus.connection.on('message', ({ type, interface: interfaceName, member, body }) => {
      if (type === signalType && (interfaceName === item || interfaceName === menu)) this.signals.push({ member: member ?? '', body: body ?? [] });
    });
    for (const name of [item, menu]) await this.bus.addMatch(`type='signal',interface='${name}'`);
    await this.bus.requestName(watcher, 0);
  }
}

function host(bus: MessageBus, message: Parameters<MessageBus['invoke']>[0]): Promise<unknown> {
  return bus.invoke<unknown>(message).then((value) => value);
}
