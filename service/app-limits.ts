/** What the app API gives to one who asks; the same over every transport. */
export interface AppLimits {
  readonly connections: number;
  readonly subscriptionsPerClient: number;
}

/** A desktop has a tray, a window and a few terminals; a subscription holds one snapshot. */
export const defaultAppLimits: AppLimits = { connections: 64, subscriptionsPerClient: 16 };
