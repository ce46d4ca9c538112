import type { Alert, AlertCause, AlertKind } from '../../protocol/alert.ts';

/** Something that is so now and that a person may want to know. It is told as one alert for as long as it is given. */
export interface Signal {
  readonly kind: AlertKind;
  /** What makes it the same as the one that was given a second before. */
  readonly situation: string;
  readonly severity: Alert['severity'];
  readonly title: string;
  readonly text: string;
  /** What is said of it once it is over; null: its end is nothing to tell. */
  readonly overText: ((seconds: number) => string) | null;
  readonly cause: AlertCause | null;
  /** Every app and domain that the texts name: what is forgotten takes the alert with it, and what is muted its telling. */
  readonly apps: readonly string[];
  readonly domains: readonly string[];
  /** Only learnt during the first day. */
  readonly isLearnt: boolean;
  /** Whether what was told is told anew while it lasts, with its newest words. */
  readonly isRenewed: boolean;
  /** Whether the same may be told again once it is over and the cool-down has passed. */
  readonly repeats: boolean;
}
