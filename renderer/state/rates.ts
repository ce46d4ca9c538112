/** The last minutes second by second: what the live graph and the small ones are drawn from. */

/** How far the live graph looks back, in seconds. */
export const liveSeconds = 300;
/** How far the small graphs look back, in seconds. */
export const sparkSeconds = 60;

/** Most apps or domains whose last minute is remembered. */
export const maximumSparks = 400;

/** Bytes a second for each of the last seconds, the oldest first; NaN where nothing is known. */
export class RateTrack {
  readonly seconds: number;
  readonly down: Float64Array;
  readonly up: Float64Array;
  /** The second after the last one that is known, since 1970. */
  #end = 0;

  constructor(seconds: number) {
    this.seconds = seconds;
    this.down = new Float64Array(seconds).fill(Number.NaN);
    this.up = new Float64Array(seconds).fill(Number.NaN);
  }

  get end(): number {
    return this.#end;
  }

  /** Moves on to a second (exclusive); what lies between is filled: unknown, or nothing. */
  moveTo(end: number, fill: number): void {
    const by = Math.min(this.seconds, end - this.#end);
    if (by <= 0) return;
    for (const track of [this.down, this.up]) {
      track.copyWithin(0, by);
      track.fill(fill, this.seconds - by);
    }
    this.#end = end;
  }

  /** Says what flowed from `from` to `to`, in seconds since 1970, where that is in sight. */
  set(interval: { readonly from: number; readonly to: number }, down: number, up: number): void {
    const begin = this.#end - this.seconds;
    for (let second = Math.max(begin, interval.from); second < Math.min(interval.to, this.#end); second += 1) {
      this.down[second - begin] = down;
      this.up[second - begin] = up;
    }
  }

  /** As {@link set}, but only where nothing is known yet. */
  setUnknown(interval: { readonly from: number; readonly to: number }, down: number, up: number): void {
    const begin = this.#end - this.seconds;
    for (let second = Math.max(begin, interval.from); second < Math.min(interval.to, this.#end); second += 1) {
      if (Number.isNaN(this.down[second - begin])) this.set({ from: second, to: second + 1 }, down, up);
    }
  }

  /** The sum of both directions over the last seconds, in bytes. */
  recent(seconds: number): number {
    let sum = 0;
    for (let index = Math.max(0, this.seconds - seconds); index < this.seconds; index += 1) {
      const both = (this.down[index] ?? 0) + (this.up[index] ?? 0);
      if (!Number.isNaN(both)) sum += both;
    }
    return sum;
  }
}

/** What one row of an interval needs: how many bytes. */
interface Counted {
  readonly rxBytes: number;
  readonly txBytes: number;
}

/** An app (or a domain) and its last minute; `row` is the newest that was told of it. */
export interface Spark<Row> {
  readonly row: Row;
  readonly track: RateTrack;
}

/** The last minute of every app (or domain) that moved something in it. */
export class Sparks<Row extends Counted> {
  readonly #keyOf: (row: Row) => string;
  readonly #sparks = new Map<string, Spark<Row>>();

  constructor(keyOf: (row: Row) => string) {
    this.#keyOf = keyOf;
  }

  get entries(): Iterable<readonly [string, Spark<Row>]> {
    return this.#sparks.entries();
  }

  /** Takes an interval that ends at `end` (a second since 1970) and lasted `seconds`. */
  take(rows: readonly Row[], end: number, seconds: number): void {
    for (const [key, { track }] of this.#sparks) {
      track.moveTo(end, 0);
      if (track.recent(sparkSeconds) === 0) this.#sparks.delete(key);
    }
    for (const row of rows) {
      const track = this.#trackOf(row, end);
      track?.set({ from: Math.round(end - seconds), to: end }, row.rxBytes / seconds, row.txBytes / seconds);
    }
  }

  #trackOf(row: Row, end: number): RateTrack | null {
    const key = this.#keyOf(row);
    const known = this.#sparks.get(key);
    if (known === undefined && this.#sparks.size >= maximumSparks) return null;
    const track = known?.track ?? new RateTrack(sparkSeconds);
    if (known === undefined) track.moveTo(end, 0);
    this.#sparks.set(key, { row, track });
    return track;
  }
}
