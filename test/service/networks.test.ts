import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { systemClock } from '../../service/clock.ts';
import type { Log } from '../../service/log.ts';
import { readNetworks } from '../../service/network-manager.ts';
import { SystemNetworks, systemBusAddress } from '../../service/networks.ts';
import { until } from './driven-clock.ts';
import { MessageBusDaemon, MockNetworkManager, withoutMessageBus } from './message-bus.ts';


/** A log that remembers what a person would be shown. */
function loudLog(): { readonly log: Log; readonly lines: string[] } {
  const lines: string[] = [];
  const say = (message: string): void => void lines.push(message);
  return { log: { debug: () => undefined, info: say, warn: say, error: say }, lines };
}

describe('networks', { skip: withoutMessageBus }, () => {
  it('are what NetworkManager says of each interface, with the SSID and whether it costs', async () => {
    await using bus = await MessageBusDaemon.start();
    await using manager = await MockNetworkManager.start(bus);
    await manager.connectWired('eth0', 'Office');
    await manager.connectWireless('wlan0', 'Café am Eck');
    await manager.setMetered('wlan0', 1);
    await using networks = new SystemNetworks({ clock: systemClock, log: loudLog().log, busAddress: bus.address });
    await networks.ready;
    assert.deepEqual(networks.of('eth0'), { name: 'Office', type: '802-3-ethernet', ssid: null, metered: null });
    assert.deepEqual(networks.of('wlan0'), { name: 'Café am Eck', type: '802-11-wireless', ssid: 'Café am Eck', metered: true });
    assert.equal(networks.of('eth1'), null);
  });

  it('are followed as connections come, change and go', async () => {
    await using bus = await MessageBusDaemon.start();
    await using manager = await MockNetworkManager.start(bus);
    await using networks = new SystemNetworks({ clock: systemClock, log: loudLog().log, busAddress: bus.address });
    await networks.ready;
    assert.equal(networks.of('wlan0'), null);
    await manager.connectWireless('wlan0', 'Home');
    await until(() => networks.of('wlan0')?.name === 'Home', 'the connection is known');
    await manager.setMetered('wlan0', 3);
    await until(() => networks.of('wlan0')?.metered === true, 'it is known to cost');
    await manager.disconnect('wlan0');
    await until(() => networks.of('wlan0') === null, 'it is forgotten');
  });

  it('are found when NetworkManager starts later, and forgotten when it ends', async () => {
    await using bus = await MessageBusDaemon.start();
    await using networks = new SystemNetworks({ clock: systemClock, log: loudLog().log, busAddress: bus.address });
    await networks.ready;
    await using manager = await MockNetworkManager.start(bus);
    await manager.connectWired('eth0', 'Office');
    await until(() => networks.of('eth0') !== null, 'it is found');
    await manager[Symbol.asyncDispose]();
    await until(() => networks.of('eth0') === null, 'it is forgotten');
  });

  it('are forgotten with the bus, without a word', async () => {
    await using bus = await MessageBusDaemon.start();
    await using manager = await MockNetworkManager.start(bus);
    await manager.connectWired('eth0', 'Office');
    const { log, lines } = loudLog();
    await using networks = new SystemNetworks({ clock: systemClock, log, busAddress: bus.address });
    await networks.ready;
    assert.ok(networks.of('eth0') !== null);
    await manager[Symbol.asyncDispose]();
    await bus[Symbol.asyncDispose]();
    await until(() => networks.of('eth0') === null, 'it is forgotten');
    assert.deepEqual(lines, []);
  });
});

describe('networks without a bus', () => {
  for (const busAddress of ['unix:path=/nowhere/bus.sock', 'nonsense', '', 'tcp:host=localhost,port=1']) {
    it(`are none, quietly (${JSON.stringify(busAddress)})`, async () => {
      const { log, lines } = loudLog();
      await using networks = new SystemNetworks({ clock: systemClock, log, busAddress });
      await networks.ready;
      assert.equal(networks.of('eth0'), null);
      assert.deepEqual(lines, []);
    });
  }

  it('would be on the system bus, or on the one that is named', () => {
    assert.equal(systemBusAddress({}), 'unix:path=/run/dbus/system_bus_socket');
    assert.equal(systemBusAddress({ DBUS_SYSTEM_BUS_ADDRESS: 'unix:path=/x' }), 'unix:path=/x');
  });
});

/** A NetworkManager whose objects are these, by path. */
function objects(all: Readonly<Record<string, unknown>>): (path: string) => Promise<unknown> {
  return (path) => (path in all ? Promise.resolve(all[path]) : Promise.reject(new Error(`no object ${path}`)));
}

describe('what NetworkManager says', () => {
  const manager = '/org/freedesktop/NetworkManager';

  it('names a modem by the interface that carries IP, and leaves a VPN out of the device it stands on', async () => {
    const networks = await readNetworks(objects({
      [manager]: { ActiveConnections: ['/c/1', '/c/2'] },
      '/c/1': { Id: 'Mobile', Type: 'gsm', Devices: ['/d/1'], SpecificObject: '/', Vpn: false },
      '/c/2': { Id: 'Company', Type: 'vpn', Devices: ['/d/1'], SpecificObject: '/c/1', Vpn: true },
      '/d/1': { Interface: 'cdc-wdm0', IpInterface: 'wwan0', Metered: 3 },
    }));
    assert.deepEqual([...networks], [['wwan0', { name: 'Mobile', type: 'gsm', ssid: null, metered: true }]]);
  });

  it('is cut to what is shown, and an SSID may be any bytes', async () => {
    const networks = await readNetworks(objects({
      [manager]: { ActiveConnections: ['/c/1'] },
      '/c/1': { Id: 'x'.repeat(5000), Type: '802-11-wireless', Devices: ['/d/1'], SpecificObject: '/a/1' },
      '/d/1': { Interface: 'wlan0', Metered: 0 },
      '/a/1': { Ssid: Uint8Array.of(0xff, 0x1b, 0x5b) },
    }));
    assert.equal(networks.get('wlan0')?.name.length, 256);
    assert.equal(networks.get('wlan0')?.ssid, '\uFFFD\u001B[');
  });

  for (const [what, all] of Object.entries({
    'nothing': {},
    'another shape': { [manager]: { ActiveConnections: 'none' } },
    'a connection that is gone': { [manager]: { ActiveConnections: ['/c/1'] } },
  })) {
    it(`is refused where it is ${what}`, () => assert.rejects(readNetworks(objects(all))));
  }
});
