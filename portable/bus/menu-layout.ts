import { Variant } from 'dbus-native';
import type { Menu, MenuItem } from '../menu.ts';

export type Properties = Readonly<Record<string, Variant>>;

/** A row with the number by which the panel knows it; the root is number 0 and holds the first level. */
export interface Row {
  readonly number: number;
  /** The row itself and the menu that it stands in; null for the root. */
  readonly place: { readonly item: MenuItem; readonly menu: Menu } | null;
  readonly menu: Menu | null;
  readonly properties: Properties;
  readonly rows: readonly Row[];
}

/** In dbusmenu `_` marks the letter to press and `__` is an underline; in Electron `&` marks it and `&&` is an ampersand. */
function toLabel(text: string): string {
  return text.replaceAll('_', '__').replaceAll(/&(?<next>&?)/gu, (_match, next: string) => (next === '' ? '_' : '&'));
}

function propertiesOf(item: MenuItem): Properties {
  const visible = new Variant('b', item.visible);
  if (item.type === 'separator') return { type: new Variant('s', 'separator'), visible };
  const common = { label: new Variant('s', toLabel(item.label)), enabled: new Variant('b', item.enabled), visible };
  switch (item.type) {
    case 'normal':
      return common;
    case 'submenu':
      return { ...common, 'children-display': new Variant('s', 'submenu') };
    case 'checkbox':
    case 'radio':
      return {
        ...common,
        'toggle-type': new Variant('s', item.type === 'radio' ? 'radio' : 'checkmark'),
        'toggle-state': new Variant('i', item.checked ? 1 : 0),
      };
  }
}

/** Rows of one kind can be told anew in place: kind is what a panel builds another widget for. */
function kindOf(row: Row): string {
  return row.place?.item.type ?? 'root';
}

/**
 * The rows of a menu. A row at the same place and of the same kind as in `before` keeps its number, so that a menu that is open
 * stays open while its labels change. `nextNumber` gives numbers that no row had.
 */
export function layOut(menu: Menu | null, before: Row, nextNumber: () => number): Row {
  return { number: before.number, place: before.place, menu, properties: before.properties, rows: rowsOf(menu, before.rows, nextNumber) };
}

function rowsOf(menu: Menu | null, before: readonly Row[], nextNumber: () => number): readonly Row[] {
  if (menu === null) return [];
  return menu.items.map((item, index) => {
    const old = before[index];
    const isSame = old !== undefined && kindOf(old) === item.type;
    const submenu = item.submenu ?? null;
    return {
      number: isSame ? old.number : nextNumber(),
      place: { item, menu },
      menu: submenu,
      properties: propertiesOf(item),
      rows: rowsOf(submenu, isSame ? old.rows : [], nextNumber),
    };
  });
}

export const emptyRoot: Row = { number: 0, place: null, menu: null, properties: { 'children-display': new Variant('s', 'submenu') }, rows: [] };

/** All rows, the given one first. */
export function flatten(row: Row): readonly Row[] {
  return [row, ...row.rows.flatMap(flatten)];
}

/** Whether the panel has to build the menu anew. */
export function hasOtherShape(before: Row, now: Row): boolean {
  if (before.number !== now.number || before.rows.length !== now.rows.length) return true;
  return before.rows.some((row, index) => {
    const other = now.rows[index];
    return other === undefined || hasOtherShape(row, other);
  });
}

/** The properties that changed, by row; shapes must be the same. */
export function changedProperties(before: Row, now: Row): readonly (readonly [number, Properties])[] {
  const old = new Map(flatten(before).map((row) => [row.number, row.properties]));
  return flatten(now).flatMap(({ number, properties }) => {
    const changed = Object.entries(properties).filter(([name, { value }]) => old.get(number)?.[name]?.value !== value);
    return changed.length === 0 ? [] : [[number, Object.fromEntries(changed)] as const];
  });
}

/** A row in the form of GetLayout's `(ia{sv}av)`, to a depth (−1: all of it), with the named properties (none named: all). */
export function toLayout(row: Row, depth: number, names: readonly string[]): readonly [number, Properties, readonly Variant[]] {
  const rows = depth === 0 ? [] : row.rows.map((child) => new Variant('(ia{sv}av)', toLayout(child, depth - 1, names)));
  return [row.number, selectProperties(row, names), rows];
}

export function selectProperties({ properties }: Row, names: readonly string[]): Properties {
  if (names.length === 0) return properties;
  return Object.fromEntries(Object.entries(properties).filter(([name]) => names.includes(name)));
}
