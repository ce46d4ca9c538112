import type { Claim } from '../naming/index.ts';
import type { BucketHost, Usage, UsageHost, UsageKey, UsageOwner } from '../history/usage.ts';
import type { Counts } from '../history/counts.ts';
import type { Settings } from './schema.ts';

/** What goes into the history in place of what was measured: the same bytes, fewer names. */
export type KeptUsage = UsageKey & Counts & Pick<Usage, 'at'>;

/** What a person does not want to be named in the history. */
export interface Withholding {
  /** The usage as it is kept. */
  kept(usage: Usage): KeptUsage;
  /** Whether the name of an address may be kept for the next run. */
  mayKeep(claim: Claim): boolean;
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
  const isWithheldApp = (owner: UsageOwner): boolean => owner.certainty !== 'unknown' && apps.has(owner.app.id);
  const isWithheldHost = (host: UsageHost): boolean => host.kind === 'name' && isAtOrBelow(host.name, domains);
  return {
    kept: (usage) => {
      if (isWithheldApp(usage.owner)) return { ...usage, owner: withheldOwner, host: withheldHost[usage.host.kind] };
      return isWithheldHost(usage.host) ? { ...usage, host: withheldHost.name } : usage;
    },
    mayKeep: ({ name, app }) => !(app !== null && apps.has(app)) && !isAtOrBelow(name, domains),
  };
}
