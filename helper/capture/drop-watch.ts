import type { Troubles } from './troubles.ts';

/** Seconds without a dropped packet after which the trouble is over. */
const calmSeconds = 10;

/** Tells once when the kernel drops packets of an interface, and once when it has not for a while. */
export class DropWatch {
  readonly #troubles: Troubles;
  /** Interfaces in trouble → seconds since the last dropped packet. */
  readonly #calm = new Map<string, number>();

  constructor(troubles: Troubles) {
    this.#troubles = troubles;
  }

  /** What was dropped in this second. Call once a second for each interface that is captured. */
  note(name: string, droppedPackets: number): void {
    if (droppedPackets > 0) {
      this.#calm.set(name, 0);
      this.#troubles.begin({
        code: 'packets-dropped',
        subject: name,
        message: `packets on ${name} came faster than they could be counted: ${droppedPackets} were dropped within a second, and more may follow`,
        remedy: 'the totals miss these packets (the receipt says how many); a filter, or fewer interfaces, lightens the work',
      });
      return;
    }
    const calm = this.#calm.get(name);
    if (calm === undefined) return;
    if (calm + 1 < calmSeconds) this.#calm.set(name, calm + 1);
    else this.#over(name);
  }

  #over(name: string): void {
    this.#calm.delete(name);
    this.#troubles.end({ code: 'packets-dropped', subject: name });
  }
}
