import { after, before, describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import { MessageBusDaemon, withoutMessageBus } from '../service/message-bus.ts';
import { until } from '../scenario/harness/until.ts';
import { Menu, Tray, app, nativeImage } from '../../portable/index.ts';
import { TrayHost } from './harness/tray-host.ts';

const waitMs = 10_000;

function picture(colour: number): ReturnType<typeof nativeImage.createEmpty> {
  const image = nativeImage.createEmpty();
  for (const side of [16, 22]) image.addRepresentation({ width: side, height: side, buffer: Buffer.alloc(side * side * 4, colour) });
  return image;
}

describe('a tray icon on the session bus', { skip: withoutMessageBus }, () => {
  let daemon: MessageBusDaemon;
  let host: TrayHost;

  before(async () => {
    daemon = await MessageBusDaemon.start();
    process.env['DBUS_SESSION_BUS_ADDRESS'] = daemon.address;
    host = await TrayHost.start(daemon.address);
    app.setName('Tidewatch');
  });

  after(async () => {
    await host[Symbol.asyncDispose]();
    await daemon[Symbol.asyncDispose]();
  });

  /** The tray and the name by which the host knows it. */
  async function appear(): Promise<{ readonly tray: Tray; readonly name: string }> {
    const known = host.registered.length;
    const tray = new Tray(picture(255));
    const name = await until('the item to register', waitMs, () => host.registered[known]);
    host.signals.length = 0;
    return { tray, name };
  }

  function heard(member: string): Promise<readonly unknown[]> {
    return until(`the signal ${member}`, waitMs, () => host.signals.find((signal) => signal.member === member)?.body);
  }

  test('registers by its well-known name alone, with its title and every size of its picture', async () => {
    const { tray, name } = await appear();
    assert.match(name, new RegExp(`^org\\.kde\\.StatusNotifierItem-${process.pid}-\\d+$`, 'u'));
    assert.equal(await host.read(name, 'Title'), 'Tidewatch');
    assert.equal(await host.read(name, 'Status'), 'Active');
    const pixmaps = (await host.read(name, 'IconPixmap')) as [number, number, Buffer][];
    assert.deepEqual(pixmaps.map(([width, height, bytes]) => [width, height, bytes.length]), [[16, 16, 1024], [22, 22, 1936]]);
    tray.destroy();
  });

  test('tells a new picture, and the host reads it', async () => {
    const { tray, name } = await appear();
    const next = nativeImage.createEmpty();
    next.addRepresentation({ width: 1, height: 1, buffer: Buffer.from([1, 2, 3, 255]) });
    tray.setImage(next);
    await heard('NewIcon');
    assert.deepEqual(await host.read(name, 'IconPixmap'), [[1, 1, Buffer.from([255, 3, 2, 1])]]);
    tray.destroy();
  });

  test('tells a tool tip once, with its first line as title and no markup from names', async () => {
    const { tray, name } = await appear();
    tray.setToolTip('Tidewatch\n<b>curl</b> & co');
    tray.setToolTip('Tidewatch\n<b>curl</b> & co');
    await heard('NewToolTip');
    assert.deepEqual(await host.read(name, 'ToolTip'), ['', [], 'Tidewatch', '&lt;b&gt;curl&lt;/b&gt; &amp; co']);
    assert.equal(host.signals.filter(({ member }) => member === 'NewToolTip').length, 1);
    tray.destroy();
  });

  test('emits click when the panel activates it', async () => {
    const { tray, name } = await appear();
    const clicked = new Promise((resolve) => tray.once('click', resolve));
    await host.activate(name);
    await clicked;
    tray.destroy();
  });

  test('shows a menu whose rows change in place, and lays it out anew only for another shape', async () => {
    const { tray, name } = await appear();
    const menu = Menu.buildFromTemplate([{ label: 'curl 1 MB/s' }, { type: 'separator' }, { label: 'Quit' }]);
    tray.setContextMenu(menu);
    await heard('LayoutUpdated');
    const root = await host.layout(name);
    assert.deepEqual(root.rows.map(({ properties }) => properties['label'] ?? properties['type']), ['curl 1 MB/s', 'separator', 'Quit']);
    host.signals.length = 0;
    const [first] = menu.items;
    assert.ok(first !== undefined);
    first.label = 'curl 2 MB/s';
    tray.setContextMenu(menu);
    assert.deepEqual(await heard('ItemsPropertiesUpdated'), [[[root.rows[0]?.number, { label: 'curl 2 MB/s' }]], []]);
    assert.deepEqual(host.signals.map(({ member }) => member), ['ItemsPropertiesUpdated']);
    tray.setContextMenu(menu);
    tray.setContextMenu(Menu.buildFromTemplate([{ label: 'Quit' }]));
    await heard('LayoutUpdated');
    assert.deepEqual((await host.layout(name)).rows.map(({ properties }) => properties['label']), ['Quit']);
    tray.destroy();
  });

  test('hears of clicks and of the menu’s opening, and survives an answer to a row that is gone', async () => {
    const { tray, name } = await appear();
    const heardOf: string[] = [];
    const menu = Menu.buildFromTemplate([{ label: 'More', submenu: [{ label: 'Quit', click: () => heardOf.push('clicked') }] }]);
    menu.on('menu-will-show', () => heardOf.push('opened'));
    menu.on('menu-will-close', () => heardOf.push('closed'));
    tray.setContextMenu(menu);
    await heard('LayoutUpdated');
    const quit = (await host.layout(name)).rows[0]?.rows[0];
    assert.ok(quit !== undefined);
    await host.happen(name, 0, 'opened');
    await host.happen(name, quit.number, 'clicked');
    await host.happen(name, 0, 'closed');
    await until('all three', waitMs, () => heardOf.length === 3);
    assert.deepEqual(heardOf, ['opened', 'clicked', 'closed']);
    await assert.rejects(host.happen(name, 4711, 'clicked'), /no row 4711/u);
    tray.destroy();
  });

  test('registers again with a panel that restarts', async () => {
    const { tray, name } = await appear();
    await host[Symbol.asyncDispose]();
    host = await TrayHost.start(daemon.address);
    await until('the item to come back', waitMs, () => host.registered.includes(name));
    tray.destroy();
  });

  test('is gone from the bus when it is destroyed', async () => {
    const { tray, name } = await appear();
    assert.equal(await host.bus.nameHasOwner(name), true);
    tray.destroy();
    assert.equal(tray.isDestroyed(), true);
    await until('the name to go', waitMs, async () => !(await host.bus.nameHasOwner(name)));
  });

  test('two icons of one program do not get in each other’s way', async () => {
    const first = await appear();
    const second = await appear();
    assert.notEqual(first.name, second.name);
    second.tray.setToolTip('second');
    await heard('NewToolTip');
    assert.deepEqual(await host.read(first.name, 'ToolTip'), ['', [], '', '']);
    first.tray.destroy();
    second.tray.destroy();
  });
});

test('without a session bus a tray icon is nowhere and harms nothing', async () => {
  delete process.env['DBUS_SESSION_BUS_ADDRESS'];
  const tray = new Tray(picture(0));
  tray.setToolTip('x');
  tray.setContextMenu(Menu.buildFromTemplate([{ label: 'x' }]));
  tray.setImage(picture(1));
  await new Promise((resolve) => setImmediate(resolve));
  tray.destroy();
  assert.equal(tray.isDestroyed(), true);
});
