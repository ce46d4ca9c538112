import { readFileSync } from 'node:fs';

/** Link-layer bytes that the kernel counted on one interface. */
export interface CountedBytes {
  readonly rxBytes: number;
  readonly txBytes: number;
}

const none: CountedBytes = { rxBytes: 0, txBytes: 0 };

/**
 * The kernel's own byte counters (sysfs-class-net-statistics), as differences: they stand beside what was captured, so that a gap
 * between the two can be seen. Follow only what is captured: each reading costs two small files.
 */
export class InterfaceCounters {
  readonly #classNet: string;
  readonly #last = new Map<string, CountedBytes>();

  constructor(classNet = '/sys/class/net') {
    this.#classNet = classNet;
  }

  /** Counts these interfaces from now on, and no others; one that is followed already goes on. */
  follow(names: readonly string[]): void {
    const followed = new Set(names);
    for (const name of this.#last.keys()) if (!followed.has(name)) this.#last.delete(name);
    for (const name of followed) if (!this.#last.has(name)) this.#begin(name);
  }

  /** Bytes since the last call, or since it is followed. A counter that fell began anew with its interface. */
  since(name: string): CountedBytes {
    const now = this.#read(name);
    const last = this.#last.get(name);
    if (now === null) return none;
    this.#last.set(name, now);
    if (last === undefined) return none;
    return { rxBytes: grown(last.rxBytes, now.rxBytes), txBytes: grown(last.txBytes, now.txBytes) };
  }

  #begin(name: string): void {
    const now = this.#read(name);
    if (now !== null) this.#last.set(name, now);
  }

  #read(name: string): CountedBytes | null {
    const rxBytes = this.#readOne(name, 'rx_bytes');
    const txBytes = this.#readOne(name, 'tx_bytes');
    return rxBytes === null || txBytes === null ? null : { rxBytes, txBytes };
  }

  #readOne(name: string, counter: string): number | null {
    try {
      const value = Number(readFileSync(`${this.#classNet}/${name}/statistics/${counter}`, 'latin1'));
      return Number.isSafeInteger(value) ? value : null;
    } catch {
      return null;
    }
  }
}

function grown(before: number, now: number): number {
  return now >= before ? now - before : now;
}
