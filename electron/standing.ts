import type { Alert, ByteCounts, LiveEvent, PlanState, PrivacyMode, Snapshot } from '../protocol/app.ts';
import type { Trouble } from '../protocol/helper.ts';

/** How the shell stands with a service. */
export type Link =
  | { readonly kind: 'starting' }
  /** `own`: it runs in this process and ends with it. */
  | { readonly kind: 'connected'; readonly own: boolean }
  /** `remedy`: whether a person can do something about it here. */
  | { readonly kind: 'lost'; readonly why: string; readonly remedy: 'grant-access' | 'try-again' };

/** All that the tray, the menu and the windows are made of: the last that the service said. */
export interface Standing {
  readonly link: Link;
  readonly snapshot: Snapshot | null;
  readonly mode: PrivacyMode;
  readonly troubles: readonly Trouble[];
  /** The oldest first. */
  readonly openAlerts: readonly Alert[];
  /** Since midnight; null while it is not known. */
  readonly today: ByteCounts | null;
  readonly plans: readonly PlanState[];
}

export const initialStanding: Standing = {
  link: { kind: 'starting' },
  snapshot: null,
  mode: { paused: null, private: null },
  troubles: [],
  openAlerts: [],
  today: null,
  plans: [],
};

/** As many as a snapshot has at most. */
const maximumOpenAlerts = 256;

function withAlert(open: readonly Alert[], alert: Alert): readonly Alert[] {
  const others = open.filter(({ id }) => id !== alert.id);
  return alert.state === 'open' ? [...others, alert].slice(-maximumOpenAlerts) : others;
}

export function withEvent(standing: Standing, event: LiveEvent): Standing {
  switch (event.kind) {
    case 'snapshot': {
      const { snapshot, mode } = event;
      return { ...standing, snapshot, mode, troubles: snapshot.troubles, openAlerts: snapshot.openAlerts };
    }
    case 'notice':
      return { ...standing, mode: event.mode, troubles: event.troubles };
    case 'alert':
      return { ...standing, openAlerts: withAlert(standing.openAlerts, event.alert) };
  }
}

/** What was shown of a service that is gone is not shown any more: it would look as if it were measured. */
export function withLink(standing: Standing, link: Link): Standing {
  return link.kind === 'connected' ? { ...standing, link } : { ...initialStanding, today: standing.today, plans: standing.plans, link };
}

/** Why nothing is measured now, and what can be done about it; null where it is measured, or is about to be. */
export function obstacle({ link, snapshot, mode, troubles }: Standing): { readonly why: string; readonly remedy: 'grant-access' | 'try-again' | null } | null {
  if (link.kind === 'lost') return link;
  const rights = troubles.find(({ code }) => code === 'no-capture-rights');
  if (rights !== undefined) return { why: rights.message, remedy: 'grant-access' };
  if (link.kind === 'starting' || mode.paused !== null || snapshot?.state !== 'not-measuring') return null;
  return { why: troubles[0]?.message ?? 'the helper is not running', remedy: null };
}

/** Why less than all is measured, in the service's own words; null where it is all. Access can then be granted. */
export function limitation({ link, troubles }: Standing): string | null {
  if (link.kind !== 'connected') return null;
  return troubles.find(({ code }) => code === 'limited-mode')?.message ?? null;
}
