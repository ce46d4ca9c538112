import type { Trouble } from '../../protocol/helper.ts';
import type { Troubles } from './troubles.ts';

/** Seconds without the event after which the trouble is over. */
const calmSeconds = 10;

type Begun = Omit<Trouble, 'over'>;

/** Tells once when something begins to go wrong on an interface, and once when it has not for a while. */
export class RecurringTrouble {
  readonly #troubles: Troubles;
  readonly #describe: (name: string, count: number) => Begun;
  /** Interfaces in trouble → seconds since the last event. */
  readonly #calm = new Map<string, number>();

  /** `describe` tells of the first events of a trouble; its subject must be the interface. */
  constructor(troubles: Troubles, describe: (name: string, count: number) => Begun) {
    this.#troubles = troubles;
    this.#describe = describe;
  }

  /** How often it happened in this second. Call once a second for each interface that is captured. */
  note(name: string, count: number): void {
    if (count > 0) {
      this.#calm.set(name, 0);
      this.#troubles.begin(this.#describe(name, count));
      return;
    }
    const calm = this.#calm.get(name);
    if (calm === undefined) return;
    if (calm + 1 < calmSeconds) this.#calm.set(name, calm + 1);
    else this.#over(name);
  }

  #over(name: string): void {
    this.#calm.delete(name);
    this.#troubles.end(this.#describe(name, 0));
  }
}

/** The kernel dropped packets because the ring was full. */
export function packetsDropped(name: string, count: number): Begun {
  return {
    code: 'packets-dropped',
    subject: name,
    message: `packets on ${name} came faster than they could be counted: ${count} were dropped within a second, and more may follow`,
    remedy: 'the totals miss these packets (the receipt says how many); a filter, or fewer interfaces, lightens the work',
  };
}

/** More flows began and ended within a second than are kept apart. */
export function flowsFolded(name: string, count: number): Begun {
  return {
    code: 'flows-folded',
    subject: name,
    message: `more connections than can be kept apart on ${name}: ${count} were added up within a second, without owner, address and direction`,
    remedy: 'the totals are complete; a scan or a flood of connections is the usual cause: look which app or neighbour makes them',
  };
}
