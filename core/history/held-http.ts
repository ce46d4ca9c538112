import type { HttpHostSum } from '../../protocol/http.ts';
import type { EpochMs } from '../../protocol/units.ts';
import { mergedHttp } from '../packet/index.ts';
import { bucketOf } from './tiers.ts';

/** What plain HTTP was asked for in one quarter-hour, on its way into the file. */
export interface BatchHttp {
  /** The number of the quarter-hour. */
  readonly bucket: number;
  readonly hosts: readonly HttpHostSum[];
}

/** Quarter-hours held while nothing can be written; more of them become one. */
const maximumQuarters = 8;

/** Hosts of one quarter-hour that are held one by one. */
const limits = { hosts: 1024 };

/** Sums of plain HTTP until they can be written: requests in equal requests out. */
export class HeldHttp {
  #quarters = new Map<number, readonly HttpHostSum[]>();

  /** Adds what was asked for in an interval that ended at `at`. */
  add(at: EpochMs, hosts: readonly HttpHostSum[]): void {
    if (hosts.length === 0) return;
    const bucket = bucketOf('quarter', Math.max(0, at - 1));
    this.#quarters.set(bucket, mergedHttp([this.#quarters.get(bucket) ?? [], hosts], limits));
    if (this.#quarters.size > maximumQuarters) this.#quarters = new Map([[bucket, mergedHttp([...this.#quarters.values()], limits)]]);
  }

  take(): readonly BatchHttp[] {
    return [...this.#quarters].map(([bucket, hosts]) => ({ bucket, hosts }));
  }

  /** What was taken is safe on disk. */
  written(): void {
    this.#quarters = new Map();
  }
}
