import type { AppHandlers } from '../app-calls.ts';
import type { Alerts } from './alerts.ts';

type AlertMethod = 'alerts' | 'plans' | 'snoozeAlerts' | 'muteAlerts' | 'unmuteAlerts' | 'windowInFront' | 'doNotDisturb' | 'testChannel';

/** What the alerts answer of the contract. */
export function alertHandlers(alerts: Alerts): Pick<AppHandlers, AlertMethod> {
  const { presence } = alerts;
  return {
    alerts: (query) => alerts.find(query),
    plans: () => alerts.plans(),
    snoozeAlerts: (snooze) => alerts.snooze(snooze),
    muteAlerts: (mute) => alerts.mute(mute),
    unmuteAlerts: (mute) => alerts.unmute(mute),
    windowInFront: ({ inFront }, { ended }) => {
      presence.windowInFront(ended, inFront);
      return {};
    },
    doNotDisturb: ({ active }, { ended }) => {
      presence.doNotDisturb(ended, active);
      return {};
    },
    testChannel: ({ channel }) => alerts.test(channel),
  };
}
