import type { Calendar } from '../../core/history/calendar.ts';
import { countedBytes, countsAt } from '../../core/plan/counting.ts';
import { cycleAt } from '../../core/plan/cycle.ts';
import type { Stretch } from '../../core/plan/cycle.ts';
import { forecastDays } from '../../core/plan/forecast.ts';
import { PlanMeter } from '../../core/plan/meter.ts';
import type { PlanMoment } from '../../core/plan/meter.ts';
import type { PlanFacts } from '../../core/plan/state.ts';
import type { Gap, Plan, PlanState, Step, UsageFilter } from '../../protocol/app.ts';
import { epochMs } from '../../protocol/units.ts';
import type { EpochMs } from '../../protocol/units.ts';
import type { HistoryAnswers } from '../history-handlers.ts';

export interface PlanPorts {
  readonly reader: () => HistoryAnswers;
  /** Writes what is held: what is asked of the history then has this moment. */
  readonly writeNow: () => void;
  readonly calendar: Calendar;
  readonly plans: () => readonly Plan[];
}

/** The history is asked again this often: what was added meanwhile is then counted as it was kept. */
const askEveryMs = 600_000;
const dayMs = 86_400_000;

/** Most of a day that may not have been measured, for the day to say what days are like. */
const tolerableGapMs = dayMs / 4;

function filterOf({ network, scope }: Plan): { readonly filter: UsageFilter } {
  return { filter: { ...(network === null ? {} : { network }), ...(scope === 'internet' ? { scope } : {}) } };
}

function lengthIn(gaps: readonly Gap[], { from, to }: Stretch): number {
  return gaps.reduce((sum, gap) => sum + Math.max(0, Math.min(gap.to, to) - Math.max(gap.from, from)), 0);
}

/** Where the data plans stand, counted on as things move. */
export class PlanMeters {
  readonly #ports: PlanPorts;
  #meters: readonly PlanMeter[] = [];
  #plans: readonly Plan[] = [];
  #askedAt = Number.NEGATIVE_INFINITY;

  constructor(ports: PlanPorts) {
    this.#ports = ports;
  }

  /** What moved; and where the plans stand after it. */
  step(moment: PlanMoment): readonly PlanState[] {
    const { now } = moment;
    if (this.#isStale(now)) this.#ask(now);
    else for (const meter of this.#meters) meter.add(moment);
    return this.#meters.map((meter) => meter.state(now));
  }

  /** Where the plans stand. */
  states(now: EpochMs): readonly PlanState[] {
    if (this.#isStale(now)) this.#ask(now);
    return this.#meters.map((meter) => meter.state(now));
  }

  /** Something was forgotten: what the history says now holds. */
  forget(): void {
    this.#askedAt = Number.NEGATIVE_INFINITY;
  }

  #isStale(now: EpochMs): boolean {
    const plans = this.#ports.plans();
    if (plans.length === 0 && this.#meters.length === 0) return false;
    return plans !== this.#plans || Math.abs(now - this.#askedAt) >= askEveryMs || this.#meters.some((meter) => meter.isStale(now));
  }

  #ask(now: EpochMs): void {
    this.#plans = this.#ports.plans();
    this.#askedAt = now;
    if (this.#plans.length > 0) this.#ports.writeNow();
    this.#meters = this.#plans.map((plan) => new PlanMeter(plan, this.#factsOf(plan, now)));
  }

  #factsOf(plan: Plan, now: EpochMs): PlanFacts {
    const cycle = cycleAt(plan.cycle, now, this.#ports.calendar);
    const reader = this.#ports.reader();
    const range = { from: cycle.from, to: now, ...filterOf(plan) };
    // Without a beginning, the answer begins where the history does.
    const { from: first } = reader.top({ by: 'scope', limit: 1, to: now }, now);
    const { steps, gaps } = reader.steps({ ...range, step: plan.hours === null ? 'day' : 'quarter' }, now);
    return {
      cycle,
      usedBytes: this.#counted(plan, steps),
      days: this.#daysOf(plan, now),
      notMeasuredSeconds: (lengthIn(gaps, { from: epochMs(Math.max(cycle.from, first)), to: now }) + Math.max(0, first - cycle.from)) / 1000,
    };
  }

  #counted(plan: Plan, steps: readonly Step[]): number {
    const { calendar } = this.#ports;
    const counting = plan.hours === null ? steps : steps.filter(({ start }) => countsAt(plan.hours, calendar.hourOf(start)));
    return counting.reduce((sum, step) => sum + countedBytes(plan, step), 0);
  }

  /** What the whole local days of late held, the oldest first; days of which a good part was not measured are left out. */
  #daysOf(plan: Plan, now: EpochMs): readonly number[] {
    const { calendar } = this.#ports;
    const today = calendar.dayOf(now);
    const from = epochMs(Math.max(0, today.start - forecastDays * dayMs));
    const step = plan.hours === null ? 'day' : 'quarter';
    const answer = this.#ports.reader().steps({ from, to: today.start, step, ...filterOf(plan) }, now);
    const days: number[] = [];
    // Before the first there may have been no history yet.
    const first = answer.steps[0]?.start ?? today.start;
    for (let day = calendar.dayOf(first); day.start < today.start; day = calendar.dayOf(day.end)) {
      const isWhole = answer.from <= day.start && lengthIn(answer.gaps, { from: day.start, to: day.end }) <= tolerableGapMs;
      if (isWhole) days.push(this.#counted(plan, answer.steps.filter(({ start }) => start >= day.start && start < day.end)));
    }
    return days;
  }
}
