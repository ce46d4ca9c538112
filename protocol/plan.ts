import { z } from 'zod';
import { Count, EpochMs } from './units.ts';

/** Data plans: how much may be used in a cycle, how much has been, and where that leads. */

/** A local calendar day, `YYYY-MM-DD`. */
const LocalDate = z.string().regex(/^\d{4}-\d{2}-\d{2}$/u);

/** How often a plan begins anew. A month without the day begins on its last one. */
export const PlanCycle = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('monthly'), day: z.number().int().min(1).max(31) }),
  /** 1 is Monday (ISO 8601). */
  z.object({ kind: z.literal('weekly'), weekday: z.number().int().min(1).max(7) }),
  z.object({ kind: z.literal('days'), days: z.number().int().min(1).max(366), from: LocalDate }),
]);
export type PlanCycle = z.infer<typeof PlanCycle>;

/** Hours of the local day in which traffic counts, from `from` until before `to`; `from` after `to` spans midnight. */
export const CountedHours = z.object({ from: z.number().int().min(0).max(23), to: z.number().int().min(0).max(24) });
export type CountedHours = z.infer<typeof CountedHours>;

/** A plan as it is set. */
export const Plan = z.object({
  /** Names it everywhere; unique among the plans. */
  name: z.string().min(1).max(64),
  /** The network it is for, as reports by network name it; null for all. */
  network: z.string().min(1).max(256).nullable(),
  capBytes: z.number().int().min(1).max(Number.MAX_SAFE_INTEGER),
  cycle: PlanCycle,
  direction: z.enum(['both', 'down', 'up']),
  /** `internet` leaves the local network out. */
  scope: z.enum(['internet', 'all']),
  /** The hours that count; null for all day. */
  hours: CountedHours.nullable(),
  /** Shares of the cap at which a person is told, in percent. */
  tellAtPercent: z.array(z.number().int().min(1).max(1000)).max(8),
});
export type Plan = z.infer<typeof Plan>;

/** Where a plan stands. */
export const PlanState = z.object({
  plan: Plan,
  /** The cycle now: `from` inclusive, `to` exclusive. */
  from: EpochMs,
  to: EpochMs,
  usedBytes: Count,
  /** Never negative: nothing is left where the cap is passed. */
  leftBytes: Count,
  /** Used of the cap: 1 is all of it. */
  share: z.number().min(0),
  /** Bytes a day that keep within the cap until the cycle ends; null where the cap is passed. */
  dailyBytes: z.number().min(0).nullable(),
  /** What the cycle will have used at its end, and the range in which four of five such cycles end; null while too little is known. */
  forecast: z.object({ bytes: z.number().min(0), low: z.number().min(0), high: z.number().min(0) }).nullable(),
  /** When the cap is passed at today's pace; null where it is not within the cycle, or not known. */
  exceedsAt: EpochMs.nullable(),
  /** How much of the cycle so far was not measured. */
  notMeasuredSeconds: z.number().min(0),
});
export type PlanState = z.infer<typeof PlanState>;

export const PlansResult = z.object({
  plans: z.array(PlanState).max(32),
  /** Networks that the system calls metered and that have no plan of their own. */
  offered: z.array(z.string().max(256)).max(32),
});
export type PlansResult = z.infer<typeof PlansResult>;
