import { ProcessKey } from '../../protocol/flow.ts';
import type { ProcessDescription } from '../../protocol/flow.ts';
import type { ProcessFacts } from '../native/process-events/facts.ts';
import { maximumArgument, maximumControlGroup, maximumPath, shown } from './process-description.ts';

/** Whoever can tell of processes, also of those that are gone. */
export interface ProcessTeller {
  /** The process that had `pid` at a time (milliseconds since boot); null where it is not known. */
  describe(pid: number, time: number): ProcessFacts | null;
}

/** Descriptions kept, most: the same processes own one flow after another. */
const maximumDescriptions = 2048;

function descriptionOf(facts: ProcessFacts): ProcessDescription {
  return {
    key: ProcessKey.parse(`${facts.pid}@${facts.startTicks}`),
    pid: facts.pid,
    parentPid: facts.parentPid,
    uid: facts.uid,
    executable: facts.executable === null ? null : shown(facts.executable, maximumPath),
    executableDeleted: facts.executableDeleted,
    commandLine: facts.arguments.filter((argument) => argument !== '').map((argument) => shown(argument, maximumArgument)),
    controlGroup: facts.controlGroup === null ? null : shown(facts.controlGroup, maximumControlGroup),
  };
}

/** Who a process was at a time: told by the first teller that knows its executable. */
export class ProcessMemory {
  readonly #tellers: readonly ProcessTeller[];
  readonly #described = new Map<string, ProcessDescription>();

  constructor(tellers: readonly ProcessTeller[]) {
    this.#tellers = tellers;
  }

  /** `kernel` for a thread of the kernel; null where nobody knows what the process ran. */
  describe(pid: number, time: number): ProcessDescription | 'kernel' | null {
    for (const teller of this.#tellers) {
      const facts = teller.describe(pid, time);
      if (facts?.kernelThread === true) return 'kernel';
      if (facts !== null && facts.executable !== null) return this.#remembered(facts);
    }
    return null;
  }

  /** A process that runs another program now is described anew; one that only changed its title keeps its first. */
  #remembered(facts: ProcessFacts): ProcessDescription {
    const key = `${facts.pid}@${facts.startTicks} ${facts.executable}`;
    const known = this.#described.get(key);
    if (known !== undefined) return known;
    const description = descriptionOf(facts);
    if (this.#described.size >= maximumDescriptions) this.#described.clear();
    this.#described.set(key, description);
    return description;
  }
}
