import type { Step } from '../../protocol/app.ts';
import { CommandError } from '../failure.ts';
import type { HistorySession } from '../history-session.ts';
import type { Range } from '../range.ts';
import { visible } from '../terminal.ts';

/** One host of a site on one day. */
export interface SiteRow {
  /** The site as it was asked for. */
  readonly site: string;
  /** The host; null for hosts of the site that have no row of their own any more. */
  readonly host: string | null;
  /** `YYYY-MM-DD` of the local calendar. */
  readonly date: string;
  readonly rxBytes: number;
  readonly txBytes: number;
}

/** Most hosts of a site that stand for themselves: as many as one answer has. */
const mostHosts = 1000;

/** The site as it was asked for, and where the history has it. */
interface Place {
  readonly name: string;
  /** The registrable domain that it belongs to; null for an address, and for a host without one. */
  readonly domain: string | null;
}

/** The name itself, then without its first label, and so on: `a.b.example`, `b.example`, `example`. */
function endsOf(name: string): readonly string[] {
  const labels = name.split('.');
  return labels.map((_, index) => labels.slice(index).join('.'));
}

/** Where the history has a site. Throws {@link CommandError} where it has none. */
async function placeOf(words: string, session: HistorySession): Promise<Place> {
  const name = words.toLowerCase().replace(/^\*?\./u, '').replace(/\.$/u, '');
  const unknown = new CommandError(`nothing of "${visible(words)}" is in the history: \`tidewatch report --by host\` lists what is`);
  if (name === '') throw unknown;
  for (const domain of endsOf(name)) {
    const { seen } = await session.ask('seen', { what: 'domain', key: domain });
    if (seen !== null) return { name, domain };
  }
  const { seen } = await session.ask('seen', { what: 'host', key: name });
  if (seen === null) throw unknown;
  return { name, domain: null };
}

/** The hosts of a site that the history knows by name in this time. */
async function hostsOf({ name, domain }: Place, range: Range, session: HistorySession): Promise<readonly string[]> {
  if (domain === null) return [name];
  const { rows } = await session.ask('top', { ...range, by: 'host', filter: { domain }, limit: mostHosts });
  return rows.flatMap(({ kind, key }) => (kind === 'known' && key !== null && (key === name || key.endsWith(`.${name}`)) ? [key] : []));
}

const bytesOn = (rows: readonly SiteRow[], date: string, direction: 'rxBytes' | 'txBytes'): number =>
  rows.reduce((sum, row) => sum + (row.date === date ? row[direction] : 0), 0);

/** What of a whole domain belongs to none of its named hosts: so that the rows sum up to the domain. */
function restOf(site: string, days: readonly Step[], rows: readonly SiteRow[]): readonly SiteRow[] {
  return days.flatMap(({ date, rxBytes, txBytes }) => {
    if (date === null) return [];
    const rest = { rxBytes: Math.max(0, rxBytes - bytesOn(rows, date, 'rxBytes')), txBytes: Math.max(0, txBytes - bytesOn(rows, date, 'txBytes')) };
    return rest.rxBytes + rest.txBytes === 0 ? [] : [{ site, host: null, date, ...rest }];
  });
}

/**
 * What a site and all that lies below it used on each day: the days in order, the largest host first. Throws {@link CommandError}
 * where the history has nothing of it.
 */
export async function siteRows(words: string, range: Range, session: HistorySession): Promise<readonly SiteRow[]> {
  const place = await placeOf(words, session);
  const rows: SiteRow[] = [];
  for (const host of await hostsOf(place, range, session)) {
    const { steps } = await session.ask('steps', { ...range, step: 'day', filter: { host } });
    rows.push(...steps.flatMap(({ date, rxBytes, txBytes }) => (date === null ? [] : [{ site: place.name, host, date, rxBytes, txBytes }])));
  }
  const days = place.domain === place.name ? (await session.ask('steps', { ...range, step: 'day', filter: { domain: place.name } })).steps : [];
  const all = [...rows, ...restOf(place.name, days, rows)];
  return all.toSorted((a, b) => (a.date === b.date ? b.rxBytes + b.txBytes - (a.rxBytes + a.txBytes) : a.date < b.date ? -1 : 1));
}
