import { existsSync, readlinkSync } from 'node:fs';
import type { ProcessDescription, ProcessKey } from '../../protocol/flow.ts';
import { maximumAncestors } from '../../protocol/helper.ts';
import type { ContainerNames } from './container-names.ts';
import { readIdentity, shown } from './process-description.ts';
import type { Processes } from './processes.ts';

/** A process as it is told: with where it stood and who started it; and those who did, the eldest first. */
export interface Described {
  readonly process: ProcessDescription;
  readonly ancestors: readonly ProcessDescription[];
}

/** Longest path of a working directory that is told, in characters (ProcessDescription.workingDirectory). */
const maximumDirectory = 1024;

/** Descriptions kept, most; the one met first makes room. */
const maximumKept = 8192;

function startTicksOf(key: ProcessKey): number {
  return Number(key.split('@')[1]);
}

/** Two sources may describe one process; and a process may run another program later. */
function isSameProgram(one: ProcessDescription, other: ProcessDescription): boolean {
  const sameArguments = one.commandLine.length === other.commandLine.length && one.commandLine.every((text, at) => text === other.commandLine[at]);
  return sameArguments && one.executable === other.executable && one.controlGroup === other.controlGroup;
}

/**
 * Adds to the description of an owner what can be read only while the process and its ancestors live. It is read once, as
 * soon as the process is an answer; the same process gives the same values from then on, whichever source described it.
 */
export class Lineage {
  readonly #proc: string;
  readonly #processes: Processes;
  readonly #containers: ContainerNames | null;
  readonly #known = new Map<ProcessKey, Described>();
  /** What was told of a description before: each flow asks every second. */
  readonly #told = new WeakMap<ProcessDescription, Described>();

  constructor(parts: { readonly processes: Processes; readonly containers?: ContainerNames; readonly proc?: string }) {
    this.#containers = parts.containers ?? null;
    this.#proc = parts.proc ?? '/proc';
    this.#processes = parts.processes;
  }

  /** The process with its ancestors; costs some file reads the first time, and a look into a map later. */
  of(process: ProcessDescription): Described {
    const told = this.#told.get(process);
    if (told !== undefined) return told;
    const described = this.#describe(process, maximumAncestors);
    this.#told.set(process, described);
    return described;
  }

  #describe(process: ProcessDescription, generations: number): Described {
    const known = this.#known.get(process.key);
    if (known !== undefined && isSameProgram(known.process, process)) return known;
    const parent = generations > 0 ? this.#parentOf(process) : null;
    const above = parent === null ? null : this.#describe(parent, generations - 1);
    const workingDirectory = this.#workingDirectory(process);
    const containerName = this.#containers?.nameOf(process.controlGroup) ?? null;
    const described: Described = {
      process: {
        ...process,
        ...(above === null ? {} : { parent: above.process.key }),
        ...(workingDirectory === null ? {} : { workingDirectory }),
        ...(containerName === null ? {} : { containerName }),
      },
      ancestors: above === null ? [] : [...above.ancestors, above.process].slice(-maximumAncestors),
    };
    if (this.#known.size >= maximumKept) this.#dropOldest();
    this.#known.set(process.key, described);
    return described;
  }

  #dropOldest(): void {
    for (const key of this.#known.keys()) {
      this.#known.delete(key);
      return;
    }
  }

  /** Null where the parent has ended: whoever has its number now is younger than its child. */
  #parentOf(child: ProcessDescription): ProcessDescription | null {
    if (child.parentPid <= 0 || child.pid === 1) return null;
    const identity = readIdentity(this.#proc, child.parentPid);
    if (identity === null || Number(identity.startTicks) > startTicksOf(child.key)) return null;
    return this.#processes.describe(identity);
  }

  /**
   * Where the process stands now; null unless one of its arguments is a file from there: a daemon has left the folder in which
   * it was called, and its arguments mean something else. A path that would have to be cut or escaped is no path.
   */
  #workingDirectory({ pid, key, commandLine }: ProcessDescription): string | null {
    const relative = commandLine.slice(1).filter((argument) => /^[^-/]/u.test(argument));
    if (relative.length === 0) return null;
    const link = `${this.#proc}/${pid}/cwd`;
    try {
      const path = readlinkSync(link);
      const told = path.startsWith('/') && shown(path, maximumDirectory) === path && relative.some((argument) => existsSync(`${link}/${argument}`));
      const still = readIdentity(this.#proc, pid)?.startTicks === key.split('@')[1];
      return told && still ? path : null;
    } catch {
      return null;
    }
  }
}
