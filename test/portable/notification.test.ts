import { after, before, describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { createClient } from 'dbus-native';
import { MessageBusDaemon, withoutMessageBus } from '../service/message-bus.ts';
import { until } from '../scenario/harness/until.ts';
import { Notification, app } from '../../portable/index.ts';
import { NotificationDaemon } from './harness/notification-daemon.ts';

const waitMs = 10_000;

/** Settles with what the next event of that name carries. */
function next(notification: Notification, event: string): Promise<readonly unknown[]> {
  return new Promise((resolve) => notification.once(event, (...values: unknown[]) => resolve(values)));
}

async function shown(notification: Notification): Promise<void> {
  const told = next(notification, 'show');
  notification.show();
  await told;
}

describe('a notification on the session bus', { skip: withoutMessageBus }, () => {
  let bus: MessageBusDaemon;
  let daemon: NotificationDaemon;

  before(async () => {
    bus = await MessageBusDaemon.start();
    process.env['DBUS_SESSION_BUS_ADDRESS'] = bus.address;
    process.env['DBUS_SYSTEM_BUS_ADDRESS'] = 'unix:path=/nowhere';
    daemon = new NotificationDaemon(bus.address);
    app.setName('Tidewatch');
    await app.whenReady();
  });

  after(async () => {
    await daemon[Symbol.asyncDispose]();
    await bus[Symbol.asyncDispose]();
  });

  test('without a service none is supported, and showing one fails with a reason', async () => {
    assert.equal(Notification.isSupported(), false);
    const notification = new Notification({ title: 'x' });
    const failed = next(notification, 'failed');
    notification.show();
    assert.deepEqual(await failed, [{}, 'This desktop shows no notifications.']);
  });

  test('is supported as soon as a service comes', async () => {
    await daemon.start();
    await until('the service to be met', waitMs, () => Notification.isSupported());
  });

  test('is shown with its words, its buttons and its urgency, and no markup from names', async () => {
    const notification = new Notification({ title: 'steam', body: '45 MB/s from <b>x</b>', urgency: 'critical', timeoutType: 'never', actions: [{ type: 'button', text: 'Snooze 1 h' }] });
    await shown(notification);
    const last = daemon.shown.at(-1);
    assert.deepEqual(last, {
      number: last?.number,
      replaces: 0,
      appName: 'Tidewatch',
      title: 'steam',
      body: '45 MB/s from &lt;b&gt;x&lt;/b&gt;',
      actions: ['default', '', 'action-0', 'Snooze 1 h'],
      urgency: 2,
      expireMs: 0,
    });
  });

  test('shown again, it takes its own place with its new words', async () => {
    const notification = new Notification({ title: 'first' });
    await shown(notification);
    const first = daemon.shown.at(-1);
    notification.title = 'second';
    await shown(notification);
    const second = daemon.shown.at(-1);
    assert.deepEqual([second?.number, second?.replaces, second?.title], [first?.number, first?.number, 'second']);
  });

  test('shown twice at once, the second still takes the first one’s place', async () => {
    const before = daemon.shown.length;
    const notification = new Notification({ title: 'x' });
    notification.show();
    notification.show();
    const [first, second] = await until('both', waitMs, () => (daemon.shown.length === before + 2 ? daemon.shown.slice(before) : null));
    assert.equal(second?.replaces, first?.number);
  });

  test('tells a click, and which button was pressed', async () => {
    const notification = new Notification({ title: 'x', actions: [{ type: 'button', text: 'a' }, { type: 'button', text: 'b' }] });
    await shown(notification);
    const number = daemon.shown.at(-1)?.number ?? 0;
    const clicked = next(notification, 'click');
    daemon.act(number, 'default');
    await clicked;
    const acted = next(notification, 'action');
    daemon.act(number, 'action-1');
    assert.deepEqual(await acted, [{ actionIndex: 1, selectionIndex: -1 }, 1, -1]);
  });

  test('is closed by the program, and tells who closed it', async () => {
    for (const [code, reason] of [[1, 'timedOut'], [2, 'userCanceled'], [3, 'applicationHidden']] as const) {
      const notification = new Notification({ title: 'x' });
      await shown(notification);
      const number = daemon.shown.at(-1)?.number ?? 0;
      notification.close();
      await until('the service to hear of it', waitMs, () => daemon.closed.includes(number));
      const closed = next(notification, 'close');
      daemon.tellClosed(number, code);
      assert.deepEqual(await closed, [{ reason }]);
    }
  });

  test('a signal of somebody who is not the service counts for nothing', async () => {
    const notification = new Notification({ title: 'x' });
    await shown(notification);
    const number = daemon.shown.at(-1)?.number ?? 0;
    const heard: string[] = [];
    for (const event of ['click', 'close']) notification.on(event, () => heard.push(event));
    const stranger = createClient({ busAddress: bus.address, authMethods: ['EXTERNAL'] });
    await stranger.getId();
    stranger.sendSignal('/org/freedesktop/Notifications', 'org.freedesktop.Notifications', 'NotificationClosed', 'uu', [number, 2]);
    await stranger.getId();
    daemon.act(number, 'default');
    await until('the click', waitMs, () => heard.length > 0);
    assert.deepEqual(heard, ['click']);
    await stranger.close();
  });

  test('a service that goes takes its notifications with it, and one that follows shows new ones', async () => {
    const notification = new Notification({ title: 'x' });
    await shown(notification);
    const closed = next(notification, 'close');
    await daemon[Symbol.asyncDispose]();
    assert.deepEqual(await closed, [{ reason: 'applicationHidden' }]);
    assert.equal(Notification.isSupported(), false);
    daemon = new NotificationDaemon(bus.address, ['body']);
    await daemon.start();
    await until('the next service', waitMs, () => Notification.isSupported());
    const second = new Notification({ title: 'y', body: 'a < b', actions: [{ type: 'button', text: 'a' }] });
    await shown(second);
    assert.deepEqual([daemon.shown.at(-1)?.body, daemon.shown.at(-1)?.actions], ['a < b', []]);
  });
});
