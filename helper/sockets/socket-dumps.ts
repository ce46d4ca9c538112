import type { SocketRecord } from '../native/index.ts';
import type { MonotonicMs } from './owner-source.ts';
import { SocketTable } from './socket-table.ts';

/** Of an older dump too much has been closed since. */
const maximumAgeMs = 5000;

interface Dump {
  /** Before the kernel was asked. */
  readonly begun: number;
  /** Null where the kernel could not be asked. */
  readonly table: SocketTable | null;
}

/**
 * The kernel's sockets by protocol, dumped once for all flows that had begun before: where thousands begin at once, several rounds
 * of questions are about them, and a dump of ten thousand sockets takes as long as a whole round may.
 */
export class SocketDumps {
  readonly #read: (protocol: number) => readonly SocketRecord[] | null;
  readonly #monotonic: MonotonicMs;
  /** One for each protocol that has ports: four. */
  readonly #dumps = new Map<number, Dump>();

  /** `read` asks the kernel for all sockets of a protocol; null where it refuses. */
  constructor(read: (protocol: number) => readonly SocketRecord[] | null, monotonic: MonotonicMs) {
    this.#read = read;
    this.#monotonic = monotonic;
  }

  /** The sockets as they were at `since` (monotonic) or later; null where the kernel could not be asked. */
  of(protocol: number, since: number): SocketTable | null {
    const begun = this.#monotonic();
    const known = this.#dumps.get(protocol);
    if (known !== undefined && known.begun >= since && begun - known.begun < maximumAgeMs) return known.table;
    const sockets = this.#read(protocol);
    const table = sockets === null ? null : new SocketTable(sockets);
    this.#dumps.set(protocol, { begun, table });
    return table;
  }
}
