/**
 * Calls `act` once in each second of the wall clock, a few milliseconds after it began, until the returned function is called. A
 * timer of its own for each call: a late one does not shift those after it, and a jump of the clock costs one odd interval.
 */
export function everySecond(act: () => void): () => void {
  let timer: NodeJS.Timeout | null = null;
  const plan = (): void => {
    timer = setTimeout(() => {
      plan();
      act();
    }, 1000 - (Date.now() % 1000) + leadMs);
  };
  plan();
  return () => {
    if (timer !== null) clearTimeout(timer);
  };
}

/** Timers may fire up to a millisecond early, and would then fire twice around the same second. */
const leadMs = 3;
