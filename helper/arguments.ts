import { parseArgs } from 'node:util';
import type { SocketOwner } from './link/socket-place.ts';
import { eventRungs } from './sockets/event-sources.ts';
import type { EventRung } from './sockets/event-sources.ts';

/** How the helper was started. */
export interface HelperArguments {
  readonly socketPath: string;
  readonly owner: SocketOwner;
  readonly verbose: boolean;
  /** Lives on when its standard input ends: for a service unit, which has none. */
  readonly detached: boolean;
  /** Counts instead of capturing, which needs no right (helper/limited). */
  readonly limited: boolean;
  /** Owner sources that are not even tried: to see what the others tell. */
  readonly leftOut: ReadonlySet<EventRung>;
}

export const usage = 'usage: node helper/main.ts --socket PATH --owner UID:GID [--verbose] [--detached] [--limited] [--without owner-map|process-events]…';

/** Longest path of a Unix socket on Linux (sockaddr_un in unix(7)), its final zero byte not counted. */
const maximumSocketPath = 107;
/** The last id that chown(2) takes; 2^32 - 1 means "leave it". */
const maximumId = 2 ** 32 - 2;

function readOwner(text: string): SocketOwner | null {
  const match = /^(\d{1,10}):(\d{1,10})$/u.exec(text);
  if (match === null) return null;
  const [uid, gid] = [Number(match[1]), Number(match[2])];
  return uid <= maximumId && gid <= maximumId ? { uid, gid } : null;
}

/** Reads the command line; a text where it is wrong, which says what is. */
export function readArguments(argv: readonly string[]): HelperArguments | string {
  let values;
  try {
    ({ values } = parseArgs({
      args: [...argv],
      options: {
        socket: { type: 'string' },
        owner: { type: 'string' },
        verbose: { type: 'boolean', default: false },
        detached: { type: 'boolean', default: false },
        limited: { type: 'boolean', default: false },
        without: { type: 'string', multiple: true, default: [] },
      },
    }));
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  const { socket = '', owner: ownerText = '', verbose, detached, limited, without } = values;
  const owner = readOwner(ownerText);
  if (!socket.startsWith('/')) return '--socket needs an absolute path';
  if (Buffer.byteLength(socket) > maximumSocketPath) return `--socket needs a path of at most ${maximumSocketPath} bytes`;
  if (owner === null) return '--owner needs UID:GID, two numbers';
  const leftOut = new Set(eventRungs.filter((rung) => without.includes(rung)));
  if (leftOut.size < new Set(without).size) return `--without needs one of ${eventRungs.join(', ')}`;
  return { socketPath: socket, owner, verbose, detached, limited, leftOut };
}
