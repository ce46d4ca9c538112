import { lstatSync } from 'node:fs';
import type { Stats } from 'node:fs';
import path from 'node:path';
import { ServiceError } from './service-error.ts';

const writableByOthers = 0o022;
const sticky = 0o1000;

/** What is wrong with one directory on the way to the socket, or null. */
function doubtAbout(directory: string, stats: Stats): string | null {
  if (stats.isSymbolicLink()) return `${directory} is a symbolic link`;
  if (stats.uid !== 0) return `${directory} does not belong to root`;
  const isSticky = (stats.mode & sticky) !== 0;
  return (stats.mode & writableByOthers) !== 0 && !isSticky ? `others may write to ${directory}` : null;
}

/**
 * Refuses a helper's socket that somebody other than root could have put in its place. The socket itself belongs to the
 * user, so what vouches for it is where it lies: every directory above it must belong to root and be writable by root
 * alone (or be sticky, as /tmp is, for directories above the last). A directory that does not exist yet is no reason:
 * the helper makes it, as root. Throws {@link ServiceError} 'helper-untrusted'.
 */
export function refuseUntrusted(socketPath: string): void {
  const last = path.dirname(path.resolve(socketPath));
  for (let directory = last; ; directory = path.dirname(directory)) {
    const stats = lstatSync(directory, { throwIfNoEntry: false });
    const doubt = stats === undefined ? null : doubtAbout(directory, stats);
    const isOpen = directory === last && stats !== undefined && (stats.mode & writableByOthers) !== 0;
    if (doubt !== null || isOpen) {
      const reason = doubt ?? `others may write to ${directory}`;
      throw new ServiceError(
        'helper-untrusted',
        `will not believe a helper at ${socketPath}: ${reason}; unset TIDEWATCH_HELPER_SOCKET, or name a place that only root may write to`,
      );
    }
    if (directory === path.dirname(directory)) return;
  }
}

/**
 * Refuses a socket in a folder that is neither this user's own nor root's, or that others may write to: whoever can put another
 * in its place can tell this service anything. Throws {@link ServiceError} 'helper-untrusted'.
 */
export function refuseForeign(socketPath: string, uid: number): void {
  const folder = path.dirname(path.resolve(socketPath));
  const stats = lstatSync(folder, { throwIfNoEntry: false });
  if (stats === undefined) return;
  const isOwn = stats.isDirectory() && (stats.uid === uid || stats.uid === 0) && (stats.mode & writableByOthers) === 0;
  if (!isOwn) throw new ServiceError('helper-untrusted', `will not believe a helper at ${socketPath}: others may write to ${folder}; remove that folder`);
}
