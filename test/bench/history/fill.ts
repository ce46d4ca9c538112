import { History, calendarOf } from '../../../service/history/index.ts';
import type { Calendar } from '../../../core/history/calendar.ts';
import { noCoverage } from '../../../core/history/coverage.ts';
import { epochMs } from '../../../protocol/units.ts';
import type { EpochMs } from '../../../protocol/units.ts';
import type { Household } from './generate.ts';

/** The instant at which the year ends: a Saturday evening. */
export const yearEnd: EpochMs = epochMs(Date.UTC(2026, 8, 26, 18, 30));

export const calendar: Calendar = calendarOf(() => 'Europe/Berlin');

const secondMs = 1000;
const hourMs = 3_600_000;
const dayMs = 86_400_000;

/** How fine a stretch of the past has to be made: what an older stretch keeps no more is not made first. */
interface Stretch {
  readonly from: number;
  readonly to: number;
  readonly stepSeconds: number;
  /** Steps that go into one transaction. */
  readonly stepsPerWrite: number;
}

const stretches: readonly Stretch[] = [
  { from: yearEnd - 365 * dayMs, to: yearEnd - 91 * dayMs, stepSeconds: 3600, stepsPerWrite: 6 },
  { from: yearEnd - 91 * dayMs, to: yearEnd - 8 * dayMs, stepSeconds: 900, stepsPerWrite: 8 },
  { from: yearEnd - 8 * dayMs, to: yearEnd - 7 * hourMs, stepSeconds: 60, stepsPerWrite: 60 },
  { from: yearEnd - 7 * hourMs, to: yearEnd, stepSeconds: 10, stepsPerWrite: 60 },
];

function addStep(history: History, household: Household, step: { readonly time: number; readonly seconds: number }): void {
  for (const usage of household.usage(step.time, step.seconds)) history.add(usage);
  const to = epochMs(step.time);
  history.addHttp(to, household.http(step.time));
  history.addCoverage({ from: epochMs(step.time - step.seconds * secondMs), to, coverage: noCoverage });
}

function cleanUpAll(history: History, now: EpochMs): void {
  while (history.cleanUp(now).more);
}

/** Writes a year of a household into a new history, cleaned up as it would be at its end. It stays open. */
export function fillYear(path: string, household: Household): History {
  const first = stretches[0]?.from ?? yearEnd;
  const history = new History({ path, calendar, now: epochMs(first), pid: process.pid });
  for (const { from, to, stepSeconds, stepsPerWrite } of stretches) {
    let steps = 0;
    for (let time = from + stepSeconds * secondMs; time <= to; time += stepSeconds * secondMs) {
      addStep(history, household, { time, seconds: stepSeconds });
      steps += 1;
      if (steps % stepsPerWrite === 0) history.flush(epochMs(time));
      if (steps % 1440 === 0) cleanUpAll(history, epochMs(time));
    }
    history.flush(epochMs(to));
  }
  cleanUpAll(history, yearEnd);
  return history;
}
