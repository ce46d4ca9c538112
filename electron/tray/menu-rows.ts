import type { Units } from '../quantity.ts';
import { limitation, obstacle } from '../standing.ts';
import type { Standing } from '../standing.ts';
import { alertLine, appName, bothRates, foremostPlan, planLine, stateLine, todayLine, topApps } from '../words.ts';

/** Rows of the menu that change. The menu's own order is in `menu.ts`; these rows come and go in their places. */
export type RowId = 'rates' | 'state' | 'grant' | 'retry' | 'alert' | `app-${0 | 1 | 2 | 3 | 4}` | 'no-app' | 'today' | 'plan' | 'pause' | 'private';

/** Rows for apps. */
export const appRowIds = ['app-0', 'app-1', 'app-2', 'app-3', 'app-4'] as const;

/** What one row shows now; null where it is not there. */
export type RowLabels = Readonly<Record<RowId, string | null>>;

/** `&` would underline what follows it (Electron, MenuItem `label`). */
function literal(text: string | null): string | null {
  return text === null ? null : text.replaceAll('&', '&&');
}

function appLabels(standing: Standing, units: Units): Readonly<Record<(typeof appRowIds)[number], string | null>> {
  const { snapshot, mode } = standing;
  const isShown = snapshot !== null && mode.paused === null && mode.private === null && obstacle(standing) === null;
  const apps = isShown ? topApps(snapshot, appRowIds.length) : [];
  const label = (index: number): string | null => {
    const row = apps[index];
    return row === undefined || snapshot === null ? null : literal(`${appName(row)}   ${bothRates(row, snapshot, units)}`);
  };
  return { 'app-0': label(0), 'app-1': label(1), 'app-2': label(2), 'app-3': label(3), 'app-4': label(4) };
}

/** What the menu says of how things stand. */
export function rowLabels(standing: Standing, units: Units): RowLabels {
  const { link, snapshot, mode, today } = standing;
  const stopped = obstacle(standing);
  const apps = appLabels(standing, units);
  const plan = foremostPlan(standing);
  return {
    rates: snapshot === null || stopped !== null || mode.paused !== null ? null : bothRates(snapshot.totals, snapshot, units),
    state: literal(stateLine(standing)),
    grant: stopped?.remedy === 'grant-access' || limitation(standing) !== null ? 'Grant access…' : null,
    retry: stopped?.remedy === 'try-again' ? 'Measure again' : null,
    alert: literal(alertLine(standing)),
    ...apps,
    'no-app': snapshot === null || stopped !== null || mode.paused !== null || apps['app-0'] !== null || mode.private !== null ? null : 'No app uses the network now',
    today: today === null ? null : todayLine(today, units),
    plan: plan === null ? null : literal(planLine(plan, units)),
    pause: link.kind !== 'connected' ? null : mode.paused === null ? 'Pause for 1 hour' : 'Resume',
    private: link.kind !== 'connected' ? null : mode.private === null ? 'Private mode for 1 hour' : 'End private mode',
  };
}
