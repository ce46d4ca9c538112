import type { CountedHours, Plan } from '../../protocol/plan.ts';
import type { ByteCounts } from '../../protocol/units.ts';

/** Whether an hour of the local clock (0 to 23) counts. Hours that begin where they end are the whole day. */
export function countsAt(hours: CountedHours | null, hour: number): boolean {
  if (hours === null || hours.from === hours.to) return true;
  if (hours.from < hours.to) return hour >= hours.from && hour < hours.to;
  return hour >= hours.from || hour < hours.to;
}

/** What a plan counts of bytes. */
export function countedBytes({ direction }: Pick<Plan, 'direction'>, { rxBytes, txBytes }: ByteCounts): number {
  if (direction === 'both') return rxBytes + txBytes;
  return direction === 'down' ? rxBytes : txBytes;
}
