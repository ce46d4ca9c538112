/**
 * Stacked bars on a canvas. Chart.js works each of its bars out several times over, which takes a third of a second for a year of
 * ten colours; here each is one rectangle. What is around them (axes, sizes, lines) is Chart.js's.
 */

/** The drawn area, in CSS pixels of the canvas. */
export interface Area {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

export interface Stack {
  readonly colour: string;
  readonly values: readonly number[];
}

export interface StackedBars {
  readonly area: Area;
  readonly steps: number;
  /** What the area's whole height stands for. */
  readonly most: number;
  /** From the bottom to the top. */
  readonly stacks: readonly Stack[];
}

/** How much of a step's width its bar takes: the fewer there are, the more air is between them. */
function barShare(steps: number): number {
  if (steps > 120) return 1;
  return steps > 40 ? 0.9 : 0.8;
}

/** Most bars that have rounded heads: finer ones would have nothing else. */
const mostRounded = 60;

/** Edges of the bars on whole pixels: one bar ends where the next begins, without seams. */
function edgesOf({ area, steps }: StackedBars, index: number): { readonly x: number; readonly width: number } {
  const step = area.width / steps;
  const air = (step * (1 - barShare(steps))) / 2;
  const x = Math.round(area.left + index * step + air);
  return { x, width: Math.max(1, Math.round(area.left + (index + 1) * step - air) - x) };
}

/** Draws the bars; leaves the pen as it found it. */
export function drawStacks(pen: CanvasRenderingContext2D, bars: StackedBars): void {
  const { area, steps, most, stacks } = bars;
  const bottom = area.top + area.height;
  const heights = new Float64Array(steps);
  pen.save();
  if (steps <= mostRounded) clipHeads(pen, bars);
  for (const { colour, values } of stacks) {
    pen.fillStyle = colour;
    for (let index = 0; index < steps; index += 1) {
      const value = values[index] ?? 0;
      if (value <= 0) continue;
      const below = heights[index] ?? 0;
      heights[index] = below + value;
      const { x, width } = edgesOf(bars, index);
      const low = Math.round(bottom - (below / most) * area.height);
      const high = Math.round(bottom - ((below + value) / most) * area.height);
      if (low > high) pen.fillRect(x, high, width, low - high);
    }
  }
  pen.restore();
}

/** Lets only through what is below the round head of each bar. */
function clipHeads(pen: CanvasRenderingContext2D, bars: StackedBars): void {
  const { area, steps, most, stacks } = bars;
  pen.beginPath();
  for (let index = 0; index < steps; index += 1) {
    const sum = stacks.reduce((all, { values }) => all + (values[index] ?? 0), 0);
    if (sum <= 0) continue;
    const { x, width } = edgesOf(bars, index);
    const high = Math.round(area.top + area.height - (sum / most) * area.height);
    pen.roundRect(x, high, width, area.top + area.height - high, [Math.min(3, width / 2), Math.min(3, width / 2), 0, 0]);
  }
  pen.clip();
}
