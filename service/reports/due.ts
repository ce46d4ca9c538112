import { Cron } from 'croner';
import { schedulePattern } from '../../core/report/index.ts';
import type { ReportPeriod } from '../../protocol/scheduled-report.ts';
import { epochMs } from '../../protocol/units.ts';
import type { EpochMs } from '../../protocol/units.ts';

/** The instants of one schedule around now, in a time zone; null where there are none. */
export interface Instants {
  /** The last at or before now. */
  readonly previous: EpochMs | null;
  readonly next: EpochMs | null;
}

function instant(date: Date | null | undefined): EpochMs | null {
  return date === null || date === undefined || date.getTime() < 0 ? null : epochMs(date.getTime());
}

/** When a report is due; null where the words are `off` or no schedule. */
export function instantsOf(words: string, at: { readonly period: ReportPeriod; readonly now: EpochMs; readonly timeZone: string }): Instants | null {
  const pattern = words === 'off' ? null : schedulePattern(words, at.period);
  if (pattern === null) return null;
  const cron = new Cron(pattern, { paused: true, mode: '5-part', timezone: at.timeZone });
  // A reference is exclusive: what is due this very second is due.
  const [previous] = cron.previousRuns(1, new Date(at.now + 1000));
  return { previous: instant(previous), next: instant(cron.nextRun(new Date(at.now))) };
}
