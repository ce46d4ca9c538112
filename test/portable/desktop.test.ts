import { after, before, describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import { existsSync } from 'node:fs';
import { Screen, differing, panelArea } from '../e2e/harness/screen.ts';
import { until } from '../scenario/harness/until.ts';
import { Menu, Notification, Tray, app, nativeImage } from '../../portable/index.ts';

const waitMs = 30_000;
const lacking = ['/usr/bin/Xvfb', '/usr/bin/openbox', '/usr/bin/xfce4-panel', '/usr/share/dbus-1/services/org.xfce.xfce4-notifyd.Notifications.service', '/usr/bin/xdotool', '/usr/bin/import'].filter(
  (file) => !existsSync(file),
);
const pending = lacking.length === 0 ? false : `pending: needs ${lacking.join(', ')}`;

const secondTryMs = 3000;

interface Point {
  readonly x: number;
  readonly y: number;
}

type Colour = readonly [red: number, green: number, blue: number];
const orange: Colour = [255, 128, 0];
const green: Colour = [0, 200, 80];

function filled([red, green, blue]: Colour): ReturnType<typeof nativeImage.createEmpty> {
  const image = nativeImage.createEmpty();
  for (const side of [16, 22, 24, 32]) {
    const buffer = Buffer.alloc(side * side * 4);
    for (let at = 0; at < buffer.length; at += 4) buffer.set([blue, green, red, 255], at);
    image.addRepresentation({ scaleFactor: side / 16, width: side, height: side, buffer });
  }
  return image;
}

describe('on Xfce’s own panel and notification service', { skip: pending, timeout: 120_000 }, () => {
  let desktop: Screen;

  before(async () => {
    desktop = await Screen.open();
    Object.assign(process.env, desktop.environment);
    app.setName('Tidewatch');
    await app.whenReady();
  });

  after(async () => {
    await desktop[Symbol.asyncDispose]();
  });

  /** Clicks until that has its effect, as a person does when what is clicked was not there yet. */
  async function click(button: 1 | 3, place: () => Point, hasEffect: () => boolean): Promise<void> {
    for (let tries = 0; tries < 10 && !hasEffect(); tries += 1) {
      const { x, y } = place();
      desktop.xdotool('mousemove', String(x), String(y));
      desktop.xdotool('click', String(button));
      await until('its effect', secondTryMs, hasEffect).catch(() => undefined);
    }
    assert.ok(hasEffect(), 'ten clicks had no effect');
  }

  /** Pixels of the panel in that very colour. */
  function inPanel(colour: Colour): number {
    const { bytes } = desktop.pixels(panelArea);
    let count = 0;
    for (let at = 0; at < bytes.length; at += 3) if (colour.every((part, index) => bytes[at + index] === part)) count += 1;
    return count;
  }

  test('the icon comes with its panel, is drawn anew when it changes, comes back with a panel that crashed, and goes', async () => {
    const tray = new Tray(filled(orange));
    await desktop.startPanel();
    await until('the icon', waitMs, () => inPanel(orange) >= 16 * 16);
    tray.setImage(filled(green));
    await until('the new picture', waitMs, () => inPanel(green) >= 16 * 16 && inPanel(orange) === 0);
    await desktop.killPanel();
    await until('the panel to go', waitMs, () => inPanel(green) === 0);
    await desktop.startPanel();
    await until('the icon again', waitMs, () => inPanel(green) >= 16 * 16);
    tray.destroy();
    await until('the icon to go', waitMs, () => inPanel(green) === 0);
  });

  test('the menu opens under the pointer, stays open while a label changes, and its click arrives', async () => {
    const tray = new Tray(filled(orange));
    const clicks: string[] = [];
    const menu = Menu.buildFromTemplate([{ id: 'rate', label: 'curl 1 MB/s' }, { label: 'Open', click: () => clicks.push('open') }]);
    tray.setContextMenu(menu);
    await until('the icon', waitMs, () => inPanel(orange) >= 16 * 16);
    let isOpen = false;
    menu.once('menu-will-show', () => (isOpen = true));
    const closed = new Promise((resolve) => menu.once('menu-will-close', resolve));
    // The tray stands at the panel's left, and this is the only icon in it.
    await click(3, () => ({ x: 16, y: 15 }), () => isOpen);
    const area = { x: 0, y: 30, width: 1400, height: 200 };
    const before = await until('the menu on the screen', waitMs, () => (desktop.pixels(area).bytes.some((value) => value > 100) ? desktop.pixels(area) : null));
    const rate = menu.getMenuItemById('rate');
    assert.ok(rate !== null);
    rate.label = 'curl 999 MB/s';
    tray.setContextMenu(menu);
    const after = await until('the new label on the screen', waitMs, () => (differing(before, desktop.pixels(area)) > 0 ? desktop.pixels(area) : null));
    assert.ok(after.bytes.some((value) => value > 100), 'the menu is still open');
    desktop.xdotool('key', 'Down', 'Down', 'Return');
    await until('the click', waitMs, () => clicks.length === 1);
    await closed;
    tray.destroy();
  });

  test('a notification is shown by the real service, replaced in place, and closed by the program', async () => {
    assert.equal(Notification.isSupported(), true);
    const notification = new Notification({ title: 'steam is downloading', body: '45 MB/s', timeoutType: 'never', actions: [{ type: 'button', text: 'Snooze 1 h' }] });
    const events: string[] = [];
    for (const event of ['show', 'close', 'failed']) notification.on(event, () => events.push(event));
    notification.show();
    const bubbles = (): number => desktop.visibleWindows('xfce4-notifyd').length;
    await until('the bubble', waitMs, () => events.includes('show') && bubbles() === 1);
    notification.body = '60 MB/s';
    notification.show();
    await until('the second showing', waitMs, () => events.filter((event) => event === 'show').length === 2);
    assert.equal(bubbles(), 1);
    notification.close();
    await until('the bubble to go', waitMs, () => events.includes('close') && bubbles() === 0);
    assert.deepEqual(events, ['show', 'show', 'close']);
  });

  test('its button arrives', async () => {
    const notification = new Notification({ title: 'steam is downloading', timeoutType: 'never', actions: [{ type: 'button', text: 'Snooze 1 h' }] });
    const acted: number[] = [];
    notification.once('action', (_event: unknown, index: number) => acted.push(index));
    notification.show();
    const [id = ''] = await until('the bubble', waitMs, () => {
      const found = desktop.visibleWindows('xfce4-notifyd');
      return found.length > 0 ? found : null;
    });
    // The one button stands below the words, at the right.
    const button = (): Point => {
      const geometry = desktop.xdotool('getwindowgeometry', '--shell', id);
      const side = (name: string): number => Number(new RegExp(`${name}=(\\d+)`, 'u').exec(geometry)?.[1]);
      return { x: side('X') + side('WIDTH') - 50, y: side('Y') + side('HEIGHT') - 30 };
    };
    await click(1, button, () => acted.length > 0);
    assert.deepEqual(acted, [0]);
  });
});
