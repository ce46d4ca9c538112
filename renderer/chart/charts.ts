import { CategoryScale, Chart, Filler, LinearScale, LineController, LineElement, PointElement } from 'chart.js';
import type { ChartConfiguration, Plugin } from 'chart.js';
import { colourNow, rootPixels } from '../look/colours.ts';

/** Chart.js with the parts that this window draws, and nothing else of it in the page. */
Chart.register(CategoryScale, Filler, LinearScale, LineController, LineElement, PointElement);

export { Chart };
export type { ChartConfiguration, Plugin };

/** What all charts have in common: no animation, since live figures would never come to rest, and letters as beside them. */
export function still(): { animation: false; responsive: true; maintainAspectRatio: false; events: []; normalized: true } {
  return { animation: false, responsive: true, maintainAspectRatio: false, events: [], normalized: true };
}

/** Colours and letters of the axes, as the theme has them now. */
export interface AxisLook {
  readonly text: string;
  readonly grid: string;
  readonly zero: string;
  readonly font: { readonly family: string; readonly size: number };
}

export function axisLook(): AxisLook {
  const family = getComputedStyle(document.body).fontFamily;
  return { text: colourNow('--text-faint'), grid: colourNow('--line'), zero: colourNow('--line-strong'), font: { family, size: rootPixels() * 0.6875 } };
}
