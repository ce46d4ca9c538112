import { readFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import type { ReportPeriod } from '../../protocol/scheduled-report.ts';
import { EpochMs } from '../../protocol/units.ts';
import { makeFolder } from '../formats/make-folder.ts';
import { writeWhole } from '../formats/write-whole.ts';

const Times = z.object({ daily: EpochMs, weekly: EpochMs, monthly: EpochMs }).partial();
type Times = z.infer<typeof Times>;

/** For which instants reports were made last: on the disk, so that none is made twice and one that was missed is known. */
export class MadeReports {
  readonly #file: string;
  #times: Times;

  constructor(folder: string) {
    this.#file = path.join(folder, 'made.json');
    this.#times = this.#read();
  }

  last(period: ReportPeriod): EpochMs | null {
    return this.#times[period] ?? null;
  }

  /** Throws the system's error; it is then known in memory all the same. */
  note(period: ReportPeriod, at: EpochMs): void {
    this.#times = { ...this.#times, [period]: at };
    makeFolder(path.dirname(this.#file));
    writeWhole(this.#file, JSON.stringify(this.#times));
  }

  #read(): Times {
    try {
      return Times.parse(JSON.parse(readFileSync(this.#file, 'utf8')));
    } catch {
      // Absent or damaged: nothing is known to have been missed.
      return {};
    }
  }
}
