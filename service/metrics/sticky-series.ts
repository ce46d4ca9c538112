/** How many names may have a series. */
export interface SeriesLimits {
  /** So many of the largest are given one. */
  readonly largest: number;
  /** And never more than so many in all: a name that once had a series keeps it. */
  readonly series: number;
  /** Names whose sums are remembered, to know the largest. */
  readonly remembered: number;
}

/**
 * Decides which names have a series of their own: the first ones at once, later ones when they have become one of the largest. A
 * series is never taken away, since a counter whose bytes went over into another would make that one jump.
 */
export class StickySeries {
  readonly #limits: SeriesLimits;
  readonly #series = new Map<string, number>();
  readonly #others = new Map<string, number>();
  /** What the smallest of the largest had when it was last looked at: sums only grow. */
  #threshold = 0;

  constructor(limits: SeriesLimits) {
    this.#limits = limits;
  }

  get size(): number {
    return this.#series.size;
  }

  /** Counts the bytes, and says whether this name has a series by now: these bytes are then the first in it. */
  count(name: string, bytes: number): 'own' | 'other' {
    const known = this.#series.get(name);
    if (known !== undefined) {
      this.#series.set(name, known + bytes);
      return 'own';
    }
    const sum = (this.#others.get(name) ?? 0) + bytes;
    if (this.#mayHaveSeries(sum)) {
      this.#others.delete(name);
      this.#series.set(name, sum);
      return 'own';
    }
    this.#others.set(name, sum);
    if (this.#others.size > this.#limits.remembered) this.#forgetSmallest();
    return 'other';
  }

  #mayHaveSeries(sum: number): boolean {
    const { largest, series } = this.#limits;
    if (largest === 0 || this.#series.size >= series) return false;
    if (this.#series.size < largest) return true;
    if (sum <= this.#threshold) return false;
    this.#threshold = [...this.#series.values()].toSorted((a, b) => b - a)[largest - 1] ?? 0;
    return sum > this.#threshold;
  }

  #forgetSmallest(): void {
    const kept = [...this.#others].toSorted((a, b) => b[1] - a[1]).slice(0, this.#limits.remembered >> 1);
    this.#others.clear();
    for (const [name, sum] of kept) this.#others.set(name, sum);
  }
}
