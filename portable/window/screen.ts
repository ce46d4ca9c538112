import type { Bounds } from './browser-process.ts';

/** More than anyone connects. */
const maximumDisplays = 16;
const workAreas = new Map<string, Bounds>();

/** A page told where its window may be. */
export function noteWorkArea(area: Bounds): void {
  if (workAreas.size < maximumDisplays) workAreas.set([area.x, area.y, area.width, area.height].join(' '), area);
}

function overlap(a: Bounds, b: Bounds): number {
  const width = Math.min(a.x + a.width, b.x + b.width) - Math.max(a.x, b.x);
  const height = Math.min(a.y + a.height, b.y + b.height) - Math.max(a.y, b.y);
  return Math.max(0, width) * Math.max(0, height);
}

export const screen = {
  /**
   * The display that shows most of a place, of those that pages have told of. A place on none of them counts as being on a display
   * of its own: the browser and the window manager move a window that nobody could see.
   */
  getDisplayMatching(place: Bounds): { readonly workArea: Bounds } {
    const [best] = [...workAreas.values()].sort((a, b) => overlap(b, place) - overlap(a, place));
    return { workArea: best !== undefined && overlap(best, place) > 0 ? best : place };
  },
};
