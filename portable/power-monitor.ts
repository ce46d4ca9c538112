import { EventEmitter } from 'node:events';
import type { BusConnection } from './bus/message-bus.ts';

const login = { destination: 'org.freedesktop.login1', path: '/org/freedesktop/login1', interface: 'org.freedesktop.login1.Manager' } as const;

/** Emits `suspend` before the machine sleeps and `resume` after it (org.freedesktop.login1(5), PrepareForSleep). */
class PowerMonitor extends EventEmitter {
  /** For portable/ itself. @throws DBusError where the system bus ends meanwhile. */
  async follow(systemBus: BusConnection): Promise<void> {
    await systemBus.followOwner(login.destination, () => undefined);
    await systemBus.onSignal({ ...login, member: 'PrepareForSleep' }, ([isBeginning]) => {
      setImmediate(() => this.emit(isBeginning === true ? 'suspend' : 'resume'));
    });
  }
}

export const powerMonitor = new PowerMonitor();
