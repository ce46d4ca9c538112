/** Whether somebody looks at a window, and whether the desktop is not to be disturbed, as its clients say. */
interface Said {
  inFront: boolean;
  notDisturbed: boolean;
}

/** Who says something: its connection, with which what it said ends. */
export type Speaker = AbortSignal | undefined;

/** What the connected clients say of the person in front of them. */
export class Presence {
  readonly #said = new Map<AbortSignal, Said>();
  /** For clients that live as long as the service. */
  readonly #lasting = new AbortController().signal;

  get inFront(): boolean {
    return [...this.#said.values()].some((each) => each.inFront);
  }

  get notDisturbed(): boolean {
    return [...this.#said.values()].some((each) => each.notDisturbed);
  }

  windowInFront(speaker: Speaker, inFront: boolean): void {
    this.#of(speaker).inFront = inFront;
  }

  doNotDisturb(speaker: Speaker, active: boolean): void {
    this.#of(speaker).notDisturbed = active;
  }

  #of(speaker: Speaker): Said {
    const key = speaker ?? this.#lasting;
    const known = this.#said.get(key);
    if (known !== undefined) return known;
    const said = { inFront: false, notDisturbed: false };
    // One that has ended says nothing any more.
    if (key.aborted) return said;
    this.#said.set(key, said);
    key.addEventListener('abort', () => this.#said.delete(key), { once: true });
    return said;
  }
}
