import type { LivingProcess, ProcessTable } from './process-table.ts';

/** Steps up or down the tree of processes, most. */
const maximumDepth = 32;

function ancestors(table: ProcessTable, of: LivingProcess): readonly LivingProcess[] {
  const found: LivingProcess[] = [];
  let parent = table.get(of.parentPid);
  while (parent !== undefined && found.length < maximumDepth) {
    found.push(parent);
    parent = table.get(parent.parentPid);
  }
  return found;
}

function descendants(all: readonly LivingProcess[], of: LivingProcess): readonly LivingProcess[] {
  const family = new Set([of.pid]);
  const found: LivingProcess[] = [];
  // A child is never older than its parent, so one pass over the oldest first meets every parent before its children.
  for (const one of all.toReversed()) {
    if (one.pid === of.pid || !family.has(one.parentPid)) continue;
    family.add(one.pid);
    found.push(one);
  }
  return found;
}

/**
 * The processes that may hold a socket of `holder` because fork(2) copies descriptors: its ancestors, its descendants, and
 * the others of its process group under the same parent. `newestFirst` is the table's listing.
 */
export function wholeFamily(table: ProcessTable, newestFirst: readonly LivingProcess[], holder: LivingProcess): readonly LivingProcess[] {
  const siblings = newestFirst.filter(
    (one) => one.pid !== holder.pid && one.parentPid === holder.parentPid && one.processGroup === holder.processGroup,
  );
  return [...descendants(newestFirst, holder), ...siblings, ...ancestors(table, holder)];
}

/**
 * The processes that may have got a socket of `holder` that was not there yet in refresh `since`: only a child that was
 * born after it.
 */
export function bornSince(newestFirst: readonly LivingProcess[], holder: LivingProcess, since: number): readonly LivingProcess[] {
  return descendants(newestFirst, holder).filter((one) => one.firstSeen > since);
}
