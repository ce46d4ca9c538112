import type { Trouble } from '../../protocol/helper.ts';

/** Troubles kept at one time, most; a further one is passed on but not kept. */
const maximumTroubles = 256;

/** The part of a trouble that tells it from others. */
export type TroubleKey = Pick<Trouble, 'code' | 'subject'>;

/** What is wrong now: each trouble is told once when it begins and once when it is over. */
export class Troubles {
  readonly #current = new Map<string, Trouble>();
  readonly #changed: (trouble: Trouble) => void;

  constructor(changed: (trouble: Trouble) => void) {
    this.#changed = changed;
  }

  /** Begins a trouble; a second call with the same code and subject changes nothing until it was {@link end}ed. */
  begin(trouble: Omit<Trouble, 'over'>): void {
    const key = keyOf(trouble);
    if (this.#current.has(key)) return;
    const begun = { ...trouble, subject: trouble.subject.slice(0, 256), message: trouble.message.slice(0, 1024), over: false };
    if (this.#current.size < maximumTroubles) this.#current.set(key, begun);
    this.#changed(begun);
  }

  /** Ends a trouble if it is there. */
  end(which: TroubleKey): void {
    const key = keyOf(which);
    const known = this.#current.get(key);
    if (known === undefined) return;
    this.#current.delete(key);
    this.#changed({ ...known, over: true });
  }

  /** Ends all troubles of this code. */
  endAll(code: Trouble['code']): void {
    for (const trouble of this.current()) if (trouble.code === code) this.end(trouble);
  }

  /** All that are not over. */
  current(): readonly Trouble[] {
    return [...this.#current.values()];
  }
}

function keyOf({ code, subject }: TroubleKey): string {
  return `${code}|${subject.slice(0, 256)}`;
}
