import { test } from 'node:test';
import assert from 'node:assert/strict';
import { changedProperties, emptyRoot, flatten, hasOtherShape, layOut, toLayout } from '../../portable/bus/menu-layout.ts';
import type { Row } from '../../portable/bus/menu-layout.ts';
import { Menu, activate } from '../../portable/menu.ts';
import type { MenuItemConstructorOptions } from '../../portable/menu.ts';

function numbering(): () => number {
  let last = 0;
  return () => (last += 1);
}

function layOutAll(templates: readonly (readonly MenuItemConstructorOptions[])[]): readonly Row[] {
  const next = numbering();
  let root = emptyRoot;
  return templates.map((template) => (root = layOut(Menu.buildFromTemplate(template), root, next)));
}

test('a row whose label changes keeps its number, and only the label is told', () => {
  const [before, now] = layOutAll([
    [{ label: 'curl 1 MB/s' }, { type: 'separator' }, { label: 'More', submenu: [{ label: 'Quit' }] }],
    [{ label: 'curl 2 MB/s' }, { type: 'separator' }, { label: 'More', submenu: [{ label: 'Quit' }] }],
  ]);
  assert.ok(before !== undefined && now !== undefined);
  assert.equal(hasOtherShape(before, now), false);
  const changed = changedProperties(before, now);
  assert.deepEqual(changed.map(([number, properties]) => [number, Object.keys(properties)]), [[1, ['label']]]);
});

test('a row that becomes another kind gets a new number, and the shape is another', () => {
  const [before, now] = layOutAll([[{ label: 'a' }, { label: 'b' }], [{ label: 'a' }, { type: 'separator' }]]);
  assert.ok(before !== undefined && now !== undefined);
  assert.equal(hasOtherShape(before, now), true);
  assert.deepEqual(flatten(now).map(({ number }) => number), [0, 1, 3]);
});

test('a row more or less is another shape, and the rows before it keep their numbers', () => {
  const [before, now] = layOutAll([[{ label: 'a' }], [{ label: 'a' }, { label: 'b' }]]);
  assert.ok(before !== undefined && now !== undefined);
  assert.equal(hasOtherShape(before, now), true);
  assert.deepEqual(now.rows.map(({ number }) => number), [1, 2]);
});

test('an underline of a name is an underline in the menu, and Electron’s & marks the letter to press', () => {
  const [root] = layOutAll([[{ label: 'my_app' }, { label: '&Quit' }, { label: 'Down && up' }]]);
  assert.deepEqual(root?.rows.map(({ properties }) => properties['label']?.value), ['my__app', '_Quit', 'Down & up']);
});

test('a layout is told to the depth and with the properties that were asked for', () => {
  const [root] = layOutAll([[{ label: 'More', submenu: [{ label: 'Quit' }] }]]);
  assert.ok(root !== undefined);
  assert.equal(toLayout(root, 0, [])[2].length, 0);
  const [, properties, rows] = toLayout(root.rows[0] ?? root, 1, ['label']);
  assert.deepEqual([Object.keys(properties), rows.length], [['label'], 1]);
});

test('a click ticks a box before it is told, and does nothing to a row that is off', () => {
  const clicks: boolean[] = [];
  const menu = Menu.buildFromTemplate([{ type: 'checkbox', label: 'Pause', click: (item) => clicks.push(item.checked) }]);
  const [item] = menu.items;
  assert.ok(item !== undefined);
  activate(menu, item);
  item.enabled = false;
  activate(menu, item);
  assert.deepEqual(clicks, [true]);
});

test('a radio row is chosen among the unbroken run that it stands in', () => {
  const radio = (label: string, checked: boolean): MenuItemConstructorOptions => ({ type: 'radio', label, checked });
  const menu = Menu.buildFromTemplate([radio('a', true), radio('b', false), { type: 'separator' }, radio('c', true)]);
  const [, second] = menu.items;
  assert.ok(second !== undefined);
  activate(menu, second);
  assert.deepEqual(menu.items.map(({ checked }) => checked), [false, true, false, true]);
});

test('a row is found by its id at any depth', () => {
  const menu = Menu.buildFromTemplate([{ label: 'More', submenu: [{ id: 'quit', label: 'Quit' }] }]);
  assert.equal(menu.getMenuItemById('quit')?.label, 'Quit');
  assert.equal(menu.getMenuItemById('none'), null);
});

test('a menu of a mistake’s length is refused', () => {
  assert.throws(() => Menu.buildFromTemplate(Array.from({ length: 501 }, () => ({ label: 'x' }))), RangeError);
});
