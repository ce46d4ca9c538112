/**
 * Why a command that runs until told otherwise ends: the person wished it (Ctrl-C, SIGTERM, `q`), the time set with
 * --duration is over, or nobody reads its output any more. All of them are a good end; the first one counts.
 */
export type EndingReason = 'asked' | 'time-over' | 'reader-gone';

/** One end for one run of the command line. A second wish for the same end changes nothing. */
export class Ending {
  readonly #controller = new AbortController();
  readonly #reason = Promise.withResolvers<EndingReason>();

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Settles with the first reason; never rejects. */
  get reason(): Promise<EndingReason> {
    return this.#reason.promise;
  }

  end(reason: EndingReason): void {
    if (this.#controller.signal.aborted) return;
    this.#reason.resolve(reason);
    this.#controller.abort(reason);
  }
}

/**
 * The events of `source` until `ending`. The source is told to stop but not waited for, because it may be waiting for
 * an event that never comes.
 */
export async function* until<Event>(ending: Ending, source: AsyncIterable<Event>): AsyncGenerator<Event, void, undefined> {
  const iterator = source[Symbol.asyncIterator]();
  const over = ending.reason.then(() => null);
  try {
    for (;;) {
      const next = await Promise.race([over, iterator.next()]);
      if (next === null || next.done === true) return;
      yield next.value;
    }
  } finally {
    // Whoever closes the client settles what is still pending; what it says then interests nobody.
    iterator.return?.().catch(() => null);
  }
}
