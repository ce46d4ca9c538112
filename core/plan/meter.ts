import type { Plan, PlanState } from '../../protocol/plan.ts';
import type { ByteCounts, EpochMs } from '../../protocol/units.ts';
import { countedBytes, countsAt } from './counting.ts';
import type { PlanFacts } from './state.ts';
import { planState } from './state.ts';

/** What moved in one moment, as plans look at it. */
export interface PlanMoment {
  readonly now: EpochMs;
  /** The hour of the local clock: 0 to 23. */
  readonly hour: number;
  readonly totals: ByteCounts;
  readonly internet: ByteCounts;
  readonly networks: ReadonlyMap<string, ByteCounts>;
  readonly internetByNetwork: ReadonlyMap<string, ByteCounts>;
}

const nothing: ByteCounts = { rxBytes: 0, txBytes: 0 };

function movedFor({ network, scope }: Plan, moment: PlanMoment): ByteCounts {
  if (network === null) return scope === 'internet' ? moment.internet : moment.totals;
  return (scope === 'internet' ? moment.internetByNetwork : moment.networks).get(network) ?? nothing;
}

/** Counts one plan on from what the history said: what moves is added as it moves, and the history asked again only now and then. */
export class PlanMeter {
  readonly #plan: Plan;
  #facts: PlanFacts;

  constructor(plan: Plan, facts: PlanFacts) {
    this.#plan = plan;
    this.#facts = facts;
  }

  get plan(): Plan {
    return this.#plan;
  }

  /** Whether the history is to be asked again: another cycle has begun, or the clock was set. */
  isStale(now: EpochMs): boolean {
    const { cycle } = this.#facts;
    return now < cycle.from || now >= cycle.to;
  }

  add(moment: PlanMoment): void {
    if (this.isStale(moment.now) || !countsAt(this.#plan.hours, moment.hour)) return;
    const usedBytes = this.#facts.usedBytes + countedBytes(this.#plan, movedFor(this.#plan, moment));
    this.#facts = { ...this.#facts, usedBytes };
  }

  state(now: EpochMs): PlanState {
    return planState(this.#plan, this.#facts, now);
  }
}
