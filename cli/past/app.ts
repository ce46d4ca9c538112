import type { Report, Seen, TopResult } from '../../protocol/app.ts';
import { CommandError } from '../failure.ts';
import type { HistorySession } from '../history-session.ts';
import type { Range } from '../range.ts';
import { appNamed } from '../report/filter.ts';

/** What the history says of one app. */
export interface AppFacts {
  readonly app: string;
  readonly displayName: string;
  readonly seen: Seen;
  readonly domains: TopResult;
  readonly days: Report;
}

/** What the history says of the app that is called so. Throws as {@link appNamed} does: for none, and for several. */
export async function appFacts(words: string, asked: { readonly range: Range; readonly domains: number }, session: HistorySession): Promise<AppFacts> {
  const app = await appNamed(words, session);
  const { seen } = await session.ask('seen', { what: 'app', key: app });
  if (seen === null) throw new CommandError(`nothing of ${app} is in the history any more`);
  const query = { ...asked.range, filter: { app } };
  const [domains, days, named] = [
    await session.ask('top', { ...query, by: 'domain', limit: asked.domains }),
    await session.ask('report', { ...query, by: 'day' }),
    await session.ask('top', { filter: { app }, by: 'app', limit: 1 }),
  ];
  return { app, displayName: named.rows[0]?.label ?? app, seen, domains, days };
}
