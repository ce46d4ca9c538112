import { app } from './app/app.ts';
import { beforeEnd } from './app/closing.ts';
import { BusConnection, sessionBusAddress, systemBusAddress } from './bus/message-bus.ts';
import { notificationService } from './bus/notification-service.ts';
import { powerMonitor } from './power-monitor.ts';

/** What the desktop can do is known before the program is ready; a bus that is absent leaves its part out. */
async function connect(address: string | null, follow: (bus: BusConnection) => Promise<void>): Promise<void> {
  const bus = await BusConnection.open(address);
  if (bus === null) return;
  beforeEnd(() => bus.close());
  await follow(bus);
}

app.beforeReady(() => connect(sessionBusAddress(), (bus) => notificationService.follow(bus)));
app.beforeReady(() => connect(systemBusAddress(), (bus) => powerMonitor.follow(bus)));
