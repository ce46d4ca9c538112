import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Variant, createClient } from 'dbus-native';
import type { MessageBus } from 'dbus-native';

const daemon = '/usr/bin/dbus-daemon';
const python = '/usr/bin/python3';
const mock = '/usr/lib/python3/dist-packages/dbusmock/__init__.py';

/** Why these tests cannot run here; false where they can. */
export const withoutMessageBus = [daemon, python, mock].every((file) => existsSync(file))
  ? false
  : 'pending: needs the Debian packages dbus and python3-dbusmock';

const configuration = (socketPath: string): string => `<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN" "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <listen>unix:path=${socketPath}</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow own="*"/>
    <allow send_destination="*"/>
    <allow receive_sender="*"/>
  </policy>
</busconfig>
`;

async function end(process: ChildProcess): Promise<void> {
  if (process.exitCode !== null || process.signalCode !== null) return;
  const exit = once(process, 'exit');
  process.kill();
  await exit;
}

/** A real dbus-daemon of a test's own, on a socket in a folder of its own, with no service on it. */
export class MessageBusDaemon implements AsyncDisposable {
  readonly address: string;
  readonly #folder: string;
  readonly #process: ChildProcess;

  private constructor(folder: string, process: ChildProcess, address: string) {
    this.#folder = folder;
    this.#process = process;
    this.address = address;
  }

  static async start(): Promise<MessageBusDaemon> {
    const folder = mkdtempSync(path.join(tmpdir(), 'tidewatch-bus-'));
    const configPath = path.join(folder, 'bus.conf');
    writeFileSync(configPath, configuration(path.join(folder, 'bus.sock')));
    const process = spawn(daemon, ['--nofork', '--nopidfile', `--config-file=${configPath}`, '--print-address=1'], { stdio: ['ignore', 'pipe', 'ignore'] });
    if (process.stdout === null) throw new Error('the bus has no standard output');
    const [first] = await once(process.stdout, 'data');
    return new MessageBusDaemon(folder, process, String(first).trim());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await end(this.#process);
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

const service = 'org.freedesktop.NetworkManager';
const root = '/org/freedesktop';

/** NetworkManager as python3-dbusmock plays it: the objects and properties of the real one, changed by a test. */
export class MockNetworkManager implements AsyncDisposable {
  readonly #process: ChildProcess;
  readonly #bus: MessageBus;

  private constructor(process: ChildProcess, bus: MessageBus) {
    this.#process = process;
    this.#bus = bus;
  }

  static async start({ address }: MessageBusDaemon): Promise<MockNetworkManager> {
    const env = { ...process.env, DBUS_SYSTEM_BUS_ADDRESS: address };
    const child = spawn(python, ['-m', 'dbusmock', '--system', '--template', 'networkmanager'], { env, stdio: ['ignore', 'ignore', 'inherit'] });
    const bus = createClient({ busAddress: address, authMethods: ['EXTERNAL'] });
    const deadline = performance.now() + 10_000;
    while (!(await bus.nameHasOwner(service))) {
      if (child.exitCode !== null || performance.now() > deadline) throw new Error('python3-dbusmock did not start');
      await new Promise((resolve) => setImmediate(resolve));
    }
    return new MockNetworkManager(child, bus);
  }

  /** A wired device with an active connection of that name. */
  async connectWired(interfaceName: string, connection: string): Promise<void> {
    const device = await this.#call<string>('AddEthernetDevice', 'ssi', [`${interfaceName}_device`, interfaceName, 100]);
    const settings = { connection: { id: new Variant('s', connection), type: new Variant('s', '802-3-ethernet') } };
    const path = await this.#callAt<string>(`${root}/NetworkManager/Settings`, `${service}.Settings`, 'AddConnection', 'a{sa{sv}}', [settings]);
    await this.#call('AddActiveConnection', 'assssu', [[device], path, '/', interfaceName, 2]);
  }

  /** A wireless device with an active connection: its name is the SSID, as NetworkManager's own default is. */
  async connectWireless(interfaceName: string, ssid: string): Promise<void> {
    const device = await this.#call<string>('AddWiFiDevice', 'ssi', [`${interfaceName}_device`, interfaceName, 100]);
    const point = await this.#call<string>('AddAccessPoint', 'ssssuuuyu', [device, `${interfaceName}_point`, ssid, '00:00:5E:00:53:01', 2, 2412, 54_000, 80, 0]);
    const connection = await this.#call<string>('AddWiFiConnection', 'ssss', [device, `${interfaceName}_connection`, ssid, '']);
    await this.#call('AddActiveConnection', 'assssu', [[device], connection, point, interfaceName, 2]);
  }

  disconnect(interfaceName: string): Promise<unknown> {
    const active = `${root}/NetworkManager/ActiveConnection/${interfaceName}`;
    return this.#call('RemoveActiveConnection', 'ss', [this.#device(interfaceName), active]);
  }

  /** Gives the device what the mock leaves out. */
  async setMetered(interfaceName: string, metered: number): Promise<void> {
    const path = this.#device(interfaceName);
    const device = `${service}.Device`;
    await this.#callAt(path, 'org.freedesktop.DBus.Mock', 'AddProperty', 'ssv', [device, 'Metered', new Variant('u', metered)]);
    await this.#callAt(path, 'org.freedesktop.DBus.Properties', 'Set', 'ssv', [device, 'Metered', new Variant('u', metered)]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#bus.close();
    await end(this.#process);
  }

  #device(interfaceName: string): string {
    return `${root}/NetworkManager/Devices/${interfaceName}_device`;
  }

  #call<Value>(member: string, signature: string, body: unknown[]): Promise<Value> {
    return this.#callAt(root, 'org.freedesktop.DBus.Mock', member, signature, body);
  }

  #callAt<Value>(path: string, interfaceName: string, member: string, signature: string, body: unknown[]): Promise<Value> {
    return this.#bus.invoke<Value>({ destination: service, path, interface: interfaceName, member, signature, body }).then((value) => value);
  }
}
