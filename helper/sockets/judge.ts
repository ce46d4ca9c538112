import type { ProcessDescription } from '../../protocol/flow.ts';
import { unknownOwner } from './owner-source.ts';
import type { OwnerAnswer } from './owner-source.ts';
import type { Candidate } from './socket-table.ts';
import type { Holding } from './socket-holders.ts';

/** One process that holds a socket. */
export interface Holder {
  readonly process: ProcessDescription;
  /** Clock ticks since boot. */
  readonly startTicks: number;
}

/** A socket that can have carried the flow, with everyone who holds it. */
export interface HeldCandidate extends Candidate {
  readonly holders: readonly Holder[];
  readonly search: Holding['search'];
}

function distinct(holders: readonly Holder[]): readonly Holder[] {
  return [...new Map(holders.map((holder) => [holder.process.key, holder])).values()];
}

/** Why nobody holds the socket. A closed one has inode 0; one that lives and that nobody has open is the kernel's own. */
function reasonOfNobody(candidate: HeldCandidate): OwnerAnswer {
  if (candidate.socket.inode === 0) return unknownOwner('process-ended');
  switch (candidate.search) {
    case 'cut':
      return unknownOwner('not-looked-up');
    case 'impeded':
      return unknownOwner('no-rights');
    case 'whole':
      return unknownOwner('kernel');
  }
}

/**
 * Which of several holders of one socket is named: the oldest, because it made the socket and the others were born
 * with it; but not the service manager (whatever runs the program of process 1), which makes sockets for the services it starts.
 */
function likeliestHolder(holders: readonly Holder[], serviceManager: string | null): Holder | undefined {
  const others = holders.filter((holder) => holder.process.executable !== serviceManager);
  return (others.length > 0 ? others : holders).toSorted(byAge)[0];
}

/** The older first. A tick is 10 ms long: of two born within one, the parent is older, else whoever has the lower number. */
function byAge(one: Holder, other: Holder): number {
  if (one.startTicks !== other.startTicks) return one.startTicks - other.startTicks;
  if (other.process.parentPid === one.process.pid) return -1;
  return one.process.parentPid === other.process.pid ? 1 : one.process.pid - other.process.pid;
}

function ofOneProcess(holder: Holder, candidates: readonly HeldCandidate[]): OwnerAnswer {
  const { process } = holder;
  if (candidates.some(({ search }) => search === 'cut')) return { certainty: 'inferred', process, reason: 'not-looked-up' };
  if (candidates.some(({ search }) => search === 'impeded')) return { certainty: 'inferred', process, reason: 'no-rights' };
  if (candidates.some(({ holders }) => holders.length === 0)) return { certainty: 'inferred', process, reason: 'shared-port' };
  const unsure = candidates[0]?.fit === 'dual-stack-unsure';
  return unsure ? { certainty: 'inferred', process, reason: 'wildcard-socket' } : { certainty: 'exact', process };
}

function ofSeveral(best: readonly HeldCandidate[], serviceManager: string | null): OwnerAnswer {
  const holders = distinct(best.flatMap((candidate) => candidate.holders));
  const likeliest = likeliestHolder(holders, serviceManager);
  if (likeliest === undefined) return unknownOwner('shared-port');
  if (holders.length === 1) return { certainty: 'inferred', process: likeliest.process, reason: 'shared-port' };
  if (best.length === 1) return { certainty: 'inferred', process: likeliest.process, reason: 'shared-socket' };
  const oneProgram = new Set(holders.map((holder) => holder.process.executable)).size === 1;
  return oneProgram ? { certainty: 'inferred', process: likeliest.process, reason: 'shared-port' } : unknownOwner('shared-port');
}

/**
 * Who owns a flow that these sockets (the best fit first) can have carried. Exact means: one process holds all of them. So the
 * only socket on a port is exact though it is bound to any address, and the best fitting of several processes' sockets is not.
 */
export function judge(candidates: readonly HeldCandidate[], serviceManager: string | null): OwnerAnswer {
  const [first] = candidates;
  if (first === undefined) return unknownOwner('no-socket');
  const best = candidates.filter((candidate) => candidate.fit === first.fit);
  if (best.every((candidate) => candidate.holders.length === 0)) return reasonOfNobody(first);
  const everyone = distinct(candidates.flatMap((candidate) => candidate.holders));
  const [only] = everyone;
  return everyone.length === 1 && only !== undefined ? ofOneProcess(only, candidates) : ofSeveral(best, serviceManager);
}

/** Who probably took a connection whose own socket is not there (any more): whoever listens. Never exact. */
export function judgeListeners(listeners: readonly HeldCandidate[], serviceManager: string | null): OwnerAnswer {
  const answer = judge(listeners, serviceManager);
  return answer.certainty === 'exact' ? { certainty: 'inferred', process: answer.process, reason: 'wildcard-socket' } : answer;
}
