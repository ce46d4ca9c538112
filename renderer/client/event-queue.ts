import type { LiveEvent } from '../../protocol/app.ts';

/** Events that wait for a slow page, most: a snapshot makes good for the ones before it. */
const longestQueue = 64;

/** Events as they come, to be taken one after another. Whoever stops iterating lets go of the subscription. */
export class EventQueue implements AsyncIterable<LiveEvent> {
  readonly #letGo: () => void;
  readonly #waiting: LiveEvent[] = [];
  #taker: ((next: IteratorResult<LiveEvent, undefined>) => void) | null = null;
  #ended = false;

  /** `letGo` is called once, when nobody wants events any more or there are no more. */
  constructor(letGo: () => void) {
    this.#letGo = letGo;
  }

  get ended(): boolean {
    return this.#ended;
  }

  put(event: LiveEvent): void {
    if (this.#ended) return;
    if (this.#taker !== null) {
      this.#taker({ done: false, value: event });
      this.#taker = null;
      return;
    }
    // Of the snapshots only the newest is worth showing; what else comes is told in order.
    if (event.kind === 'snapshot') this.#drop((waiting) => waiting.kind === 'snapshot');
    this.#waiting.push(event);
    if (this.#waiting.length > longestQueue) this.#waiting.shift();
  }

  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#taker?.({ done: true, value: undefined });
    this.#taker = null;
    this.#letGo();
  }

  [Symbol.asyncIterator](): AsyncIterator<LiveEvent, undefined> {
    return {
      next: () => this.#next(),
      return: () => {
        this.#waiting.length = 0;
        this.end();
        return Promise.resolve({ done: true, value: undefined });
      },
    };
  }

  #next(): Promise<IteratorResult<LiveEvent, undefined>> {
    const event = this.#waiting.shift();
    if (event !== undefined) return Promise.resolve({ done: false, value: event });
    if (this.#ended) return Promise.resolve({ done: true, value: undefined });
    return new Promise((resolve) => {
      this.#taker = resolve;
    });
  }

  #drop(unwanted: (event: LiveEvent) => boolean): void {
    const kept = this.#waiting.filter((event) => !unwanted(event));
    this.#waiting.splice(0, this.#waiting.length, ...kept);
  }
}
