import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { TestContext } from 'node:test';
import type { Calendar } from '../../../core/history/calendar.ts';
import { noCoverage } from '../../../core/history/coverage.ts';
import type { Retention } from '../../../core/history/tiers.ts';
import { History, calendarOf } from '../../../service/history/index.ts';
import { openHistoryFile } from '../../../service/index.ts';
import type { Report, ReportRequest } from '../../../protocol/app.ts';
import { epochMs } from '../../../protocol/units.ts';
import type { EpochMs } from '../../../protocol/units.ts';
import { usage } from '../../core/history/usages.ts';
import type { Sketch } from '../../core/history/usages.ts';

export const secondMs = 1000;
export const minuteMs = 60_000;
export const hourMs = 3_600_000;
export const dayMs = 86_400_000;

/** An instant by its text, such as `2026-03-29T00:30Z`. */
export function at(text: string): EpochMs {
  return epochMs(Date.parse(text));
}

/** A report when no service runs, at an instant. */
export function readReport(file: string, request: ReportRequest, now: EpochMs): Report {
  using opened = openHistoryFile(file, () => now);
  return opened.query('report', request);
}

/** A folder that is gone after the test. */
export function temporaryFolder(context: TestContext): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'tidewatch-history-'));
  context.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A small disk of its own, gone after the test. Needs root. */
export function temporaryDisk(context: TestContext, size: string): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'tidewatch-disk-'));
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', folder]);
  context.after(() => {
    execFileSync('umount', [folder]);
    rmSync(folder, { recursive: true });
  });
  return folder;
}

export const berlin: Calendar = calendarOf(() => 'Europe/Berlin');

export interface Scene {
  readonly path: string;
  readonly history: History;
  /** Adds a row and flushes at its instant. */
  readonly use: (sketch: Sketch) => void;
  /** Says that these milliseconds were measured. */
  readonly measure: (from: number, to: number) => void;
}

/** A new history in a folder of its own, closed after the test. */
export function scene(context: TestContext, options: { readonly calendar?: Calendar; readonly retention?: Retention } = {}): Scene {
  const file = path.join(temporaryFolder(context), 'history.sqlite');
  const calendar = options.calendar ?? berlin;
  const now = at('2026-01-01T00:00Z');
  const { retention } = options;
  const history = new History({ path: file, calendar, now, pid: process.pid, ...(retention === undefined ? {} : { retention }) });
  context.after(() => history.close(now));
  return {
    path: file,
    history,
    use: (sketch) => {
      history.add(usage(sketch));
      history.flush(epochMs(sketch.at));
    },
    measure: (from, to) => history.addCoverage({ from: epochMs(from), to: epochMs(to), coverage: noCoverage }),
  };
}
