import type { Claim } from '../naming/index.ts';
import type { BucketHost, Usage, UsageHost, UsageKey, UsageOwner } from '../history/usage.ts';
import type { Counts } from '../history/counts.ts';
import type { Settings } from './schema.ts';

/** What goes into the history in place of what was measured: the same bytes, fewer names. */
export type KeptUsage = UsageKey & Counts & Pick<Usage, 'at' | 'quality'>;

/** What a person does not want to be named in the history. */
export interface Withholding {
  /** The usage as it is kept. */
  kept(usage: Usage): KeptUsage;
  /** Whether any app is not to be named. */
  readonly someApp: boolean;
  /** Whether an app, by its id, is not to be named. */
  withholdsApp(app: string): boolean;
  /** Whether a host, by its name, is not to be named. */
  withholdsName(name: string): boolean;
  /** Whether the name of an address may be kept for the next run. */
  mayKeep(claim: Claim): boolean;
  /** Whether an app may be named in what is told. */
  mayNameApp(app: string): boolean;
  /** Whether a host or a domain may be. */
  mayNameHost(name: string): boolean;
}

const withheldOwner: UsageOwner = { certainty: 'unknown', reason: 'withheld' };

/** An address says as much as a name: it is withheld with it. */
const withheldHost = { name: { kind: 'other-names' }, address: { kind: 'other-addresses' } } as const satisfies Record<UsageHost['kind'], BucketHost>;

function isAtOrBelow(name: string, domains: ReadonlySet<string>): boolean {
  for (let rest = name; ; rest = rest.slice(rest.indexOf('.') + 1)) {
    if (domains.has(rest)) return true;
    if (!rest.includes('.')) return false;
  }
}

/** The rules of `history.excludedApps` and `history.excludedDomains`. */
export function withholding(excluded: Settings['history']): Withholding {
  const apps: ReadonlySet<string> = new Set(excluded.excludedApps);
  const domains: ReadonlySet<string> = new Set(excluded.excludedDomains);
  const withholdsName = (name: string): boolean => isAtOrBelow(name, domains);
  const isWithheldApp = (owner: UsageOwner): boolean => owner.certainty !== 'unknown' && apps.has(owner.app.id);
  const isWithheldHost = (host: UsageHost): boolean => host.kind === 'name' && isAtOrBelow(host.name, domains);
  return {
    kept: (usage) => {
      if (isWithheldApp(usage.owner)) return { ...usage, owner: withheldOwner, host: withheldHost[usage.host.kind], service: null, quality: null };
      return isWithheldHost(usage.host) ? { ...usage, host: withheldHost.name } : usage;
    },
    someApp: apps.size > 0,
    withholdsApp: (app) => apps.has(app),
    withholdsName,
    mayKeep: ({ name, app }) => !(app !== null && apps.has(app)) && !isAtOrBelow(name, domains),
    mayNameApp: (app) => !apps.has(app),
    mayNameHost: (name) => !isAtOrBelow(name, domains),
  };
}
