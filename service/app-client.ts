import { lstatSync } from 'node:fs';
import type { Socket } from 'node:net';
import { appProtocolVersion } from '../protocol/app.ts';
import type { AppClient, ServiceIdentity } from '../protocol/app.ts';
import { maximumResponseBytes } from '../protocol/json-rpc.ts';
import { socketChannel } from './message-channel.ts';
import { RpcClient } from './rpc-client.ts';
import { ServiceError } from './service-error.ts';
import { connectedSocket } from './unix-socket.ts';

/** The app API over a Unix socket that is connected. */
function clientOn(socket: Socket): RpcClient {
  // A broken socket is closed, and its reader finds its end.
  socket.on('error', () => socket.destroy());
  return new RpcClient(socketChannel(socket, maximumResponseBytes));
}

/** A socket is believed only if this user or root made it: in a shared directory anybody could have. */
function refuseForeign(socketPath: string): void {
  const owner = lstatSync(socketPath, { throwIfNoEntry: false })?.uid ?? 0;
  if (owner === 0 || owner === process.getuid?.()) return;
  throw new ServiceError('service-refused', `${socketPath} belongs to another user (uid ${owner}); set TIDEWATCH_SOCKET to a path of your own`);
}

/** Who answers on a socket. `stranger`: somebody listens who is no Tidewatch service, or does not answer in time. */
export type WhoAnswers =
  | { readonly kind: 'nobody' }
  | { readonly kind: 'stranger' }
  | { readonly kind: 'service'; readonly identity: ServiceIdentity };

/** A service answers within milliseconds; one that takes this long has stopped. */
const answerMs = 3000;

/** Asks whoever listens there who they are. */
export async function askWhoAnswers(socketPath: string): Promise<WhoAnswers> {
  let socket: Socket | null;
  try {
    socket = await connectedSocket(socketPath);
  } catch {
    // Somebody may be there, but will not have us.
    return { kind: 'stranger' };
  }
  if (socket === null) return { kind: 'nobody' };
  const client = clientOn(socket);
  socket.setTimeout(answerMs, () => client.close());
  try {
    return { kind: 'service', identity: await client.query('identify', {}) };
  } catch {
    return { kind: 'stranger' };
  } finally {
    client.close();
  }
}

/**
 * A client of the service that listens on `socketPath`, or null where nobody does. Throws {@link ServiceError}
 * 'service-refused' where the socket belongs to another user, or who listens speaks another version or not at all.
 */
export async function connectToService(socketPath: string): Promise<AppClient | null> {
  refuseForeign(socketPath);
  const answer = await askWhoAnswers(socketPath);
  if (answer.kind === 'nobody') return null;
  if (answer.kind === 'stranger') {
    throw new ServiceError('service-refused', `who listens on ${socketPath} is no Tidewatch service; set TIDEWATCH_SOCKET to another path`);
  }
  const { protocol, pid } = answer.identity;
  if (protocol !== appProtocolVersion) {
    throw new ServiceError(
      'service-refused',
      `the running service (pid ${pid}) speaks version ${protocol} of the app protocol, not ${appProtocolVersion}; restart it`,
    );
  }
  const socket = await connectedSocket(socketPath);
  return socket === null ? null : clientOn(socket);
}
