import type { AlertChannel, Mute, QuietReason } from '../../protocol/alert.ts';
import type { EpochMs } from '../../protocol/units.ts';
import { isQuietAt, quietHoursOf } from './quiet-hours.ts';
import { channelsOf } from './rules.ts';
import type { AlertRules } from './rules.ts';
import type { Signal } from './signal.ts';

/** What holds alerts back, besides the rules. */
export interface Quiet {
  readonly snoozedUntil: EpochMs | null;
  readonly mutes: readonly Mute[];
  readonly learningUntil: EpochMs | null;
  /** Somebody looks at a window that shows it all. */
  readonly inFront: boolean;
  readonly notDisturbed: boolean;
  /** Of the local day. */
  readonly minuteOfDay: number;
}

function isAtOrBelow(name: string, domain: string): boolean {
  return name === domain || name.endsWith(`.${domain}`);
}

/** A mute fits where all that it says is true of what the alert is about. */
export function mutes(mute: Mute, signal: Pick<Signal, 'kind' | 'apps' | 'domains'>): boolean {
  const { kind, app, domain } = mute;
  if (kind !== undefined && kind !== signal.kind) return false;
  // A digest of several is muted only if there is nothing else in it.
  if (app !== undefined && (signal.apps.length === 0 || signal.apps.some((each) => each !== app))) return false;
  return domain === undefined || (signal.domains.length > 0 && signal.domains.every((each) => isAtOrBelow(each, domain)));
}

/** Where an alert goes, or why it goes nowhere. */
export type Telling = { readonly channels: readonly AlertChannel[]; readonly quiet: QuietReason | null };

function untold(quiet: QuietReason): Telling {
  return { channels: [], quiet };
}

/**
 * Whom to tell, before the cool-down and the rate limit are asked. A window in front and a desktop that is not to be disturbed
 * keep only the desktop from being told: a webhook disturbs nobody.
 */
export function tellingOf(signal: Signal, rules: AlertRules, quiet: Quiet, now: EpochMs): Telling {
  if (quiet.mutes.some((mute) => mutes(mute, signal))) return untold('muted');
  if (signal.isLearnt && quiet.learningUntil !== null && now < quiet.learningUntil) return untold('learning');
  if (quiet.snoozedUntil !== null && now < quiet.snoozedUntil) return untold('snoozed');
  const hours = quietHoursOf(rules.quietHours);
  if (hours !== null && isQuietAt(hours, quiet.minuteOfDay)) return untold('quiet-hours');
  const wanted = channelsOf(rules, signal.kind);
  const reason = desktopReason(rules, quiet);
  const channels = reason === null ? wanted : wanted.filter((channel) => channel !== 'desktop');
  return channels.length === 0 && wanted.length > 0 && reason !== null ? untold(reason) : { channels, quiet: null };
}

function desktopReason(rules: AlertRules, quiet: Quiet): QuietReason | null {
  if (quiet.inFront && !rules.whileInFront) return 'in-front';
  return quiet.notDisturbed && !rules.whileNotDisturbed ? 'do-not-disturb' : null;
}
