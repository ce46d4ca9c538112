import { chmodSync, chownSync, lstatSync, mkdirSync, readFileSync, unlinkSync } from 'node:fs';
import { connect } from 'node:net';
import { dirname } from 'node:path';

/** Who may talk to the helper. */
export interface SocketOwner {
  readonly uid: number;
  readonly gid: number;
}

/** A place that cannot be used, in one line that names the next action. */
export class SocketPlaceError extends Error {
  readonly code: 'socket-in-use' | 'socket-unusable';

  constructor(code: SocketPlaceError['code'], message: string, cause?: unknown) {
    super(message, { cause });
    this.code = code;
  }
}

/** How long a living helper may take to accept a connection, in milliseconds. */
const answerMs = 1000;

/**
 * Whether a socket of that path listens, as /proc/net/unix tells (its flag 00010000 is __SO_ACCEPTCON in linux/net.h). For a
 * process that may not connect: root without CAP_DAC_OVERRIDE is refused by a socket that it has given to a user.
 */
function listens(path: string): boolean {
  const lines = readFileSync('/proc/net/unix', 'utf8').split('\n');
  return lines.some((line) => line.endsWith(` ${path}`) && line.split(/\s+/u)[3] === '00010000');
}

/** Whether somebody accepts connections at this socket. */
function isAlive(path: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const probe = connect(path);
    const settle = (alive: boolean): void => {
      probe.destroy();
      resolve(alive);
    };
    probe.setTimeout(answerMs, () => settle(true));
    probe.once('connect', () => settle(true));
    probe.once('error', (error) => {
      const code = 'code' in error ? error.code : null;
      if (code === 'ECONNREFUSED' || code === 'ENOENT') settle(false);
      else if (code === 'EACCES') settle(listens(path));
      else if (code === 'EAGAIN') settle(true);
      else reject(error);
    });
  });
}

function kindAt(path: string): 'nothing' | 'socket' | 'other' {
  const there = lstatSync(path, { throwIfNoEntry: false });
  if (there === undefined) return 'nothing';
  return there.isSocket() ? 'socket' : 'other';
}

/**
 * Makes room for a socket at `path`: its folder (owned by whoever this runs as, 0755) if it is missing, and away with the
 * socket of a helper that has died. Throws {@link SocketPlaceError} where a living one, or something else, is in the way.
 */
export async function claimSocketPlace(path: string): Promise<void> {
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o755 });
    switch (kindAt(path)) {
      case 'nothing':
        return;
      case 'other':
        throw new SocketPlaceError('socket-unusable', `${path} is in the way and is no socket: remove it, or choose another --socket`);
      case 'socket':
        if (await isAlive(path)) {
          throw new SocketPlaceError('socket-in-use', `another helper listens on ${path}: end it first, or choose another --socket`);
        }
        unlinkSync(path);
    }
  } catch (cause) {
    if (cause instanceof SocketPlaceError) throw cause;
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new SocketPlaceError('socket-unusable', `cannot use the socket ${path}: ${reason}`, cause);
  }
}

/** Lets only `owner` (and root) use the socket that listens at `path`. It was made with mode 0600, so nobody else ever could. */
export function handSocketTo(path: string, owner: SocketOwner): void {
  chmodSync(path, 0o600);
  chownSync(path, owner.uid, owner.gid);
}
