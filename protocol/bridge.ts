/**
 * What a desktop shell's preload puts into its window as `window.tidewatch`, so that the window can hold the app API without a
 * WebSocket. Plain functions of plain values only: what crosses between the two worlds is copied, so that no iterable, no class
 * and no error's code gets through. Both ends parse what they are given: the names and the shapes are those of `appContract`.
 */
export interface WindowBridge {
  /** Answers with the query's result; rejects with an `Error` whose message is one line for a person. */
  query(name: string, parameters: unknown): Promise<unknown>;
  /** As {@link query}, and something changes. */
  command(name: string, parameters: unknown): Promise<unknown>;
  /**
   * `listener` gets every event of the subscription, the newest snapshot first, until the function that is returned is called.
   * `ended` is called once, where the service goes away.
   */
  live(listener: (event: unknown) => void, ended: () => void): () => void;
  /** Opens, or brings to the front, a window of the desktop's own; `place` is what stands behind `#` in its address. */
  open(window: 'main' | 'mini', place?: string): void;
}

/** The name of the bridge in the window's global scope. */
export const bridgeName = 'tidewatch';
