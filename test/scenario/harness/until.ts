import { setTimeout as delay } from 'node:timers/promises';

/** Milliseconds between two looks at a condition: short beside the one-second beat of what is watched. */
const lookEvery = 20;

/**
 * Waits until `look` gives something other than null, undefined or false, and returns it.
 * Throws with `what` in the message where that does not happen within `within` milliseconds.
 */
export async function until<Found>(
  what: string,
  within: number,
  look: () => Found | null | undefined | false | Promise<Found | null | undefined | false>,
): Promise<Found> {
  const deadline = performance.now() + within;
  for (;;) {
    const found = await look();
    if (found !== null && found !== undefined && found !== false) return found;
    if (performance.now() > deadline) throw new Error(`waited ${within} ms in vain for ${what}`);
    await delay(lookEvery);
  }
}
