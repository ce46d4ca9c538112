import type { Trouble } from '../protocol/helper.ts';

/** More than a person reads; beyond it the oldest is forgotten. */
const maximumTroubles = 64;

function keyOf({ code, subject }: Trouble): string {
  return `${code} ${subject}`;
}

/** What is wrong now: one trouble for each code and subject, until it is over. */
export class Troubles {
  readonly #current = new Map<string, Trouble>();

  take(trouble: Trouble): void {
    const key = keyOf(trouble);
    this.#current.delete(key);
    if (!trouble.over) this.#current.set(key, trouble);
    const [oldest] = this.#current.keys();
    if (this.#current.size > maximumTroubles && oldest !== undefined) this.#current.delete(oldest);
  }

  /** Ends the troubles that a helper told of: with it they are over, or the next one tells of them again. */
  forgetHelper(): void {
    for (const [key, { code }] of this.#current) if (!ownCodes.has(code)) this.#current.delete(key);
  }

  /** The oldest first. */
  list(): readonly Trouble[] {
    return [...this.#current.values()];
  }
}

/** Troubles that the service itself tells of. */
const ownCodes: ReadonlySet<Trouble['code']> = new Set(['helper-lost', 'history-unwritable', 'history-set-aside', 'bad-setting']);
