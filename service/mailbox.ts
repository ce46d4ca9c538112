type Waiter<Value> = { readonly resolve: (result: IteratorResult<Value, void>) => void; readonly reject: (error: Error) => void };

const over: IteratorReturnResult<void> = { done: true, value: undefined };

/** What is still held when a value comes that nobody waits for. It decides how much a slow reader can hold. */
export type Keep<Value> = (held: readonly Value[], next: Value) => readonly Value[];

/**
 * A place for one value, unless `keep` says otherwise: a newer one takes the place of an older one that nobody has taken
 * yet. This is how a slow reader is kept from holding memory or making anybody wait. Leaving a `for await` loop over it
 * ends it.
 */
export class Mailbox<Value> implements AsyncIterableIterator<Value, void, void> {
  readonly #onEnd: () => void;
  readonly #keep: Keep<Value>;
  #held: readonly Value[] = [];
  #waiting: Waiter<Value>[] = [];
  #ending: { readonly error: Error | null } | null = null;

  /** `onEnd` is called once, whoever ends it. */
  constructor(onEnd: () => void, keep: Keep<Value> = (_held, next) => [next]) {
    this.#onEnd = onEnd;
    this.#keep = keep;
  }

  /** Values that nobody has taken yet. */
  get held(): number {
    return this.#held.length;
  }

  get ended(): boolean {
    return this.#ending !== null;
  }

  put(value: Value): void {
    if (this.#ending !== null) return;
    const waiter = this.#waiting.shift();
    if (waiter === undefined) this.#held = this.#keep(this.#held, value);
    else waiter.resolve({ done: false, value });
  }

  /** Ends it after what is still there; with an error, readers get that instead of the end. */
  end(error: Error | null = null): void {
    if (this.#ending !== null) return;
    this.#ending = { error };
    for (const waiter of this.#waiting) {
      if (error === null) waiter.resolve(over);
      else waiter.reject(error);
    }
    this.#waiting = [];
    this.#onEnd();
  }

  next(): Promise<IteratorResult<Value, void>> {
    const [oldest, ...others] = this.#held;
    if (oldest !== undefined) {
      this.#held = others;
      return Promise.resolve({ done: false, value: oldest });
    }
    if (this.#ending !== null) {
      const { error } = this.#ending;
      return error === null ? Promise.resolve(over) : Promise.reject(error);
    }
    return new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }));
  }

  return(): Promise<IteratorResult<Value, void>> {
    this.#held = [];
    this.end();
    return Promise.resolve(over);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
