import type { AlertCause } from '../../protocol/alert.ts';
import { registrableDomain } from '../naming/index.ts';
import { addTo, bytesIn, bytesOf, emptySum } from './moment.ts';
import type { AppPart, Direction, Moment, Sum } from './moment.ts';

interface DomainSums extends Sum {
  readonly domain: string | null;
}

interface AppSums extends Sum {
  readonly app: string | null;
  readonly displayName: string | null;
  readonly domains: Map<string, DomainSums>;
  /** In the last moment. */
  rate: number;
}

/** Apps and domains that a cause is chosen from: the cause is among the first large ones. */
const maximumApps = 64;
const maximumDomains = 64;

/** Who did what since something began: the cause of it is the app that moved most, and that app's largest domain. */
export class Causes {
  readonly #direction: Direction;
  readonly #apps = new Map<string, AppSums>();
  readonly #total = emptySum();

  constructor(direction: Direction) {
    this.#direction = direction;
  }

  /** Everything that moved since it began. */
  get total(): Readonly<Sum> {
    return this.#total;
  }

  add(moment: Moment): void {
    addTo(this.#total, moment.totals);
    for (const app of this.#apps.values()) app.rate = 0;
    for (const part of moment.apps) if (bytesOf(part) > 0) this.#addApp(part, moment.seconds);
  }

  /** The cause so far; null where nothing has moved. */
  cause(): AlertCause | null {
    const app = largest(this.#apps.values(), this.#direction);
    if (app === null) return null;
    const domain = largest([...app.domains.values()].filter((each) => each.domain !== null), this.#direction);
    const all = bytesIn(this.#direction, this.#total);
    const own = bytesIn(this.#direction, app);
    // A domain is the cause only where most of the app's bytes are its own: else there are several.
    const isMain = domain !== null && bytesIn(this.#direction, domain) * 2 >= own;
    return {
      app: app.app,
      displayName: app.displayName,
      domain: isMain ? domain.domain : null,
      bytes: { rxBytes: app.rxBytes, txBytes: app.txBytes },
      bytesPerSecond: app.rate,
      share: all === 0 ? null : own / all,
    };
  }

  #addApp(part: AppPart, seconds: number): void {
    const app = this.#appSums(part);
    addTo(app, part);
    app.rate += seconds > 0 ? bytesIn(this.#direction, part) / seconds : 0;
    for (const host of part.hosts.values()) {
      const domain = host.name === null ? null : (registrableDomain(host.name) ?? host.name);
      addTo(domainSums(app, domain), host);
    }
  }

  #appSums({ app, displayName }: AppPart): AppSums {
    const key = app ?? '';
    const known = this.#apps.get(key);
    if (known !== undefined) return known;
    // Beyond the bound: what moved least so far cannot have been the cause.
    if (this.#apps.size >= maximumApps) this.#apps.delete(smallestKey(this.#apps));
    const sums = { app, displayName, ...emptySum(), domains: new Map<string, DomainSums>(), rate: 0 };
    this.#apps.set(key, sums);
    return sums;
  }
}

function domainSums({ domains }: AppSums, domain: string | null): DomainSums {
  const key = domain ?? '';
  const known = domains.get(key);
  if (known !== undefined) return known;
  if (domains.size >= maximumDomains) domains.delete(smallestKey(domains));
  const sums = { domain, ...emptySum() };
  domains.set(key, sums);
  return sums;
}

function smallestKey(sums: ReadonlyMap<string, Sum>): string {
  let found: { key: string; bytes: number } | null = null;
  for (const [key, sum] of sums) if (found === null || bytesOf(sum) < found.bytes) found = { key, bytes: bytesOf(sum) };
  return found?.key ?? '';
}

function largest<Part extends Sum>(parts: Iterable<Part>, direction: Direction): Part | null {
  let found: Part | null = null;
  for (const part of parts) if (found === null || bytesIn(direction, part) > bytesIn(direction, found)) found = part;
  return found !== null && bytesIn(direction, found) > 0 ? found : null;
}
