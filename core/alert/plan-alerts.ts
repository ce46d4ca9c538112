import type { PlanState } from '../../protocol/plan.ts';
import { bytesText, durationText, percentText, shownName, textOf, titleOf } from './texts.ts';
import type { AlertRules } from './rules.ts';
import type { Signal } from './signal.ts';

/** A forecast is told only when so much of the cycle is over: before that, one day decides. */
const leastShareOfCycle = 0.15;

/** A forecast is told when it is so much over the cap, and lasts until it is so much below it. */
const over = 1.03;
const below = 0.95;

type Words = Pick<Signal, 'situation' | 'severity' | 'title' | 'text'>;

function planSignal(words: Words): Signal {
  return { ...words, kind: 'plan', overText: null, cause: null, apps: [], domains: [], isLearnt: false, isRenewed: false, repeats: false };
}

/** The cap is part of it: another one is another plan. */
function situationOf({ plan, from }: PlanState, what: string): string {
  return `plan:${plan.name}:${plan.capBytes}:${from}:${what}`;
}

function usedText({ plan, usedBytes, to }: PlanState, now: number): string {
  return `${bytesText(usedBytes)} of ${bytesText(plan.capBytes)} are used; the cycle ends in ${durationText((to - now) / 1000)}.`;
}

function keepsText({ dailyBytes }: PlanState): string {
  return dailyBytes === null || dailyBytes === 0 ? '' : `${bytesText(dailyBytes)} a day keeps you inside.`;
}

function passed(state: PlanState, percent: number, now: number): Signal {
  const name = shownName(state.plan.name);
  return planSignal({
    situation: situationOf(state, String(percent)),
    severity: percent >= 100 ? 'critical' : 'warning',
    title: titleOf(percent >= 100 ? `The data plan ${name} is used up` : `The data plan ${name} is used to ${percent} %`),
    text: textOf(usedText(state, now), keepsText(state)),
  });
}

function foreseen(state: PlanState, now: number): Signal {
  const name = shownName(state.plan.name);
  const share = (state.forecast?.bytes ?? 0) / state.plan.capBytes;
  return planSignal({
    situation: situationOf(state, 'forecast'),
    severity: 'warning',
    title: titleOf(`The data plan ${name} may not last`),
    text: textOf(`At today's pace it is at ${percentText(share)} when its cycle ends.`, usedText(state, now), keepsText(state)),
  });
}

/** What data plans have to tell: the highest share that was passed, and a forecast that leads over the cap. */
export class PlanAlerts {
  #foreseen = new Set<string>();

  step(states: readonly PlanState[], rules: AlertRules, now: number): readonly Signal[] {
    const foreseenNow = new Set<string>();
    const signals = states.flatMap((state) => {
      const percent = Math.max(0, ...state.plan.tellAtPercent.filter((each) => state.usedBytes * 100 >= state.plan.capBytes * each));
      if (rules.planForecast && this.#isForeseen(state, now)) foreseenNow.add(situationOf(state, 'forecast'));
      const shown = foreseenNow.has(situationOf(state, 'forecast')) ? [foreseen(state, now)] : [];
      return [...(percent > 0 ? [passed(state, percent, now)] : []), ...shown];
    });
    this.#foreseen = foreseenNow;
    return signals;
  }

  #isForeseen(state: PlanState, now: number): boolean {
    const { forecast, plan, usedBytes, from, to } = state;
    if (forecast === null || usedBytes >= plan.capBytes || now - from < (to - from) * leastShareOfCycle) return false;
    const bound = this.#foreseen.has(situationOf(state, 'forecast')) ? below : over;
    return forecast.bytes > plan.capBytes * bound;
  }
}
