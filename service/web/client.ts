import { once } from 'node:events';
import { WebSocket } from 'ws';
import type { AppClient } from '../../protocol/app.ts';
import { maximumResponseBytes } from '../../protocol/json-rpc.ts';
import { webSocketChannel } from '../message-channel.ts';
import { RpcClient } from '../rpc-client.ts';
import { ServiceError } from '../service-error.ts';
import { webPaths } from './server.ts';

/**
 * The app API over a WebSocket, for programs: `address` is the one that was printed, with the token behind `#`. Throws
 * {@link ServiceError} 'web-unavailable' where nobody listens there, or the token is wrong.
 */
export async function connectOverWeb(address: string): Promise<AppClient> {
  const { host, hash } = new URL(address);
  const headers = { Authorization: `Bearer ${hash.slice(1)}` };
  const socket = new WebSocket(`ws://${host}${webPaths.api}`, { headers, maxPayload: maximumResponseBytes, perMessageDeflate: false });
  try {
    await once(socket, 'open');
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new ServiceError('web-unavailable', `cannot connect to http://${host} (${reason}); use the address that the service has printed`, {
      cause: error,
    });
  }
  return new RpcClient(webSocketChannel(socket));
}
