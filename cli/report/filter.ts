import type { UsageFilter } from '../../protocol/app.ts';
import { Country, Scope } from '../../protocol/app.ts';
import { CommandError, UsageError } from '../failure.ts';
import type { HistorySession } from '../history-session.ts';
import { visible } from '../terminal.ts';

/** What a report is narrowed to, as it was written. */
export interface FilterWords {
  readonly app?: string | undefined;
  readonly domain?: string | undefined;
  readonly host?: string | undefined;
  readonly scope?: string | undefined;
  readonly network?: string | undefined;
  readonly country?: string | undefined;
  readonly service?: string | undefined;
}

/** Most apps that are looked through for a name. */
const manyApps = 1000;

/** An app by its id, or by what a person calls it, or by the last part of its path. Throws where there is none, or several. */
export async function appNamed(words: string, session: HistorySession): Promise<string> {
  const { seen } = await session.ask('seen', { what: 'app', key: words });
  if (seen !== null) return words;
  const wanted = words.toLowerCase();
  const { apps } = await session.ask('apps', { limit: manyApps });
  const found = apps.filter(({ app, displayName }) => displayName.toLowerCase() === wanted || app.slice(app.lastIndexOf('/') + 1).toLowerCase() === wanted);
  const [only] = found;
  if (only === undefined) throw new CommandError(`no app in the history is called "${visible(words)}": \`tidewatch report\` lists them`);
  if (found.length > 1) throw new UsageError(`several apps are called "${visible(words)}": write one of ${found.slice(0, 5).map(({ app }) => visible(app)).join(', ')}`);
  return only.app;
}

async function seenOrThrow(what: 'domain' | 'host', key: string, session: HistorySession): Promise<string> {
  const name = key.toLowerCase().replace(/\.$/u, '');
  const { seen } = await session.ask('seen', { what, key: name });
  if (seen === null) throw new CommandError(`no ${what} "${visible(key)}" is in the history: \`tidewatch report --by ${what}\` lists them`);
  return name;
}

/** The filter that the words mean. Throws {@link CommandError} for what the history has never seen, {@link UsageError} for what nothing is called. */
export async function filterOf(words: FilterWords, session: HistorySession): Promise<UsageFilter> {
  const country = words.country === undefined ? undefined : Country.safeParse(words.country.length === 2 ? words.country.toUpperCase() : words.country);
  if (country?.success === false) throw new UsageError(`--country "${words.country}" is no country: write two letters such as DE, or none`);
  return {
    ...(words.app === undefined ? {} : { app: await appNamed(words.app, session) }),
    ...(words.domain === undefined ? {} : { domain: await seenOrThrow('domain', words.domain, session) }),
    ...(words.host === undefined ? {} : { host: await seenOrThrow('host', words.host, session) }),
    ...(words.scope === undefined ? {} : { scope: Scope.parse(words.scope) }),
    ...(words.network === undefined ? {} : { network: words.network }),
    ...(country === undefined ? {} : { country: country.data }),
    ...(words.service === undefined ? {} : { service: words.service }),
  };
}
