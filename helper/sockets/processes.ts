import type { ProcessDescription, ProcessKey } from '../../protocol/flow.ts';
import { describeProcess, executableOf, processKey } from './process-description.ts';
import type { ProcessIdentity } from './process-description.ts';

/** Descriptions kept, most; the one described longest ago makes room (and is read again when it is needed). */
const maximumDescriptions = 8192;

/** Describes processes once, and again when one has become another program. */
export class Processes {
  readonly #proc: string;
  readonly #described = new Map<ProcessKey, ProcessDescription>();

  constructor(proc = '/proc') {
    this.#proc = proc;
  }

  /**
   * What the kernel tells of this process; null where it has ended and was never described before. The same value is returned
   * until the process runs another executable.
   */
  describe(identity: ProcessIdentity): ProcessDescription | null {
    const key = processKey(identity);
    const known = this.#described.get(key);
    if (known !== undefined && known.executable === executableOf(this.#proc, identity.pid)) return known;
    const described = describeProcess(this.#proc, identity);
    if (described === null) return known ?? null;
    if (this.#described.size >= maximumDescriptions) this.#dropOldest();
    this.#described.delete(key);
    this.#described.set(key, described);
    return described;
  }

  #dropOldest(): void {
    for (const key of this.#described.keys()) {
      this.#described.delete(key);
      return;
    }
  }
}
