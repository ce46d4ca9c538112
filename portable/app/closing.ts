/** A window as the end of the program sees it. */
export interface Closable {
  /** Asks the window to go; it may stay. */
  close(): void;
  isDestroyed(): boolean;
}

/** Every window that is not destroyed, in the order in which they were made. */
export const openWindows = new Set<Closable>();

const endings: (() => Promise<void>)[] = [];

/** Has this done before the process ends: closing a process, a socket, a file. */
export function beforeEnd(end: () => Promise<void>): void {
  endings.push(end);
}

/** Longer than any of these takes; what hangs is left to the end of the process. */
const patienceMs = 3000;

/** Does all that was to be done before the end, at the same time, and waits for it for 3 s at most. */
export async function endAll(): Promise<void> {
  const patience = Promise.withResolvers<void>();
  const timer = setTimeout(patience.resolve, patienceMs);
  await Promise.race([Promise.allSettled(endings.map((end) => end())), patience.promise]);
  clearTimeout(timer);
}
