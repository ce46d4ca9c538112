import { Plan } from '../../protocol/plan.ts';

/** A data plan as it stands in a form: texts, until it is a plan. */
export interface PlanDraft {
  name: string;
  network: string;
  /** In gigabytes (10⁹ bytes), with a comma or a point. */
  gigabytes: string;
  cycle: 'monthly' | 'weekly' | 'days';
  /** Of the month, of the week (1 is Monday), or how many. */
  day: string;
  from: string;
  direction: Plan['direction'];
  scope: Plan['scope'];
  hoursFrom: string;
  hoursTo: string;
}

export const emptyDraft: PlanDraft = { name: '', network: '', gigabytes: '100', cycle: 'monthly', day: '1', from: '', direction: 'both', scope: 'internet', hoursFrom: '', hoursTo: '' };

const gigabyte = 1e9;
/** A plan is told of when four fifths are used, and when all is. */
const usualPercents = [80, 100];

/** A plan as a form shows it. */
export function draftOf({ name, network, capBytes, cycle, direction, scope, hours }: Plan): PlanDraft {
  const day = cycle.kind === 'monthly' ? cycle.day : cycle.kind === 'weekly' ? cycle.weekday : cycle.days;
  return {
    name,
    network: network ?? '',
    gigabytes: String(capBytes / gigabyte),
    cycle: cycle.kind,
    day: String(day),
    from: cycle.kind === 'days' ? cycle.from : '',
    direction,
    scope,
    hoursFrom: hours === null ? '' : String(hours.from),
    hoursTo: hours === null ? '' : String(hours.to),
  };
}

function cycleOf({ cycle, day, from }: PlanDraft): unknown {
  const number = Number(day);
  if (cycle === 'monthly') return { kind: cycle, day: number };
  return cycle === 'weekly' ? { kind: cycle, weekday: number } : { kind: cycle, days: number, from };
}

/** The plan that a form says, or the names of the fields that are wrong. What the form does not show stays as it was. */
export function planOf(draft: PlanDraft, before: Plan | null): Plan | readonly string[] {
  const { name, network, gigabytes, direction, scope, hoursFrom, hoursTo } = draft;
  const isAllDay = hoursFrom.trim() === '' && hoursTo.trim() === '';
  const read = Plan.safeParse({
    name: name.trim(),
    network: network.trim() === '' ? null : network.trim(),
    capBytes: Math.round(Number(gigabytes.trim().replace(',', '.')) * gigabyte),
    cycle: cycleOf(draft),
    direction,
    scope,
    hours: isAllDay ? null : { from: Number(hoursFrom), to: Number(hoursTo) },
    tellAtPercent: before?.tellAtPercent ?? usualPercents,
  });
  return read.success ? read.data : [...new Set(read.error.issues.map(({ path }) => String(path[0])))];
}

/** The plans with one put in the place of another of the same name, or at their end. */
export function withPlan(plans: readonly Plan[], plan: Plan, before: Plan | null): readonly Plan[] {
  return before === null ? [...plans, plan] : plans.map((each) => (each.name === before.name ? plan : each));
}
