import { createClient } from 'dbus-native';
import type { MessageBus } from 'dbus-native';

const signalType = 4;
const busName = 'org.freedesktop.DBus';
const answerMs = 5000;
/** The largest message that any of these services sends is a layout or a list of names: kilobytes. */
const maximumMessageBytes = 4_194_304;

/** One call, as "D-Bus Specification", "Message Types", names its parts. */
export interface Call {
  readonly destination: string;
  readonly path: string;
  readonly interface: string;
  readonly member: string;
  readonly signature?: string;
  readonly body?: readonly unknown[];
}

/** A signal to wait for; `destination` is the well-known name whose owner alone may send it. */
export interface SignalSource {
  readonly destination: string;
  readonly path: string;
  readonly interface: string;
  readonly member: string;
}

/** Where this session's bus is ("D-Bus Specification", "Login session message bus"); null where nothing names one. */
export function sessionBusAddress(): string | null {
  const given = process.env['DBUS_SESSION_BUS_ADDRESS'] ?? '';
  if (given !== '') return given;
  const folder = process.env['XDG_RUNTIME_DIR'] ?? '';
  return folder === '' ? null : `unix:path=${folder}/bus`;
}

/** The system bus of this machine ("D-Bus Specification", "System message bus"). */
export function systemBusAddress(): string {
  const given = process.env['DBUS_SYSTEM_BUS_ADDRESS'] ?? '';
  return given === '' ? 'unix:path=/run/dbus/system_bus_socket' : given;
}

/**
 * A connection to a message bus: calls, signals of named services, and who owns a name. What `dbus-native` gives, with the
 * two checks that every user of it needs: a signal counts only from the owner of the service's name, and the end is known.
 */
export class BusConnection {
  readonly client: MessageBus;
  readonly #ended = new AbortController();
  readonly #owners = new Map<string, string>();

  private constructor(client: MessageBus) {
    this.client = client;
    const end = (): void => this.#ended.abort();
    client.connection.on('error', end);
    client.connection.on('close', end);
  }

  /** Null where no bus answers at that address. */
  static async open(address: string | null): Promise<BusConnection | null> {
    if (address === null) return null;
    const bus = new BusConnection(createClient({ busAddress: address, authMethods: ['EXTERNAL'], timeout: answerMs, maxMessageSize: maximumMessageBytes }));
    try {
      await bus.client.getId();
      return bus;
    } catch {
      // A bus that is absent and one that refuses are the same to a program that can do without.
      await bus.close();
      return null;
    }
  }

  /** Aborts when the connection is gone, by whichever end. */
  get ended(): AbortSignal {
    return this.#ended.signal;
  }

  /** Starts the service where the bus knows how to. @throws DBusError where it is absent, refuses or does not answer within 5 s. */
  call(call: Call): Promise<unknown> {
    const { body, ...head } = call;
    return this.client.invoke<unknown>({ ...head, body: [...(body ?? [])] }).then((value) => value);
  }

  /**
   * Tells now and at each change whether a well-known name has an owner, so that a service that restarts is met again.
   * @throws DBusError where the bus is gone.
   */
  async followOwner(name: string, changed: (isOwned: boolean) => void): Promise<void> {
    this.client.connection.on('message', ({ type, sender, member, body }) => {
      if (type !== signalType || sender !== busName || member !== 'NameOwnerChanged' || body?.[0] !== name) return;
      this.#setOwner(name, body[2]);
      changed(this.#owners.has(name));
    });
    await this.client.addMatch(`type='signal',sender='${busName}',member='NameOwnerChanged',arg0='${name}'`);
    if (await this.client.nameHasOwner(name)) this.#setOwner(name, await this.client.getNameOwner(name));
    changed(this.#owners.has(name));
  }

  /** Calls back with a signal's body. The name's owner must be followed first: a signal of anyone else is ignored. */
  async onSignal(source: SignalSource, received: (body: readonly unknown[]) => void): Promise<void> {
    this.client.connection.on('message', ({ type, sender, path, interface: interfaceName, member, body }) => {
      if (type !== signalType || sender === undefined || sender !== this.#owners.get(source.destination)) return;
      if (path === source.path && interfaceName === source.interface && member === source.member) received(body ?? []);
    });
    const { destination, path, member } = source;
    await this.client.addMatch(`type='signal',sender='${destination}',path='${path}',interface='${source.interface}',member='${member}'`);
  }

  async close(): Promise<void> {
    await this.client.close();
  }

  #setOwner(name: string, owner: unknown): void {
    if (typeof owner === 'string' && owner !== '') this.#owners.set(name, owner);
    else this.#owners.delete(name);
  }
}
