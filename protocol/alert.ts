import { z } from 'zod';
import { ByteCounts, Count, EpochMs, HostName } from './units.ts';

/** What Tidewatch tells a person unasked, and what became of it. */

/** What an alert is about. */
export const AlertKind = z.enum([
  /** A rate over a threshold for a span. */
  'spike',
  /** A rate unusual for this hour of the week on this machine. */
  'unusual',
  /** More bytes in a time than were allowed. */
  'volume',
  /** An app that never used the network before. */
  'first-seen',
  /** An app that sends many times what it ever did. */
  'upload',
  /** A host, domain or network of a watch list. */
  'watch-list',
  /** Requests of plain HTTP over a threshold for a span. */
  'http-hits',
  /** A data plan: a share of its cap, or a forecast over it. */
  'plan',
  /** Something that keeps Tidewatch from measuring all there is. */
  'trouble',
]);
export type AlertKind = z.infer<typeof AlertKind>;

/** Where alerts may be sent. */
export const AlertChannel = z.enum(['desktop', 'webhook', 'mail']);
export type AlertChannel = z.infer<typeof AlertChannel>;

/** Why nobody was told of an alert. It is in the history all the same. */
export const QuietReason = z.enum(['learning', 'snoozed', 'muted', 'quiet-hours', 'in-front', 'do-not-disturb', 'rate-limit', 'cool-down']);
export type QuietReason = z.infer<typeof QuietReason>;

/** Who and what is behind an alert, as far as it is known. */
export const AlertCause = z.object({
  app: z.string().max(4200).nullable(),
  displayName: z.string().max(128).nullable(),
  domain: HostName.nullable(),
  /** The cause's own bytes since the alert began. */
  bytes: ByteCounts,
  /** The cause's own rate when the alert last changed, in bytes a second. */
  bytesPerSecond: z.number().min(0),
  /** Its share of all that crossed the link in that time, 0 to 1; null where nothing did. */
  share: z.number().min(0).max(1).nullable(),
});
export type AlertCause = z.infer<typeof AlertCause>;

/** One situation, from when it began until it is over. The texts are whole sentences in English; faces that speak another language make their own of the fields. */
export const Alert = z.object({
  /** Grows with every alert of this history. */
  id: Count,
  kind: AlertKind,
  /** What makes it the same situation as one before: two open alerts never share it. */
  situation: z.string().min(1).max(512),
  state: z.enum(['open', 'over']),
  severity: z.enum(['information', 'warning', 'critical']),
  since: EpochMs,
  /** When it last changed. */
  changedAt: EpochMs,
  /** When it ended; null while it is open. */
  until: EpochMs.nullable(),
  title: z.string().max(128),
  text: z.string().max(1024),
  cause: AlertCause.nullable(),
  /** The channels that it was handed to. */
  told: z.array(AlertChannel).max(3),
  /** Why it was not told; null where it was. */
  quiet: QuietReason.nullable(),
});
export type Alert = z.infer<typeof Alert>;

/** What a desktop is to do: one notification for one situation, replaced while it lasts, closed by its recovery. */
export const AlertAct = z.enum(['show', 'replace', 'recover', 'none']);
export type AlertAct = z.infer<typeof AlertAct>;

/** Which alerts; all conditions hold together. The newest first. */
export const AlertsQuery = z.object({
  from: EpochMs.optional(),
  to: EpochMs.optional(),
  kind: AlertKind.optional(),
  state: z.enum(['open', 'over']).optional(),
  limit: z.number().int().min(1).max(1000),
});
export type AlertsQuery = z.infer<typeof AlertsQuery>;

/** What is muted: every field that is given must fit. At least one is given. */
export const Mute = z
  .object({ kind: AlertKind.optional(), app: z.string().min(1).max(4200).optional(), domain: HostName.optional() })
  .refine((mute) => Object.values(mute).some((value) => value !== undefined), 'a mute names a kind, an app or a domain');
export type Mute = z.infer<typeof Mute>;

/** What holds alerts back now. */
export const AlertQuiet = z.object({
  /** Until when all alerts are snoozed; null where they are not. */
  snoozedUntil: EpochMs.nullable(),
  mutes: z.array(Mute).max(256),
  /** Until when first sights are only learnt; null where learning is over. */
  learningUntil: EpochMs.nullable(),
});
export type AlertQuiet = z.infer<typeof AlertQuiet>;

export const AlertsResult = z.object({ alerts: z.array(Alert), quiet: AlertQuiet });
export type AlertsResult = z.infer<typeof AlertsResult>;

/** For how long nobody is told of any alert, in seconds; 0 ends it. At most 30 days: what is longer is a mute. */
export const Snooze = z.object({ forSeconds: z.number().int().min(0).max(2_592_000) });
export type Snooze = z.infer<typeof Snooze>;

/** What became of a test message. */
export const ChannelTested = z.object({ ok: z.boolean(), message: z.string().max(1024) });
export type ChannelTested = z.infer<typeof ChannelTested>;
