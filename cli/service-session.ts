import type { AppClient } from '../protocol/app.ts';
import { connectToService, startService } from '../service/index.ts';
import type { ServiceFailure, ServiceOptions } from '../service/index.ts';

/** A service to watch: one that was running already, or one of our own. `close` ends only what is our own. */
export interface ServiceSession {
  readonly client: AppClient;
  readonly isOwn: boolean;
  /** Settles only if a service of our own cannot go on. */
  readonly failed: Promise<ServiceFailure>;
  /** Settles when somebody has asked a service of our own to end (`tidewatch stop`). */
  readonly stopAsked: Promise<void>;
  /** Where a service of our own serves its page, with the token; null where it does not, or is not ours. */
  readonly webAddress: string | null;
  /** Where a service of our own serves metrics; null where it does not, or is not ours. */
  readonly metricsAddress: string | null;
  /** The port on which a service of our own answers ntmd's commands; null where it does not, or is not ours. */
  readonly ntmdPort: number | null;
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
    stopAsked: Promise.withResolvers<void>().promise,
    webAddress: null,
    metricsAddress: null,
    ntmdPort: null,
    close: async () => client.close(),
  };
}

/** A service of our own, with its helper. Throws `ServiceError`. */
export async function startOwn(options: ServiceOptions): Promise<ServiceSession> {
  const service = await startService(options);
  const { client, failed, stopAsked, webAddress, metricsAddress, ntmdPort } = service;
  return { client, isOwn: true, failed, stopAsked, webAddress, metricsAddress, ntmdPort, close: () => service.stop() };
}
