import type { Plan, PlanState } from '../../protocol/plan.ts';
import { epochMs } from '../../protocol/units.ts';
import type { EpochMs } from '../../protocol/units.ts';
import type { Stretch } from './cycle.ts';
import { forecastOf, paceOf } from './forecast.ts';

const dayMs = 86_400_000;

/** What is known of a plan's cycle. */
export interface PlanFacts {
  readonly cycle: Stretch;
  readonly usedBytes: number;
  /** What whole days of late held, the newest last. */
  readonly days: readonly number[];
  readonly notMeasuredSeconds: number;
}

/** Where a plan stands at an instant of its cycle. */
export function planState(plan: Plan, facts: PlanFacts, now: EpochMs): PlanState {
  const { cycle, usedBytes, days, notMeasuredSeconds } = facts;
  const leftBytes = Math.max(0, plan.capBytes - usedBytes);
  const daysLeft = Math.max(0, cycle.to - now) / dayMs;
  return {
    plan,
    from: cycle.from,
    to: cycle.to,
    usedBytes,
    leftBytes,
    share: usedBytes / plan.capBytes,
    // The last day of a cycle has all that is left.
    dailyBytes: usedBytes > plan.capBytes ? null : leftBytes / Math.max(1, daysLeft),
    forecast: forecastOf({ usedBytes, days, daysLeft }),
    exceedsAt: exceedsAt(facts, leftBytes, now),
    notMeasuredSeconds,
  };
}

function exceedsAt({ cycle, days }: PlanFacts, leftBytes: number, now: EpochMs): EpochMs | null {
  const pace = paceOf(days);
  if (pace === null || pace.mean <= 0 || leftBytes === 0) return null;
  const at = now + (leftBytes / pace.mean) * dayMs;
  return at < cycle.to ? epochMs(at) : null;
}
