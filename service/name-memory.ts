import type { Claim, Naming } from '../core/naming/index.ts';
import type { Withholding } from '../core/settings/index.ts';
import type { EpochMs } from '../protocol/units.ts';
import type { Clock } from './clock.ts';
import type { Log } from './log.ts';

/** Where the names of addresses lie between two runs. `History` is it. */
export interface NameStore {
  knownNames(): readonly unknown[];
  keepNames(claims: readonly Claim[], now: EpochMs): boolean;
}

export interface NameMemoryPorts {
  readonly clock: Clock;
  readonly log: Log;
  readonly history: NameStore;
  readonly names: Pick<Naming, 'exportAddresses' | 'importAddresses' | 'age'>;
  /** What is not to be named, as it is now; absent where everything may be. */
  readonly withholding?: () => Withholding;
}

/** What is heard of names is stored this often: a kill costs at most so much of it. */
const keepEveryMs = 60_000;

/** Keeps the names of addresses over a restart, so that a connection to a known address has its name right away. */
export class NameMemory {
  readonly #ports: NameMemoryPorts;
  #keptAt: number;

  /** Takes back what was stored. Each entry is checked: the file may have been written by anybody. */
  constructor(ports: NameMemoryPorts) {
    this.#ports = ports;
    const { clock, history, names, log } = ports;
    const refused = names.importAddresses(history.knownNames(), clock.now());
    names.age(clock.now());
    if (refused > 0) log.warn('stored names of addresses were refused', { refused });
    this.#keptAt = clock.monotonic();
  }

  /** Stores what is new if the last time is a minute ago. */
  keepIfDue(): void {
    if (this.#ports.clock.monotonic() - this.#keptAt >= keepEveryMs) this.keep();
  }

  /** Stores what is new. A disk that refuses costs nothing: the next call stores it. */
  keep(): void {
    const { clock, history, names, log } = this.#ports;
    this.#keptAt = clock.monotonic();
    const rules = this.#ports.withholding?.() ?? null;
    const claims = names.exportAddresses().filter((claim) => rules === null || rules.mayKeep(claim));
    if (!history.keepNames(claims, clock.now())) log.warn('the names of addresses could not be stored');
  }
}
