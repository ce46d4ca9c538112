import type { LivingProcess } from './process-table.ts';

/**
 * Who may hold a socket of another process because fork(2) copies descriptors. Only the nearest are named here: whoever of them
 * holds it, too, has relatives of its own.
 */

/** Its children, the others of its process group under the same parent, and its parent. */
export function nearestRelatives(all: readonly LivingProcess[], of: LivingProcess): readonly LivingProcess[] {
  const isSibling = (one: LivingProcess): boolean => one.parentPid === of.parentPid && one.processGroup === of.processGroup;
  return all.filter((one) => one.pid !== of.pid && (one.parentPid === of.pid || one.pid === of.parentPid || isSibling(one)));
}

/** Its children that were first seen after refresh `since` of the table. */
export function childrenSince(all: readonly LivingProcess[], of: LivingProcess, since: number): readonly LivingProcess[] {
  return all.filter((one) => one.parentPid === of.pid && one.firstSeen > since);
}
