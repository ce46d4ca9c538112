import { z } from 'zod';
import { Count, EpochMs } from './units.ts';

/** What a person may keep out of the history: by pausing, by the private mode, and by forgetting. */

/** The longest time that something may be switched on for: longer is "until switched off". In seconds. */
export const longestSpellSeconds = 31 * 86_400;

/** For how long; absent: until it is switched off. */
export const Spell = z.object({ forSeconds: z.number().positive().max(longestSpellSeconds).optional() });
export type Spell = z.infer<typeof Spell>;

/** Since when something is on, and until when; `until` is null where it lasts until it is switched off. */
export const Since = z.object({ since: EpochMs, until: EpochMs.nullable() });
export type Since = z.infer<typeof Since>;

/**
 * What is kept of the traffic now. Paused: nothing is measured, and the time is a gap. Private: totals count, and which
 * apps, hosts and domains they belong to is neither kept nor shown. Null where it is not so.
 */
export const PrivacyMode = z.object({ paused: Since.nullable(), private: Since.nullable() });
export type PrivacyMode = z.infer<typeof PrivacyMode>;

/** An app's id, a domain, a host's name or address, or a time: `from` is inclusive, `to` is not. */
export const Forgettable = z
  .discriminatedUnion('kind', [
    z.object({ kind: z.literal('app'), app: z.string().min(1).max(4200) }),
    z.object({ kind: z.literal('domain'), domain: z.string().min(1).max(253) }),
    z.object({ kind: z.literal('host'), host: z.string().min(1).max(253) }),
    z.object({ kind: z.literal('range'), from: EpochMs, to: EpochMs }),
  ])
  .refine((what) => what.kind !== 'range' || what.from < what.to, 'a range begins before it ends');
export type Forgettable = z.infer<typeof Forgettable>;

/** What would be forgotten: rows of the history, over all of its tiers. */
export const ForgetPreview = z.object({ rows: Count });
export type ForgetPreview = z.infer<typeof ForgetPreview>;

/** What was forgotten: rows that left the history, and by how many bytes its file became smaller. */
export const Forgotten = z.object({ rows: Count, freedBytes: Count });
export type Forgotten = z.infer<typeof Forgotten>;
