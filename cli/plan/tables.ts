import type { Plan, PlansResult, PlanState } from '../../protocol/app.ts';
import type { Canvas } from '../table.ts';
import { visible } from '../terminal.ts';
import { dateTimeText } from '../time.ts';
import { durationText, shareText, sizeText } from '../units.ts';

const weekdays = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'] as const;

function cycleText({ cycle }: Plan): string {
  switch (cycle.kind) {
    case 'monthly':
      return `monthly, from day ${cycle.day}`;
    case 'weekly':
      return `weekly, from ${weekdays[cycle.weekday - 1] ?? 'Monday'}`;
    case 'days':
      return `every ${cycle.days} days from ${cycle.from}`;
  }
}

function countedText({ network, direction, scope, hours }: Plan): string {
  const what = { both: 'both directions', down: 'received only', up: 'sent only' }[direction];
  const where = scope === 'internet' ? 'internet only' : 'the local network too';
  const when = hours === null ? [] : [`from ${hours.from} to ${hours.to} o'clock`];
  return [network === null ? 'all networks' : `network ${network}`, what, where, ...when].join(', ');
}

function forecastLines({ forecast, plan, exceedsAt, to }: PlanState, canvas: Canvas): string[] {
  if (forecast === null) return ['At its end: not enough is known yet.'];
  const { units } = canvas;
  const share = `${Math.round((100 * forecast.bytes) / plan.capBytes)} %`;
  const range = `${sizeText(forecast.low, units)} to ${sizeText(forecast.high, units)}`;
  const over = exceedsAt === null ? [] : [canvas.paint('warning', `At this pace it is used up on ${dateTimeText(exceedsAt)}.`)];
  return [`At its end, ${dateTimeText(to)}: ${sizeText(forecast.bytes, units)} (${share}), likely ${range}.`, ...over];
}

function planLines(state: PlanState, canvas: Canvas): string[] {
  const { plan, usedBytes, leftBytes, share, dailyBytes, from, notMeasuredSeconds } = state;
  const { units } = canvas;
  const tone = share >= 1 ? 'bad' : share >= 0.8 ? 'warning' : 'strong';
  const pace = dailyBytes === null ? 'The cap is passed.' : `${sizeText(dailyBytes, units)} a day keeps within it.`;
  return [
    canvas.paint(tone, `${visible(plan.name)}: ${sizeText(usedBytes, units)} of ${sizeText(plan.capBytes, units)} used (${shareText(usedBytes, plan.capBytes)}), ${sizeText(leftBytes, units)} left`),
    canvas.paint('faint', `  ${cycleText(plan)}; ${visible(countedText(plan))}; since ${dateTimeText(from)}`),
    `  ${pace}`,
    ...forecastLines(state, canvas).map((line) => `  ${line}`),
    ...(notMeasuredSeconds < 60 ? [] : [canvas.paint('faint', `  ${durationText(notMeasuredSeconds)} of it were not measured.`)]),
  ];
}

/** The plans, each in a few lines, and the metered networks that have none. */
export function plansLines({ plans, offered }: PlansResult, canvas: Canvas): string[] {
  const lines = plans.flatMap((state, index) => [...(index === 0 ? [] : ['']), ...planLines(state, canvas)]);
  const none = plans.length === 0 ? ['No data plan. Add one with: tidewatch plan add NAME --cap 100GB'] : [];
  const hints = offered.map((network) => `The network ${visible(network)} is metered and has no plan: tidewatch plan add NAME --cap 10GB --network "${visible(network)}"`);
  return [...lines, ...none, ...(hints.length > 0 && plans.length > 0 ? [''] : []), ...hints];
}
