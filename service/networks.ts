import { createClient } from 'dbus-native';
import type { MessageBus } from 'dbus-native';
import type { Network } from '../protocol/app.ts';
import { sleep } from './clock.ts';
import type { Clock } from './clock.ts';
import type { Log } from './log.ts';
import { networkManagerName, readNetworks } from './network-manager.ts';
import type { ReadProperties } from './network-manager.ts';

/** Tells what an interface is connected to; null where nobody knows. */
export interface NetworkSource {
  of(interfaceName: string): Network | null;
}

export interface NetworksPorts {
  readonly clock: Clock;
  readonly log: Log;
  /** The system bus, as "D-Bus Specification", "Server Addresses", writes it. */
  readonly busAddress: string;
}

/** The system bus of this machine ("D-Bus Specification", "System message bus"). */
export function systemBusAddress(variables: Readonly<Record<string, string | undefined>>): string {
  const given = variables['DBUS_SYSTEM_BUS_ADDRESS'] ?? '';
  return given === '' ? 'unix:path=/run/dbus/system_bus_socket' : given;
}

/** A bus that is not there may come; looking once a minute costs one connect(2). */
const lookAgainMs = 60_000;
/** A connection that begins makes a dozen signals: one reading is made for all that come within this. */
const settleMs = 200;
const answerMs = 5000;
/** Readings that fail one after the other, before the next signal is waited for. */
const maximumFailures = 5;
const maximumMessageBytes = 4_194_304;
/** A call to a service that does not run must not start it (D-Bus Specification, "Message Format", NO_AUTO_START). */
const noAutoStart = 0x2;
const signalType = 4;

/** What can change the answer: connections that come and go, a device's metering, the service itself. */
const matchRules = [
  `type='signal',sender='org.freedesktop.DBus',member='NameOwnerChanged',arg0='${networkManagerName}'`,
  ...['', '.Connection.Active', '.Device'].map(
    (part) => `type='signal',sender='${networkManagerName}',member='PropertiesChanged',arg0='${networkManagerName}${part}'`,
  ),
];

function propertiesReader(bus: MessageBus): ReadProperties {
  return (path, interfaceName) =>
    bus.invoke<unknown>({
      destination: networkManagerName,
      path,
      interface: 'org.freedesktop.DBus.Properties',
      member: 'GetAll',
      signature: 's',
      body: [interfaceName],
      flags: noAutoStart,
    }).then((properties) => properties);
}

/**
 * The networks that this machine is connected to, from NetworkManager where it runs, followed as they change. Where there
 * is no bus or no NetworkManager, nothing is known, and nothing is said of it but in the log for debugging.
 */
export class SystemNetworks implements NetworkSource, AsyncDisposable {
  readonly #ports: NetworksPorts;
  readonly #ending = new AbortController();
  readonly #ready = Promise.withResolvers<void>();
  readonly #running: Promise<void>;
  #networks: ReadonlyMap<string, Network> = new Map();
  /** Wakes whoever waits for a signal. */
  #wake: () => void = () => undefined;
  #isStale = true;

  constructor(ports: NetworksPorts) {
    this.#ports = ports;
    this.#running = this.#run();
  }

  /** Settles when the first answer is there, or it is clear that there is none for now. */
  get ready(): Promise<void> {
    return this.#ready.promise;
  }

  of(interfaceName: string): Network | null {
    return this.#networks.get(interfaceName) ?? null;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#ending.abort();
    this.#wake();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { clock, log } = this.#ports;
    const { signal } = this.#ending;
    while (!signal.aborted) {
      try {
        await this.#followBus();
      } catch (error) {
        log.debug('without a system bus: networks are known by their interface', { reason: error instanceof Error ? error.message : String(error) });
      }
      this.#networks = new Map();
      this.#ready.resolve();
      await sleep(clock, lookAgainMs, signal);
    }
  }

  /** Until the bus is gone or this ends. */
  async #followBus(): Promise<void> {
    const bus = createClient({ busAddress: this.#ports.busAddress, authMethods: ['EXTERNAL'], timeout: answerMs, maxMessageSize: maximumMessageBytes });
    const gone = new AbortController();
    const end = (): void => {
      gone.abort();
      this.#wake();
    };
    // Each listener stays until the connection is collected with it.
    bus.connection.on('error', end);
    bus.connection.on('close', end);
    bus.connection.on('message', ({ type }) => {
      if (type === signalType) this.#noteChange();
    });
    try {
      for (const rule of matchRules) await bus.addMatch(rule);
      while (!gone.signal.aborted && !this.#ending.signal.aborted) await this.#readWhenStale(bus, gone.signal);
    } finally {
      await bus.close();
    }
  }

  #noteChange(): void {
    this.#isStale = true;
    this.#wake();
  }

  async #readWhenStale(bus: MessageBus, gone: AbortSignal): Promise<void> {
    await this.#read(bus);
    this.#ready.resolve();
    await this.#untilStale(gone);
    await sleep(this.#ports.clock, settleMs, this.#ending.signal);
  }

  async #read(bus: MessageBus): Promise<void> {
    for (let failures = 0; failures < maximumFailures && !this.#ending.signal.aborted; failures += 1) {
      this.#isStale = false;
      try {
        this.#networks = (await bus.nameHasOwner(networkManagerName)) ? await readNetworks(propertiesReader(bus)) : new Map();
        return;
      } catch (error) {
        // A connection that ended while it was asked for: the next reading does not have it.
        this.#ports.log.debug('NetworkManager could not be read', { reason: error instanceof Error ? error.message : String(error) });
        await sleep(this.#ports.clock, settleMs, this.#ending.signal);
      }
    }
  }

  #untilStale(gone: AbortSignal): Promise<void> {
    if (this.#isStale || gone.aborted || this.#ending.signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }
}
