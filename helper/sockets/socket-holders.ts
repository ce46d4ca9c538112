import { readdirSync, readlinkSync } from 'node:fs';
import { childrenSince, nearestRelatives } from './family.ts';
import type { Budget } from './owner-source.ts';
import type { LivingProcess, ProcessTable } from './process-table.ts';

/** Who holds one socket open. */
export interface Holding {
  readonly holders: readonly LivingProcess[];
  /**
   * `whole`: everyone who may hold it was looked at. `cut`: the budget was spent before that. `impeded`: a process that may
   * hold it did not let itself be looked at. (Process 1 alone does not impede where another holder is found: it makes
   * sockets for others and does not use them itself.)
   */
  readonly search: 'whole' | 'cut' | 'impeded';
}

/** Descriptors of one process that are looked at, most: beyond it, its sockets may be found with no holder. */
const maximumDescriptors = 65_536;
/** Processes whose sockets were asked for last are looked at early: the same few make most connections. */
const maximumRecent = 16;

interface Scan {
  /** Refresh of the table in which it was made. */
  readonly generation: number;
  /** Socket inode → the descriptor it was seen at. */
  readonly sockets: ReadonlyMap<number, string>;
  /** False where this process did not let its descriptors be read. */
  readonly readable: boolean;
}

const neverScanned: Scan = { generation: -1, sockets: new Map(), readable: true };

interface HeldSocket {
  readonly holders: Set<number>;
  /** Refresh of the table up to which all relatives that may hold it, too, have been looked at; -1 for none yet. */
  familyKnownAt: number;
}

interface Search {
  readonly budget: Budget;
  readonly newestFirst: readonly LivingProcess[];
  /** The budget ended the search before everyone was looked at. */
  readonly cut: boolean;
  /** Holders whose start time was compared in this search. */
  readonly confirmed: Map<number, LivingProcess | null>;
  /** Relatives by holder and refresh: a server's thousand sockets ask for the same ones. */
  readonly relatives: Map<string, readonly LivingProcess[]>;
}

/**
 * Finds which processes hold a socket, by its inode, from the links in /proc/PID/fd (proc_pid_fd(5)): new processes first,
 * then those that were asked for lately, then the rest, the newest first, and only until each socket is found. After that only the
 * holder's relatives are looked at, for a socket that was shared by fork(2). (One that was passed over a Unix socket to
 * a stranger and kept open by both is therefore not noticed; it is rare, and a whole scan at each connection is dear.)
 */
export class SocketHolders {
  readonly #table: ProcessTable;
  readonly #scans = new Map<number, Scan>();
  readonly #held = new Map<number, HeldSocket>();
  #recent: readonly number[] = [];

  constructor(table: ProcessTable) {
    this.#table = table;
  }

  /** Looks at every process once, however long it takes: what is found afterwards is known to be new. */
  lookAtAll(): void {
    this.#table.refresh(this.#forget);
    for (const { pid } of this.#table.newestFirst()) this.#scan(pid);
  }

  /** Looks for the holders of these sockets. The inodes must be of sockets that live now. */
  find(inodes: ReadonlySet<number>, budget: Budget): ReadonlyMap<number, Holding> {
    this.#table.refresh(this.#forget);
    const newestFirst = this.#table.newestFirst();
    const missing = new Set([...inodes].filter((inode) => !this.#stillHeld(inode)));
    const cut = missing.size > 0 && !this.#searchAll(this.#searchOrder(newestFirst), missing, budget);
    const search: Search = { budget, newestFirst, cut, confirmed: new Map(), relatives: new Map() };
    return new Map([...inodes].map((inode) => [inode, this.#holding(inode, search)]));
  }

  #searchOrder(newestFirst: readonly LivingProcess[]): readonly LivingProcess[] {
    const born = newestFirst.filter((one) => one.firstSeen === this.#table.generation);
    const recent = this.#recent.map((pid) => this.#table.get(pid)).filter((one) => one !== undefined);
    return [...new Set([...born, ...recent, ...newestFirst])];
  }

  /** Asks each known holder whether it still has it: one link each. */
  #stillHeld(inode: number): boolean {
    for (const pid of this.#held.get(inode)?.holders ?? []) {
      const descriptor = this.#scans.get(pid)?.sockets.get(inode);
      if (descriptor === undefined || !this.#isAt(pid, descriptor, inode)) this.#scan(pid);
    }
    return this.#held.has(inode);
  }

  #isAt(pid: number, descriptor: string, inode: number): boolean {
    try {
      return this.#socketAt(pid, descriptor) === inode;
    } catch {
      return false;
    }
  }

  /** Looks at one process after the other until nothing is missing; false where the budget ended it. */
  #searchAll(order: readonly LivingProcess[], missing: Set<number>, budget: Budget): boolean {
    for (const one of order) {
      if (missing.size === 0) return true;
      if (budget.spent()) return false;
      for (const inode of this.#scan(one.pid).sockets.keys()) if (missing.delete(inode)) this.#remember(one.pid);
    }
    return true;
  }

  #holding(inode: number, search: Search): Holding {
    const held = this.#held.get(inode);
    const holders = this.#holders(inode, search);
    if (held === undefined || holders.length === 0) return { holders: [], search: search.cut ? 'cut' : this.#outcome(search.newestFirst) };
    const relatives = this.#lookAtRelatives(held, search);
    if (relatives === null) return { holders: this.#holders(inode, search), search: 'cut' };
    held.familyKnownAt = this.#table.generation;
    return { holders: this.#holders(inode, search), search: this.#outcome(relatives.filter(({ pid }) => pid !== 1)) };
  }

  /** Looks at the relatives of every holder, and of those found to hold it, too; null where the budget ended it. */
  #lookAtRelatives(held: HeldSocket, search: Search): readonly LivingProcess[] | null {
    const lookedAt = new Set<LivingProcess>();
    const asked = new Set<number>();
    for (const pid of held.holders) {
      // A set that grows while it is walked gives what was added, too: holders found here have relatives of their own.
      const holder = this.#table.get(pid);
      if (holder === undefined || asked.has(pid)) continue;
      asked.add(pid);
      for (const relative of relativesOf(holder, held.familyKnownAt, search)) {
        lookedAt.add(relative);
        if (this.#scans.get(relative.pid)?.generation === this.#table.generation) continue;
        if (search.budget.spent()) return null;
        this.#scan(relative.pid);
      }
    }
    return [...lookedAt];
  }

  #outcome(lookedAt: readonly LivingProcess[]): 'whole' | 'impeded' {
    return lookedAt.some(({ pid }) => this.#scans.get(pid)?.readable === false) ? 'impeded' : 'whole';
  }

  #holders(inode: number, search: Search): readonly LivingProcess[] {
    const pids = [...(this.#held.get(inode)?.holders ?? [])];
    return pids.map((pid) => this.#confirm(pid, search)).filter((one) => one !== null);
  }

  #confirm(pid: number, search: Search): LivingProcess | null {
    const known = search.confirmed.get(pid);
    if (known !== undefined) return known;
    const before = this.#table.get(pid);
    const now = this.#table.confirm(pid, this.#forget);
    const confirmed = now === before ? now : null;
    search.confirmed.set(pid, confirmed);
    return confirmed;
  }

  #scan(pid: number): Scan {
    const previous = this.#scans.get(pid) ?? neverScanned;
    const { sockets, readable } = this.#read(pid);
    for (const inode of previous.sockets.keys()) if (!sockets.has(inode)) this.#drop(inode, pid);
    for (const inode of sockets.keys()) if (!previous.sockets.has(inode)) this.#add(inode, pid, previous.generation);
    const scan = { generation: this.#table.generation, sockets, readable };
    this.#scans.set(pid, scan);
    return scan;
  }

  #read(pid: number): Pick<Scan, 'sockets' | 'readable'> {
    const sockets = new Map<number, string>();
    try {
      for (const descriptor of readdirSync(`${this.#table.proc}/${pid}/fd`).slice(0, maximumDescriptors)) {
        const inode = this.#socketAt(pid, descriptor);
        if (inode !== null) sockets.set(inode, descriptor);
      }
      return { sockets, readable: true };
    } catch (error) {
      return { sockets, readable: !isRefusal(error) };
    }
  }

  /**
   * A socket that was not among this process's at its scan before (`since`) was made or received later, so only children
   * born later can have it by fork. Where there was no scan before, anyone of the family may.
   */
  #add(inode: number, pid: number, since: number): void {
    const held = this.#held.get(inode);
    if (held === undefined) this.#held.set(inode, { holders: new Set([pid]), familyKnownAt: since });
    else held.holders.add(pid);
  }

  /** The socket behind a descriptor; null where it is something else, or closed by now. Throws where one may not look. */
  #socketAt(pid: number, descriptor: string): number | null {
    try {
      const target = readlinkSync(`${this.#table.proc}/${pid}/fd/${descriptor}`);
      return target.startsWith('socket:[') ? Number(target.slice(8, -1)) : null;
    } catch (error) {
      if (isRefusal(error)) throw error;
      return null;
    }
  }

  #remember(pid: number): void {
    this.#recent = [pid, ...this.#recent.filter((one) => one !== pid)].slice(0, maximumRecent);
  }

  #drop(inode: number, pid: number): void {
    const held = this.#held.get(inode);
    held?.holders.delete(pid);
    if (held?.holders.size === 0) this.#held.delete(inode);
  }

  readonly #forget = (pid: number): void => {
    for (const inode of this.#scans.get(pid)?.sockets.keys() ?? []) this.#drop(inode, pid);
    this.#scans.delete(pid);
  };
}

function relativesOf(holder: LivingProcess, familyKnownAt: number, { newestFirst, relatives }: Search): readonly LivingProcess[] {
  const key = `${holder.pid} ${familyKnownAt}`;
  const known = relatives.get(key);
  if (known !== undefined) return known;
  const found = familyKnownAt < 0 ? nearestRelatives(newestFirst, holder) : childrenSince(newestFirst, holder, familyKnownAt);
  relatives.set(key, found);
  return found;
}

function isRefusal(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'EACCES' || error.code === 'EPERM');
}
