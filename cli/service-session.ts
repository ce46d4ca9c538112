import type { AppClient } from '../protocol/app.ts';
import { connectToService, startService } from '../service/index.ts';
import type { ServiceFailure, ServiceOptions } from '../service/index.ts';

/** A service to watch: one that was running already, or one of our own. `close` ends only what is our own. */
export interface ServiceSession {
  readonly client: AppClient;
  readonly isOwn: boolean;
  /** Settles only if a service of our own cannot go on. */
  readonly failed: Promise<ServiceFailure>;
  close(): Promise<void>;
}

/** The service that listens on the socket, or null where none does. */
export async function attach(socketPath: string): Promise<ServiceSession | null> {
  const client = await connectToService(socketPath);
  if (client === null) return null;
  return {
    client,
    isOwn: false,
    failed: Promise.withResolvers<ServiceFailure>().promise,
    close: async () => client.close(),
  };
}

/** A service of our own, with its helper. Throws `ServiceError`. */
export async function startOwn(options: ServiceOptions): Promise<ServiceSession> {
  const service = await startService(options);
  return { client: service.client, isOwn: true, failed: service.failed, close: () => service.stop() };
}
