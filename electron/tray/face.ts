import { stepOf } from '../quantity.ts';
import type { Units } from '../quantity.ts';
import { obstacle } from '../standing.ts';
import type { Standing } from '../standing.ts';
import { ratesOf } from '../words.ts';
import type { TrayFace } from './drawing.ts';
import { shortRate } from './short-rate.ts';

/** Rates at the foot and at the head of the bars, in bytes a second: what is a trickle, and what fills a gigabit link. */
const leastBarRate = 1000;
const mostBarRate = 125e6;

/** Where a rate stands between the two, by its magnitude: a bar that grew evenly would show nothing below a tenth of the link. */
export function levelOf(bytesPerSecond: number): number {
  if (bytesPerSecond <= leastBarRate) return 0;
  return Math.min(1, Math.log(bytesPerSecond / leastBarRate) / Math.log(mostBarRate / leastBarRate));
}

function kindOf({ openAlerts, mode }: Standing): 'alert' | 'private' | 'measuring' {
  if (openAlerts.some(({ severity }) => severity !== 'information')) return 'alert';
  return mode.private === null ? 'measuring' : 'private';
}

/** What the icon shows of how things stand. */
export function trayFaceOf(standing: Standing, units: Units): TrayFace {
  if (obstacle(standing) !== null) return { kind: 'not-measuring' };
  if (standing.mode.paused !== null) return { kind: 'paused' };
  const { snapshot } = standing;
  const { down, up } = snapshot === null ? { down: 0, up: 0 } : ratesOf(snapshot.totals, snapshot);
  const inUnit = units.rates === 'bits' ? 8 : 1;
  const short = (rate: number): string => (snapshot === null ? '-' : shortRate(rate * inUnit, stepOf(units)));
  return { kind: kindOf(standing), down: short(down), up: short(up), downLevel: levelOf(down), upLevel: levelOf(up) };
}
