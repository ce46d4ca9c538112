import { after, before, describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Variant, createClient, defineInterface } from 'dbus-native';
import type { DefinedInterface, MessageBus } from 'dbus-native';
import { MessageBusDaemon, withoutMessageBus } from '../service/message-bus.ts';
import { app, nativeTheme, powerMonitor } from '../../portable/index.ts';

/** A service under its well-known name, on a connection of its own. */
async function serve(address: string, name: string, path: string, definition: DefinedInterface): Promise<MessageBus> {
  const bus = createClient({ busAddress: address, authMethods: ['EXTERNAL'] });
  await bus.export(path, definition);
  await bus.requestName(name, 0);
  return bus;
}

describe('what goes on around the program', { skip: withoutMessageBus }, () => {
  let session: MessageBusDaemon;
  let system: MessageBusDaemon;
  const services: MessageBus[] = [];
  const login = defineInterface({ name: 'org.freedesktop.login1.Manager', signals: { PrepareForSleep: { args: { start: 'b' } } } });
  const portal = defineInterface({
    name: 'org.freedesktop.portal.Settings',
    methods: { ReadOne: { in: { namespace: 's', key: 's' }, out: { value: 'v' }, handler: () => new Variant('u', 1) } },
    signals: { SettingChanged: { args: { namespace: 's', key: 's', value: 'v' } } },
  });

  before(async () => {
    session = await MessageBusDaemon.start();
    system = await MessageBusDaemon.start();
    process.env['DBUS_SESSION_BUS_ADDRESS'] = session.address;
    process.env['DBUS_SYSTEM_BUS_ADDRESS'] = system.address;
    services.push(
      await serve(session.address, 'org.freedesktop.portal.Desktop', '/org/freedesktop/portal/desktop', portal),
      await serve(system.address, 'org.freedesktop.login1', '/org/freedesktop/login1', login),
    );
    await app.whenReady();
  });

  after(async () => {
    for (const bus of services) await bus.close();
    await session[Symbol.asyncDispose]();
    await system[Symbol.asyncDispose]();
  });

  test('is dark when the settings portal says so, and tells when that changes', async () => {
    assert.equal(nativeTheme.shouldUseDarkColors, true);
    const updated = once(nativeTheme, 'updated');
    portal.emit['SettingChanged']?.('org.freedesktop.appearance', 'accent-color', new Variant('u', 3));
    portal.emit['SettingChanged']?.('org.freedesktop.appearance', 'color-scheme', new Variant('u', 2));
    await updated;
    assert.equal(nativeTheme.shouldUseDarkColors, false);
  });

  test('tells before the machine sleeps and after it', async () => {
    const suspended = once(powerMonitor, 'suspend');
    login.emit['PrepareForSleep']?.(true);
    await suspended;
    const resumed = once(powerMonitor, 'resume');
    login.emit['PrepareForSleep']?.(false);
    await resumed;
  });
});
