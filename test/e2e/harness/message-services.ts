import { createClient, defineInterface } from 'dbus-native';
import type { MessageBus } from 'dbus-native';

/** Services of the system that a desktop meets, as far as a test plays them. */

/** logind's manager ("org.freedesktop.login1" D-Bus interface), for one signal: that the machine sleeps and wakes. */
export class SleepingMachine implements AsyncDisposable {
  readonly #bus: MessageBus;
  readonly #emit: (isAsleep: boolean) => void;

  private constructor(bus: MessageBus, emit: (isAsleep: boolean) => void) {
    this.#bus = bus;
    this.#emit = emit;
  }

  static async open(busAddress: string): Promise<SleepingMachine> {
    const bus = createClient({ busAddress, authMethods: ['EXTERNAL'] });
    bus.connection.on('error', () => undefined);
    const manager = defineInterface({ name: 'org.freedesktop.login1.Manager', signals: { PrepareForSleep: { args: { start: 'b' } } } });
    await bus.export('/org/freedesktop/login1', manager);
    await bus.requestName('org.freedesktop.login1', 0);
    return new SleepingMachine(bus, (isAsleep) => manager.emit['PrepareForSleep']?.(isAsleep));
  }

  /** Says that it goes to sleep, and that it has woken. */
  sleepAndWake(): void {
    this.#emit(true);
    this.#emit(false);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#bus.close();
  }
}
