import type { AlertsQuery, AlertsResult, Plan, PlanState } from '../../protocol/app.ts';
import { epochMs } from '../../protocol/units.ts';
import type { EpochMs } from '../../protocol/units.ts';
import { HistoryReader, KeptAlerts, systemCalendar } from '../history/index.ts';
import { openForReading } from '../history/open.ts';
import { PlanMeters } from './plan-meters.ts';
import { noQuiet, QuietState, quietStateName } from './quiet-state.ts';

/** The alerts of a history that no service keeps. Throws `ServiceError` with a `history-…` code. */
export function alertsFromHistory(path: string, query: AlertsQuery, now: EpochMs): AlertsResult {
  const database = openForReading(path);
  try {
    const kept = new KeptAlerts(database);
    const { snoozedUntil, mutes } = QuietState.safeParse(kept.state(quietStateName)).data ?? noQuiet;
    const snooze = snoozedUntil !== null && snoozedUntil > now ? epochMs(snoozedUntil) : null;
    return { alerts: kept.find(query), quiet: { snoozedUntil: snooze, mutes, learningUntil: null } };
  } finally {
    database.close();
  }
}

/** Where plans stand by a history that no service keeps. Throws `ServiceError` with a `history-…` code. */
export function plansFromHistory(path: string, plans: readonly Plan[], now: EpochMs): readonly PlanState[] {
  const database = openForReading(path);
  try {
    const reader = new HistoryReader(database);
    return new PlanMeters({ reader: () => reader, writeNow: () => undefined, calendar: systemCalendar(process.env), plans: () => plans }).states(now);
  } finally {
    database.close();
  }
}
