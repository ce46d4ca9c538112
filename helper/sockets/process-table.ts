import { readdirSync } from 'node:fs';
import { readIdentity } from './process-description.ts';
import type { ProcessIdentity } from './process-description.ts';

/** One living process, and in which refresh of the table it was first seen. */
export interface LivingProcess extends ProcessIdentity {
  readonly firstSeen: number;
}

/** Most processes kept: the kernel's own default bound (kernel.pid_max) on small machines. */
export const maximumProcesses = 32_768;

/** The processes of this machine, by pid. Each {@link refresh} costs one listing and one read for each new process. */
export class ProcessTable {
  readonly proc: string;
  #generation = 0;
  readonly #living = new Map<number, LivingProcess>();
  /** Null where somebody came or went since it was made. */
  #newestFirst: readonly LivingProcess[] | null = null;

  constructor(proc = '/proc') {
    this.proc = proc;
  }

  /** The number of the last refresh: processes that are seen in it for the first time carry it as `firstSeen`. */
  get generation(): number {
    return this.#generation;
  }

  /** Reads which processes live now. Calls `ended` for each that does so no longer. */
  refresh(ended: (pid: number) => void): void {
    this.#generation += 1;
    const pids = new Set(this.#pids());
    for (const pid of this.#living.keys()) if (!pids.has(pid)) this.#forget(pid, ended);
    for (const pid of pids) if (!this.#living.has(pid)) this.#learn(pid);
  }

  get(pid: number): LivingProcess | undefined {
    return this.#living.get(pid);
  }

  /** All of them, the newest first: who lives shortly is to be looked at first. */
  newestFirst(): readonly LivingProcess[] {
    this.#newestFirst ??= [...this.#living.values()].sort((one, other) => Number(other.startTicks) - Number(one.startTicks) || other.pid - one.pid);
    return this.#newestFirst;
  }

  /**
   * The process if it is still the one that the table knows; where its pid belongs to another one now, the table learns that
   * one and calls `ended` for the former.
   */
  confirm(pid: number, ended: (pid: number) => void): LivingProcess | null {
    const known = this.#living.get(pid);
    const now = readIdentity(this.proc, pid);
    if (known !== undefined && known.startTicks === now?.startTicks) return known;
    this.#forget(pid, ended);
    return now === null ? null : this.#learn(pid);
  }

  #pids(): readonly number[] {
    return readdirSync(this.proc)
      .filter((name) => /^\d{1,10}$/u.test(name))
      .slice(-maximumProcesses)
      .map(Number);
  }

  #learn(pid: number): LivingProcess | null {
    const identity = readIdentity(this.proc, pid);
    if (identity === null) return null;
    const living = { ...identity, firstSeen: this.#generation };
    this.#living.set(pid, living);
    this.#newestFirst = null;
    return living;
  }

  #forget(pid: number, ended: (pid: number) => void): void {
    if (!this.#living.delete(pid)) return;
    this.#newestFirst = null;
    ended(pid);
  }
}
