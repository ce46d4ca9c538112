import type { Database, Statement } from 'better-sqlite3';
import { firstReceipts, keepImported, readImported, tierFloors } from '../../core/history/imported-statements.ts';
import { gapsBetween, tierCodes } from '../../core/history/read-statements.ts';
import { startOf, tierNames } from '../../core/history/tiers.ts';
import type { GapRow } from './gap-rows.ts';

const secondsInHour = 3600;
/** Hours of one source that are held while an import goes on. */
const maximumHeld = 4096;

/** A second of a source that is about to be taken over. Seconds since the epoch. */
export interface ImportedSecond {
  readonly source: string;
  readonly second: number;
}

function bitOf(second: number): { readonly byte: number; readonly mask: number } {
  const within = second % secondsInHour;
  return { byte: within >> 3, mask: 1 << (within & 7) };
}

/** Knows which seconds of which source have been taken over, and which were measured here. */
export class ImportedTimes {
  readonly #read: Statement<[string, number], { seconds: Buffer }>;
  readonly #keep: Statement<[string, number, Buffer]>;
  readonly #first: Statement<[], { tier: number; bucket: number }>;
  readonly #gaps: Statement<[number, number], GapRow>;
  readonly #floors: Statement<[], { tier: string; floor: number }>;
  readonly #held = new Map<string, Buffer>();
  readonly #changed = new Set<string>();

  constructor(database: Database) {
    this.#read = database.prepare(readImported);
    this.#keep = database.prepare(keepImported);
    this.#first = database.prepare(firstReceipts);
    this.#gaps = database.prepare(gapsBetween);
    this.#floors = database.prepare(tierFloors);
  }

  has({ source, second }: ImportedSecond): boolean {
    const { byte, mask } = bitOf(second);
    return ((this.#hour(source, second)[byte] ?? 0) & mask) !== 0;
  }

  /** Notes a second; {@link write} puts it into the file, with what was taken over. */
  note({ source, second }: ImportedSecond): void {
    const hour = this.#hour(source, second);
    const { byte, mask } = bitOf(second);
    hour[byte] = (hour[byte] ?? 0) | mask;
    this.#changed.add(keyOf(source, second));
  }

  /** Within the transaction of the rows. */
  write(): void {
    for (const key of this.#changed) {
      const [hour = '', source = ''] = key.split('\0');
      const seconds = this.#held.get(key);
      if (seconds !== undefined) this.#keep.run(source, Number(hour), seconds);
    }
  }

  /** What was noted is in the file. */
  written(): void {
    this.#changed.clear();
    if (this.#held.size > maximumHeld) this.#held.clear();
  }

  /** What was noted is not in the file: it is as if it had not been. */
  forget(): void {
    this.#changed.clear();
    this.#held.clear();
  }

  /** Stretches that were measured here, as far as the history knows, in seconds: what is imported of them would count twice. */
  measuredHere(measuredUntil: number | null): (second: number) => boolean {
    if (measuredUntil === null) return () => false;
    const from = this.#beginning();
    if (from === null) return () => false;
    const gaps = this.#gaps.all(from, measuredUntil);
    return (second) => {
      const time = second * 1000;
      return time >= from && time < measuredUntil && !gaps.some(({ start, finish }) => time >= start && time < finish);
    };
  }

  /** When the measurement began: the finest tier of which nothing has been cleaned up knows it best; days begin at midnight. */
  #beginning(): number | null {
    const floors = new Map(this.#floors.all().map(({ tier, floor }) => [tier, floor]));
    const firsts = new Map(this.#first.all().map(({ tier, bucket }) => [tier, bucket]));
    for (const tier of tierNames) {
      const first = firsts.get(tierCodes[tier]);
      if (first !== undefined && (floors.get(tier) ?? 0) === 0) return startOf(tier, first);
    }
    return null;
  }

  #hour(source: string, second: number): Buffer {
    const key = keyOf(source, second);
    const held = this.#held.get(key);
    if (held !== undefined) return held;
    const stored = this.#read.get(source, Math.floor(second / secondsInHour))?.seconds;
    const seconds = stored?.length === secondsInHour / 8 ? Buffer.from(stored) : Buffer.alloc(secondsInHour / 8);
    this.#held.set(key, seconds);
    return seconds;
  }
}

function keyOf(source: string, second: number): string {
  return `${Math.floor(second / secondsInHour)}\0${source}`;
}
