import { after, before, describe, test } from 'node:test';
import { once } from 'node:events';
import { createClient, defineInterface } from 'dbus-native';
import type { MessageBus } from 'dbus-native';
import { MessageBusDaemon, withoutMessageBus } from '../service/message-bus.ts';
import { app, powerMonitor } from '../../portable/index.ts';

describe('the machine’s sleep', { skip: withoutMessageBus }, () => {
  let system: MessageBusDaemon;
  let manager: MessageBus;
  const login = defineInterface({ name: 'org.freedesktop.login1.Manager', signals: { PrepareForSleep: { args: { start: 'b' } } } });

  before(async () => {
    system = await MessageBusDaemon.start();
    process.env['DBUS_SESSION_BUS_ADDRESS'] = 'unix:path=/nowhere/bus';
    process.env['DBUS_SYSTEM_BUS_ADDRESS'] = system.address;
    manager = createClient({ busAddress: system.address, authMethods: ['EXTERNAL'] });
    await manager.export('/org/freedesktop/login1', login);
    await manager.requestName('org.freedesktop.login1', 0);
    await app.whenReady();
  });

  after(async () => {
    await manager.close();
    await system[Symbol.asyncDispose]();
  });

  test('is told before it begins and after it ends', async () => {
    const suspended = once(powerMonitor, 'suspend');
    login.emit['PrepareForSleep']?.(true);
    await suspended;
    const resumed = once(powerMonitor, 'resume');
    login.emit['PrepareForSleep']?.(false);
    await resumed;
  });
});
