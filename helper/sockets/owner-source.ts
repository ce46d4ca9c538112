import type { OwnerReason, ProcessDescription } from '../../protocol/flow.ts';
import type { OrientedEnds } from '../../core/flow/orient.ts';

/**
 * One rung of the ladder of owner sources: one way to learn which process is behind a flow. `owners.ts` asks the rungs from
 * the surest to the least sure, each only about the flows that the ones before it could not tell exactly.
 *
 * What the certainties mean, for every rung alike:
 * - `exact`: exactly one process holds every socket that can have carried the flow;
 * - `inferred`: one process is by far the likeliest, and `reason` says what keeps it from being exact;
 * - `unknown`: no process can be named, and `reason` says why. Wrong is worse than unknown.
 */
export interface OwnerSource {
  /** In a few words, as `doctor` shows it: "INET_DIAG and /proc". */
  readonly name: string;
  /**
   * What an answer costs. `glance`: a few microseconds, so it is asked once more whenever a flow's bytes are handed on.
   * `search`, which it is where nothing is said: it is asked in rounds, under a budget.
   */
  readonly effort?: 'glance' | 'search';
  /** What keeps this rung from telling all it could, as seen so far; null, or absent, where nothing does. */
  limit?(): SourceLimit | null;
  /**
   * Answers each question, in their order; null means that this rung cannot know such a flow at all (the next one is asked).
   * Stops looking when `budget` is spent: what is left is answered `not-looked-up`, and asked again later.
   */
  find(questions: readonly OwnerQuestion[], budget: Budget): readonly (OwnerAnswer | null)[];
}

/** A flow whose owner is sought. */
export interface OwnerQuestion {
  /** Index of the interface it was seen on; 0 where that is not known. */
  readonly interfaceIndex: number;
  readonly ends: OrientedEnds;
  /** Monotonic time by which it had begun; absent where that is not known: what is true now is asked for. */
  readonly since?: number;
}

/** What a rung tells of one flow. */
export type OwnerAnswer =
  | { readonly certainty: 'exact'; readonly process: ProcessDescription }
  | { readonly certainty: 'inferred'; readonly process: ProcessDescription; readonly reason: OwnerReason }
  | { readonly certainty: 'unknown'; readonly reason: OwnerReason };

/** Why a rung tells less than it could, with what to do about it. */
export interface SourceLimit {
  readonly message: string;
  readonly remedy: string;
}

/** Time that may be spent. */
export interface Budget {
  /** True once it is used up. */
  spent(): boolean;
}

/** Milliseconds from any fixed instant, only ever growing. */
export type MonotonicMs = () => number;

/** A budget that is never spent, for questions that cost next to nothing. */
export const endlessBudget: Budget = { spent: () => false };

/** A budget of some milliseconds that begins now. */
export function budgetOf(milliseconds: number, monotonic: MonotonicMs): Budget {
  const end = monotonic() + milliseconds;
  return { spent: () => monotonic() >= end };
}

/** An answer of unknown. */
export function unknownOwner(reason: OwnerReason): OwnerAnswer {
  return { certainty: 'unknown', reason };
}

/** How much each reason of an unknown owner tells, the least first: the ladder keeps what tells the most. */
const tellingReasons: readonly OwnerReason[] = ['not-looked-up', 'no-socket', 'no-rights', 'process-ended', 'shared-port', 'kernel'];
const certaintyRank = { unknown: 0, inferred: 1, exact: 2 } as const;

/** Whether `answer` says more than `known`: surer, or as unsure with a reason that tells more. */
export function tellsMore(answer: OwnerAnswer, known: OwnerAnswer | null): boolean {
  if (known === null) return true;
  const difference = certaintyRank[answer.certainty] - certaintyRank[known.certainty];
  if (difference !== 0) return difference > 0;
  if (answer.certainty !== 'unknown' || known.certainty !== 'unknown') return false;
  return tellingReasons.indexOf(answer.reason) > tellingReasons.indexOf(known.reason);
}
