import { z } from 'zod';
import { CountedHours, Plan, PlanCycle } from '../../protocol/app.ts';
import { UsageError } from '../failure.ts';

/** What `plan add` is told. */
export const NewPlan = z.object({
  cap: z.string(),
  network: z.string().min(1).max(256).optional(),
  monthly: z.string().optional(),
  weekly: z.string().optional(),
  every: z.string().optional(),
  direction: z.enum(['both', 'down', 'up']).default('both'),
  scope: z.enum(['internet', 'all']).default('internet'),
  hours: z.string().optional(),
  tell: z.string().default('80,100'),
});
export type NewPlan = z.infer<typeof NewPlan>;

const unitBytes: Readonly<Record<string, number>> = { b: 1, kb: 1e3, mb: 1e6, gb: 1e9, tb: 1e12, kib: 2 ** 10, mib: 2 ** 20, gib: 2 ** 30, tib: 2 ** 40 };

/** `100GB`, `1.5 TB`, `512MiB`: whole bytes. Throws {@link UsageError}. */
export function parseSize(text: string): number {
  const [, number = '', unit = ''] = /^(\d+(?:\.\d+)?)\s*([a-z]+)$/iu.exec(text.trim()) ?? [];
  const bytes = Math.round(Number(number) * (unitBytes[unit.toLowerCase()] ?? Number.NaN));
  if (number !== '' && bytes >= 1 && Number.isSafeInteger(bytes)) return bytes;
  throw new UsageError(`"${text}" is no size: write it as 100GB, 1.5TB or 512MiB`);
}

const weekdays = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'];

function cycleOf({ monthly, weekly, every }: NewPlan): PlanCycle {
  if ([monthly, weekly, every].filter((given) => given !== undefined).length > 1) throw new UsageError('give one of --monthly, --weekly and --every');
  if (weekly !== undefined) {
    const weekday = weekdays.findIndex((day) => weekly.length >= 2 && day.startsWith(weekly.toLowerCase())) + 1;
    if (weekday > 0) return { kind: 'weekly', weekday };
    throw new UsageError(`--weekly "${weekly}" is no day of the week: give monday to sunday`);
  }
  if (every !== undefined) {
    const [, days = '', from = ''] = /^(\d{1,3})d? from (\d{4}-\d{2}-\d{2})$/u.exec(every) ?? [];
    const cycle = PlanCycle.safeParse({ kind: 'days', days: Number(days), from });
    if (cycle.success && !Number.isNaN(Date.parse(from))) return cycle.data;
    throw new UsageError(`--every "${every}" is no cycle: write it as "28 from 2026-11-20", with 1 to 366 days`);
  }
  const cycle = PlanCycle.safeParse({ kind: 'monthly', day: Number(monthly ?? '1') });
  if (cycle.success) return cycle.data;
  throw new UsageError(`--monthly "${monthly}" is no day of a month: give 1 to 31`);
}

function hoursOf(text: string | undefined): CountedHours | null {
  if (text === undefined) return null;
  const [, from = '', to = ''] = /^(\d{1,2})-(\d{1,2})$/u.exec(text) ?? [];
  const hours = CountedHours.safeParse({ from: Number(from), to: Number(to) });
  if (from !== '' && hours.success) return hours.data;
  throw new UsageError(`--hours "${text}" are no hours: write them as 8-24, or 22-6 for over midnight`);
}

function percentsOf(text: string): number[] {
  const percents = text.split(',').filter((part) => part.trim() !== '').map(Number);
  const plan = Plan.shape.tellAtPercent.safeParse(percents);
  if (plan.success) return plan.data;
  throw new UsageError(`--tell "${text}" are no percents: write them as 80,100`);
}

/** The plan that these words are. Throws {@link UsageError}. */
export function planOf(name: string, words: NewPlan): Plan {
  if (name.trim() === '' || name.length > 64) throw new UsageError('the name of a plan has 1 to 64 characters');
  const { network, direction, scope } = words;
  const capBytes = parseSize(words.cap);
  return { name, network: network ?? null, capBytes, cycle: cycleOf(words), direction, scope, hours: hoursOf(words.hours), tellAtPercent: percentsOf(words.tell) };
}
