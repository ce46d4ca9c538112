import { z } from 'zod';
import type { Countable } from '../../core/history/accumulator.ts';
import { epochMs } from '../../protocol/units.ts';
import { ServiceError } from '../service-error.ts';
import type { ImportedStretch } from './imported-usage.ts';

/** What `vnstat --json` prints (vnstat(1), jsonversion 2; bytes). Version 1 counted in KiB. */

const Amount = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER);
const VnDate = z.object({ year: z.number().int().min(1970).max(9999), month: z.number().int().min(1).max(12), day: z.number().int().min(1).max(31) });
const VnHour = z.object({ date: VnDate, time: z.object({ hour: z.number().int().min(0).max(23) }), rx: Amount, tx: Amount });
const VnDay = z.object({ date: VnDate, rx: Amount, tx: Amount });
const Interface = z.object({
  name: z.string().min(1).max(64),
  updated: z.object({ date: VnDate }),
  traffic: z.object({ hour: z.array(VnHour).max(100_000).default([]), day: z.array(VnDay).max(100_000).default([]) }),
});
const Document = z.object({ jsonversion: z.literal('2'), interfaces: z.array(Interface).max(1024) });

type VnDate = z.infer<typeof VnDate>;

/** Local time, as vnStat's dates are. */
function instantOf({ year, month, day }: VnDate, hour: number): number {
  return new Date(year, month - 1, day, hour).getTime();
}

function dateKey({ year, month, day }: VnDate): number {
  return (year * 100 + month) * 100 + day;
}

function usageOf(at: number, network: string, { rx, tx }: { readonly rx: number; readonly tx: number }): Countable {
  return {
    at: epochMs(at),
    // vnStat counts interfaces: it knows neither apps nor hosts.
    owner: { certainty: 'unknown', reason: 'not-looked-up' },
    host: { kind: 'other-addresses' },
    scope: 'internet', network, service: null, quality: null,
    rxBytes: rx, txBytes: tx, rxPackets: 0, txPackets: 0, connections: 0,
  };
}

/**
 * The whole days of a document, each by its hours where they hold all of it, else at noon. The day that is not over is left out: it comes
 * with a later import. Throws {@link ServiceError} 'file-unreadable' for anything else than such a document.
 */
export function vnstatStretches(text: string): readonly ImportedStretch[] {
  let parsed;
  try {
    parsed = Document.safeParse(JSON.parse(text));
  } catch (error) {
    throw new ServiceError('file-unreadable', 'this is no JSON: make it with `vnstat --json`', { cause: error });
  }
  if (!parsed.success) throw new ServiceError('file-unreadable', 'this is not what `vnstat --json` of vnStat 2 prints: make it with that');
  return parsed.data.interfaces.flatMap(({ name, updated, traffic }) => {
    const hours = Map.groupBy(traffic.hour, ({ date }) => dateKey(date));
    return traffic.day.filter(({ date }) => dateKey(date) < dateKey(updated.date)).map((day): ImportedStretch => {
      const own = hours.get(dateKey(day.date)) ?? [];
      const [rx, tx] = [own.reduce((sum, hour) => sum + hour.rx, 0), own.reduce((sum, hour) => sum + hour.tx, 0)];
      const usages = rx === day.rx && tx === day.tx
        ? own.filter((hour) => hour.rx + hour.tx > 0).map((hour) => usageOf(instantOf(hour.date, hour.time.hour), name, hour))
        : [usageOf(instantOf(day.date, 12), name, day)];
      return { source: `vnstat ${name}`, second: Math.floor(instantOf(day.date, 0) / 1000), usages };
    });
  });
}
