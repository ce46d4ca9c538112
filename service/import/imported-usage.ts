import type { Countable } from '../../core/history/accumulator.ts';
import type { EpochMs } from '../../protocol/units.ts';
import type { History } from '../history/index.ts';

/** Usage of one stretch of a source, taken over whole or not at all: a day of vnStat, a quarter-hour of an export. */
export interface ImportedStretch {
  readonly source: string;
  /** What the history knows it by, in seconds since the epoch. */
  readonly second: number;
  readonly usages: readonly Countable[];
}

/** What became of an import by stretches. */
export interface StretchResult {
  readonly imported: number;
  /** Taken over before. */
  readonly known: number;
  /** Measured by Tidewatch itself. */
  readonly measured: number;
  readonly rxBytes: number;
  readonly txBytes: number;
}

/** Rows that are written in one transaction. */
const rowsAtOnce = 20_000;

/** Takes stretches over: each once, and none of a time that was measured here. Throws SQLite's error where the disk refuses. */
export function importStretches(stretches: Iterable<ImportedStretch>, { history, now }: { readonly history: History; readonly now: () => EpochMs }): StretchResult {
  const isMeasured = history.imported.measuredHere(history.measuredUntil());
  let [imported, known, measured, rxBytes, txBytes] = [0, 0, 0, 0, 0];
  let held: Countable[] = [];
  const write = (): void => {
    if (held.length > 0) history.writeImported(held, now());
    held = [];
  };
  for (const { source, second, usages } of stretches) {
    if (history.imported.has({ source, second })) known += 1;
    else if (usages.some(({ at }) => isMeasured(at / 1000))) measured += 1;
    else {
      imported += 1;
      history.imported.note({ source, second });
      for (const usage of usages) {
        rxBytes += usage.rxBytes;
        txBytes += usage.txBytes;
      }
      held.push(...usages);
      if (held.length >= rowsAtOnce) write();
    }
  }
  write();
  return { imported, known, measured, rxBytes, txBytes };
}
