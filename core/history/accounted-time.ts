/** A stretch of wall time: half-open, in ms since the epoch, never empty. */
export interface Stretch {
  readonly from: number;
  readonly to: number;
}

/** The part of `stretch` that lies outside of `run`. */
function outside(stretch: Stretch, run: Stretch): readonly Stretch[] {
  if (run.to <= stretch.from || run.from >= stretch.to) return [stretch];
  const before = { from: stretch.from, to: run.from };
  const after = { from: run.to, to: stretch.to };
  return [before, after].filter(({ from, to }) => from < to);
}

/** Runs that are remembered: each sleep and each step of the clock ends one. The oldest makes room. */
const maximumRuns = 256;

/**
 * The wall time of which is known what became of it, measured or not, as runs. Usually there is one that grows; where the
 * clock is set back, time is lived again, and a later hole can lie over what was accounted for before.
 */
export class AccountedTime {
  readonly #joinMs: number;
  #runs: readonly Stretch[] = [];

  /** Runs that are no further apart than `joinMs` are one: ticks jitter. */
  constructor(joinMs: number) {
    this.#joinMs = joinMs;
  }

  add({ from, to }: Stretch): void {
    const last = this.#runs.at(-1);
    const goesOn = last !== undefined && Math.abs(from - last.to) <= this.#joinMs;
    if (goesOn) this.#runs = [...this.#runs.slice(0, -1), { from: Math.min(last.from, from), to: Math.max(last.to, to) }];
    else if (from < to) this.#runs = [...this.#runs.slice(1 - maximumRuns), { from, to }];
  }

  /** What of a stretch nothing is known of, in the order of time. */
  without(stretch: Stretch): readonly Stretch[] {
    return this.#runs.reduce<readonly Stretch[]>((left, run) => left.flatMap((piece) => outside(piece, run)), stretch.from < stretch.to ? [stretch] : []);
  }
}
