import { app } from '../app/app.ts';
import { beforeEnd } from '../app/closing.ts';
import { BusConnection, sessionBusAddress } from './message-bus.ts';
import { notificationService } from './notification-service.ts';

/** What the desktop can do is known before the program is ready. */
app.beforeReady(async () => {
  const bus = await BusConnection.open(sessionBusAddress());
  if (bus === null) return;
  beforeEnd(() => bus.close());
  await notificationService.follow(bus);
});
