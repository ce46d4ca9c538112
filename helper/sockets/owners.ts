import type { FlowId, OwnerReference, ProcessDescription } from '../../protocol/flow.ts';
import { budgetOf, endlessBudget, tellsMore, unknownOwner } from './owner-source.ts';
import type { MonotonicMs, OwnerAnswer, OwnerQuestion, OwnerSource, SourceLimit } from './owner-source.ts';
import type { Described } from './lineage.ts';
import { PortMemory } from './port-memory.ts';

/** An owner as the protocol says it, with the description of its process; null where none is named. */
export interface Owned {
  readonly owner: OwnerReference;
  readonly process: ProcessDescription | null;
  /** Who started it, the eldest first, as far as it is known. */
  readonly ancestors?: readonly ProcessDescription[];
}

/** Adds to a description what is known only while the process lives. */
type DescribeWhileAlive = (process: ProcessDescription) => Described;

/** Bounds of the work on owners. */
export interface OwnerLimits {
  /** Flows whose owner is remembered at one time. A further one is `not-looked-up`. */
  readonly flows: number;
  /** Flows asked about at one time. */
  readonly questions: number;
  /** Time that one round of questions may take, in milliseconds. */
  readonly roundMs: number;
  /** Shortest time from the end of one round to the next, in milliseconds; a round that took long is followed by a longer rest. */
  readonly restMs: number;
  /** Times that a flow without exact owner is asked about again. */
  readonly retries: number;
}

/**
 * A round of 10 ms followed by ten times its length of rest costs at most a tenth of one core, however many flows begin;
 * a rest of 50 ms still meets processes that live shortly.
 */
export const ownerLimits: OwnerLimits = { flows: 131_072, questions: 512, roundMs: 10, restMs: 50, retries: 6 };
const restFactor = 10;
/** The first retry is due a second after the answer, each further one after twice the time. */
const retryMs = 1000;

interface Known {
  question: OwnerQuestion;
  /** The best answer so far; null before the first. */
  answer: OwnerAnswer | null;
  /** The answer as it is told; null until somebody asks. The same value comes every second. */
  owned: Owned | null;
  /** Rounds in which it was asked about. */
  rounds: number;
  /** Monotonic time before which it is not asked about again. */
  notBefore: number;
  /** Times that its bytes were handed on without an exact owner. */
  unsure: number;
}

/** What is told of flows beyond the bound. */
const notLookedUp: Owned = { owner: { certainty: 'unknown', reason: 'not-looked-up' }, process: null };

/** Asks the rungs, the surest first, and remembers each flow's owner for as long as the flow lives. */
export class Owners {
  readonly #sources: readonly OwnerSource[];
  readonly #monotonic: MonotonicMs;
  readonly #limits: OwnerLimits;
  readonly #describe: DescribeWhileAlive;
  readonly #flows = new Map<FlowId, Known>();
  readonly #waiting = new Set<FlowId>();
  readonly #ports = new PortMemory();
  #nextRound = 0;

  constructor(parts: {
    readonly sources: readonly OwnerSource[];
    readonly monotonic: MonotonicMs;
    readonly limits?: OwnerLimits;
    readonly describe?: DescribeWhileAlive;
  }) {
    this.#sources = parts.sources;
    this.#describe = parts.describe ?? ((process) => ({ process, ancestors: [] }));
    this.#monotonic = parts.monotonic;
    this.#limits = parts.limits ?? ownerLimits;
  }

  /** A flow began, or was met for the first time: its owner is sought in the next round. */
  opened(flow: FlowId, question: OwnerQuestion): void {
    if (this.#flows.has(flow) || this.#flows.size >= this.#limits.flows) return;
    if (question.ends.position === 'not-this-host') {
      this.#flows.set(flow, { question, answer: unknownOwner('not-this-host'), owned: null, rounds: 0, notBefore: Infinity, unsure: 0 });
      return;
    }
    this.#flows.set(flow, { question: { ...question, since: this.#monotonic() }, answer: null, owned: null, rounds: 0, notBefore: 0, unsure: 0 });
    this.#waiting.add(flow);
  }

  /** Milliseconds until the next round may begin; null while nothing waits for one. */
  dueIn(): number | null {
    return this.#waiting.size === 0 ? null : Math.max(0, this.#nextRound - this.#monotonic());
  }

  /** One round: asks about the flows that wait, the newest first, because they may belong to processes that live shortly. */
  ask(): void {
    const begin = this.#monotonic();
    const flows = [...this.#waiting].slice(-this.#limits.questions);
    this.#askLadder(flows);
    for (const flow of flows) this.#waiting.delete(flow);
    const end = this.#monotonic();
    this.#nextRound = end + Math.max(this.#limits.restMs, restFactor * (end - begin));
  }

  /** The owner as it is known now. Asks for a better answer later where this one is not exact and the flow still lives. */
  ownerOf(flow: FlowId): Owned {
    const known = this.#flows.get(flow);
    if (known !== undefined) this.#glance(known);
    if (known !== undefined && this.#worthAsking(known)) this.#waiting.add(flow);
    if (known === undefined) return notLookedUp;
    known.owned ??= this.#told(known.answer ?? unknownOwner('not-looked-up'));
    return known.owned;
  }

  /** The flow is over. */
  ended(flow: FlowId): void {
    this.#flows.delete(flow);
    this.#waiting.delete(flow);
  }

  /** What keeps the rungs from telling more, by their names. */
  limits(): readonly (SourceLimit & { readonly source: string })[] {
    return this.#sources.flatMap((source) => {
      const limit = source.limit?.() ?? null;
      return limit === null ? [] : [{ source: source.name, ...limit }];
    });
  }

  /**
   * A last look before the flow's bytes are handed on: a process that moved its data since the last round is known by now.
   * Where there are no ports, another process may have gone on with the same ends: the latest answer holds. Elsewhere, the longer
   * nothing was seen, the rarer the looks: a flood of flows that nobody answers is not looked up again and again.
   */
  #glance(known: Known): void {
    const { ends } = known.question;
    const lasting = known.answer?.certainty === 'exact' && ends.localPort !== null;
    if (lasting || ends.position === 'not-this-host') return;
    known.unsure += 1;
    if (ends.localPort !== null && !isGlanceDue(known.unsure)) return;
    for (const source of this.#sources) {
      if (source.effort !== 'glance') continue;
      const [answer = null] = source.find([known.question], endlessBudget);
      if (answer === null) continue;
      if (answer.certainty === 'exact') this.#take(known, answer);
      else this.#learn(known, answer);
    }
  }

  #worthAsking(known: Known): boolean {
    if (known.answer?.certainty === 'exact' || known.rounds > this.#limits.retries) return false;
    return this.#monotonic() >= known.notBefore;
  }

  #askLadder(flows: readonly FlowId[]): void {
    const budget = budgetOf(this.#limits.roundMs, this.#monotonic);
    let open = flows.flatMap((flow) => {
      const known = this.#flows.get(flow);
      return known === undefined ? [] : [known];
    });
    const asked = open;
    for (const source of this.#sources) {
      if (open.length === 0) break;
      const answers = source.find(open.map((known) => known.question), budget);
      for (const [index, known] of open.entries()) this.#learn(known, answers[index] ?? null);
      open = open.filter((known) => known.answer?.certainty !== 'exact');
    }
    for (const known of asked) this.#settle(known);
  }

  #learn(known: Known, answer: OwnerAnswer | null): void {
    if (answer !== null && tellsMore(answer, known.answer)) this.#take(known, answer);
  }

  #told(answer: OwnerAnswer): Owned {
    switch (answer.certainty) {
      case 'unknown':
        return { owner: { certainty: 'unknown', reason: answer.reason }, process: null };
      case 'inferred':
        return { owner: { certainty: 'inferred', process: answer.process.key, reason: answer.reason }, ...this.#describe(answer.process) };
      case 'exact':
        return { owner: { certainty: 'exact', process: answer.process.key }, ...this.#describe(answer.process) };
    }
  }

  /** Whoever is an answer now may be gone when it is told. */
  #take(known: Known, answer: OwnerAnswer): void {
    known.answer = answer;
    known.owned = null;
    if (answer.certainty !== 'unknown') this.#describe(answer.process);
  }

  /**
   * What no rung could tell may be remembered from an earlier flow of the same port. A flow that the budget did not reach is asked
   * about again as soon as its turn comes; a flow that no rung knows at all has no socket that could be listed.
   */
  #settle(known: Known): void {
    const now = this.#monotonic();
    const { ends } = known.question;
    if (known.answer === null) this.#take(known, unknownOwner('no-socket'));
    const answer = known.answer ?? unknownOwner('no-socket');
    if (answer.certainty === 'exact') this.#ports.owned(ends, answer.process, now);
    if (answer.certainty === 'unknown') this.#learn(known, this.#ports.recall(ends, now));
    if (answer.certainty !== 'exact' && answer.reason === 'not-looked-up') return;
    known.notBefore = now + retryMs * 2 ** known.rounds;
    known.rounds += 1;
    // Asked again, it is about what has changed.
    known.question = { ...known.question, since: known.notBefore };
  }
}

/** At the first, second, fourth, eighth time, and at every sixteenth. */
function isGlanceDue(times: number): boolean {
  const isPowerOfTwo = (times & (times - 1)) === 0;
  return isPowerOfTwo || times % 16 === 0;
}
