import { createClient } from 'dbus-native';
import type { MessageBus } from 'dbus-native';

/**
 * Whether the desktop has a place for tray icons: Electron does not say. On Linux that is the service that knows whether a panel
 * shows them (StatusNotifierItem specification, "StatusNotifierWatcher"); Windows and macOS always have one.
 */

const watcherName = 'org.kde.StatusNotifierWatcher';
const watcherPath = '/StatusNotifierWatcher';
const answerMs = 2000;
/** At the start of a session panels come late. */
const patienceMs = 4000;
const lookEveryMs = 400;

/** The session bus ("D-Bus Specification", "Login session message bus"); null where none is named. */
export function sessionBusAddress(variables: Readonly<Record<string, string | undefined>>): string | null {
  const given = variables['DBUS_SESSION_BUS_ADDRESS'] ?? '';
  if (given !== '') return given;
  const runtime = variables['XDG_RUNTIME_DIR'] ?? '';
  return runtime === '' ? null : `unix:path=${runtime}/bus`;
}

/** A call to a panel that does not run must not start one (D-Bus Specification, "Message Format", NO_AUTO_START). */
const noAutoStart = 0x2;

async function isHostThere(bus: MessageBus): Promise<boolean> {
  if (!(await bus.nameHasOwner(watcherName))) return false;
  const registered = await bus.invoke<unknown>({
    destination: watcherName,
    path: watcherPath,
    interface: 'org.freedesktop.DBus.Properties',
    member: 'Get',
    signature: 'ss',
    body: [watcherName, 'IsStatusNotifierHostRegistered'],
    flags: noAutoStart,
  });
  return registered === true;
}

/** Looks for a few seconds whether there is a tray. Never rejects: where there is no bus, there is none. */
export async function isTrayThere(busAddress: string | null): Promise<boolean> {
  if (process.platform !== 'linux') return true;
  if (busAddress === null) return false;
  const bus = createClient({ busAddress, authMethods: ['EXTERNAL'], timeout: answerMs });
  const gone = new AbortController();
  bus.connection.on('error', () => gone.abort());
  bus.connection.on('close', () => gone.abort());
  try {
    const deadline = performance.now() + patienceMs;
    while (!gone.signal.aborted && performance.now() < deadline) {
      // An error is the bus saying that there is no such service, or ending.
      if (await isHostThere(bus).catch(() => false)) return true;
      await new Promise((resolve) => setTimeout(resolve, lookEveryMs));
    }
    return false;
  } finally {
    await bus.close();
  }
}
