import { Variant, defineInterface } from 'dbus-native';
import type { DefinedInterface, MessageBus } from 'dbus-native';
import { activate } from '../menu.ts';
import type { Menu } from '../menu.ts';
import { changedProperties, emptyRoot, flatten, hasOtherShape, layOut, selectProperties, toLayout } from './menu-layout.ts';
import type { Properties, Row } from './menu-layout.ts';

/** Where Chromium and Qt put it, too. */
export const menuPath = '/MenuBar';
const protocolVersion = 3;

interface Happening {
  readonly id: number;
  readonly eventId: string;
}

/** After the reply: what the program's own listeners throw is the program's trouble, not the panel's. */
function emitLater(menu: Menu | null, event: 'menu-will-show' | 'menu-will-close'): void {
  if (menu !== null) setImmediate(() => menu.emit(event, {}));
}

/**
 * A menu as com.canonical.dbusmenu (the interface's XML in libdbusmenu says what each member means). The panel asks for rows by
 * number and tells what was clicked; what changes in place is told as properties, and only another shape as a new layout.
 */
export class MenuOnBus {
  readonly #interface: DefinedInterface;
  #root: Row = emptyRoot;
  #revision = 1;
  #lastNumber = 0;
  /** Rows whose menus the panel said it will show: some panels say so and then `opened`, others (Xfce's) say only this. */
  readonly #announced = new Set<number>();

  constructor() {
    this.#interface = defineInterface({
      name: 'com.canonical.dbusmenu',
      properties: {
        Version: { type: 'u', access: 'read', value: protocolVersion },
        TextDirection: { type: 's', access: 'read', value: 'ltr' },
        Status: { type: 's', access: 'read', value: 'normal' },
        IconThemePath: { type: 'as', access: 'read', value: [] },
      },
      signals: {
        ItemsPropertiesUpdated: { args: { updatedProps: 'a(ia{sv})', removedProps: 'a(ias)' } },
        LayoutUpdated: { args: { revision: 'u', parent: 'i' } },
        ItemActivationRequested: { args: { id: 'i', timestamp: 'u' } },
      },
      methods: {
        GetLayout: {
          in: { parentId: 'i', recursionDepth: 'i', propertyNames: 'as' },
          out: { revision: 'u', layout: '(ia{sv}av)' },
          handler: ({ parentId, recursionDepth, propertyNames }: { parentId: number; recursionDepth: number; propertyNames: string[] }) => ({
            revision: this.#revision,
            layout: toLayout(this.#row(parentId), recursionDepth, propertyNames),
          }),
        },
        GetGroupProperties: {
          in: { ids: 'ai', propertyNames: 'as' },
          out: { properties: 'a(ia{sv})' },
          handler: ({ ids, propertyNames }: { ids: number[]; propertyNames: string[] }) => this.#properties(ids, propertyNames),
        },
        GetProperty: {
          in: { id: 'i', name: 's' },
          out: { value: 'v' },
          handler: ({ id, name }: { id: number; name: string }) => this.#row(id).properties[name] ?? new Variant('s', ''),
        },
        Event: {
          in: { id: 'i', eventId: 's', data: 'v', timestamp: 'u' },
          handler: (happening: Happening) => this.#happen(happening),
        },
        EventGroup: {
          in: { events: 'a(isvu)' },
          out: { idErrors: 'ai' },
          handler: ({ events }: { events: (readonly [number, string])[] }) => this.#happenAll(events),
        },
        AboutToShow: {
          in: { id: 'i' },
          out: { needUpdate: 'b' },
          handler: ({ id }: { id: number }) => {
            this.#announce([id]);
            return false;
          },
        },
        AboutToShowGroup: {
          in: { ids: 'ai' },
          out: { updatesNeeded: 'ai', idErrors: 'ai' },
          handler: ({ ids }: { ids: number[] }) => ({ updatesNeeded: [], idErrors: this.#announce(ids) }),
        },
      },
    });
  }

  async export(client: MessageBus): Promise<void> {
    await client.export(menuPath, this.#interface);
  }

  /** Shows this menu from now on; null is an empty one. May be called before `export`. */
  set(menu: Menu | null, isExported: boolean): void {
    const before = this.#root;
    this.#root = layOut(menu, before, () => (this.#lastNumber += 1));
    if (!isExported) return;
    if (hasOtherShape(before, this.#root)) {
      this.#revision += 1;
      this.#emit('LayoutUpdated', this.#revision, 0);
      return;
    }
    const changed = changedProperties(before, this.#root);
    if (changed.length > 0) this.#emit('ItemsPropertiesUpdated', changed, []);
  }

  #emit(signal: 'LayoutUpdated' | 'ItemsPropertiesUpdated', ...values: readonly unknown[]): void {
    this.#interface.emit[signal]?.(...values);
  }

  /** @throws RangeError, which the panel gets as an error reply: it asked for a row of an older layout. */
  #row(number: number): Row {
    const row = this.#find(number);
    if (row === undefined) throw new RangeError(`no row ${number}`);
    return row;
  }

  #find(number: number): Row | undefined {
    return flatten(this.#root).find((row) => row.number === number);
  }

  #properties(numbers: readonly number[], names: readonly string[]): readonly (readonly [number, Properties])[] {
    const rows = flatten(this.#root).filter(({ number }) => numbers.length === 0 || numbers.includes(number));
    return rows.map((row) => [row.number, selectProperties(row, names)]);
  }

  /** Tells that menus will be shown, and gives back the numbers that no row has. */
  #announce(numbers: readonly number[]): readonly number[] {
    const rows = numbers.flatMap((number) => this.#find(number) ?? []);
    for (const { number, menu } of rows) {
      this.#announced.add(number);
      emitLater(menu, 'menu-will-show');
    }
    return numbers.filter((number) => !rows.some((row) => row.number === number));
  }

  #happen({ id, eventId }: Happening): void {
    const { place, menu } = this.#row(id);
    if (eventId === 'opened' && !this.#announced.delete(id)) emitLater(menu, 'menu-will-show');
    if (eventId === 'closed') emitLater(menu, 'menu-will-close');
    if (eventId !== 'clicked' || place === null) return;
    setImmediate(() => activate(place.menu, place.item));
    // A click closes the menu: who never says `opened` does not say `closed`, either.
    for (const number of this.#announced) emitLater(this.#find(number)?.menu ?? null, 'menu-will-close');
    this.#announced.clear();
  }

  /** The numbers that no row has. */
  #happenAll(happenings: readonly (readonly [number, string])[]): readonly number[] {
    const known = happenings.filter(([id]) => this.#find(id) !== undefined);
    for (const [id, eventId] of known) this.#happen({ id, eventId });
    return happenings.filter(([id]) => this.#find(id) === undefined).map(([id]) => id);
  }
}
