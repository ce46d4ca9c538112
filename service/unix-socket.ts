import { once } from 'node:events';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { errorCode } from './error-code.ts';

const nobodyCodes: ReadonlySet<string | null> = new Set(['ENOENT', 'ECONNREFUSED', 'ENOTDIR']);

/** A socket that is connected to whoever listens on `socketPath`, or null where nobody does. Throws the system's error otherwise. */
export async function connectedSocket(socketPath: string): Promise<Socket | null> {
  const socket = connect(socketPath);
  try {
    await once(socket, 'connect');
    return socket;
  } catch (error) {
    socket.destroy();
    if (nobodyCodes.has(errorCode(error))) return null;
    throw error;
  }
}
