import { emptySum } from '../../../core/alert/moment.ts';
import type { AppPart, HostPart, Moment } from '../../../core/alert/moment.ts';
import { defaultSettings } from '../../../core/settings/index.ts';
import type { AlertRules } from '../../../core/alert/rules.ts';
import type { Quiet } from '../../../core/alert/quiet.ts';
import type { AlertHistory } from '../../../core/alert/alerting.ts';
import { epochMs } from '../../../protocol/units.ts';

/** What one app moved to one host in a moment. */
export interface Move {
  readonly app: string | null;
  readonly host: string | null;
  readonly rx: number;
  readonly tx: number;
  readonly address?: string;
  readonly scope?: 'lan';
}

export const defaultRules: AlertRules = defaultSettings.alerts;

export const noQuiet: Quiet = { snoozedUntil: null, mutes: [], learningUntil: null, inFront: false, notDisturbed: false, minuteOfDay: 720 };

/** A moment in which these moved. */
export function momentWith(now: number, seconds: number, moves: readonly Move[], http: Pick<Moment, 'httpRequests' | 'httpMost'> = { httpRequests: 0, httpMost: null }): Moment {
  const apps = new Map<string, AppPart & { readonly hosts: Map<string, HostPart> }>();
  const [totals, internet] = [emptySum(), emptySum()];
  for (const { app, host, rx, tx, address = '203.0.113.7', scope } of moves) {
    const part = apps.get(app ?? '') ?? { app, displayName: app === null ? null : (app.split('/').at(-1) ?? app), ...emptySum(), internet: emptySum(), hosts: new Map() };
    apps.set(app ?? '', part);
    const end = part.hosts.get(host ?? address) ?? { name: host, address, ...emptySum() };
    part.hosts.set(host ?? address, end);
    for (const sum of [part, end, totals, ...(scope === undefined ? [part.internet, internet] : [])]) {
      sum.rxBytes += rx;
      sum.txBytes += tx;
    }
  }
  return { now: epochMs(now), seconds, totals, internet, apps: [...apps.values()], networks: new Map([['home', totals]]), internetByNetwork: new Map([['home', internet]]), ...http };
}

/** A history that knows nothing, and every app. */
export function blankHistory(): AlertHistory {
  let id = 0;
  const known = new Set<string>();
  return {
    nextId: () => (id += 1),
    isKnown: (situation) => known.has(situation),
    usualAt: () => null,
    uploadOf: () => null,
    volumeBefore: () => [],
    seenBefore: { app: () => true, domain: () => true, country: () => true, countryOf: () => null },
  };
}
