import type { HttpHostSum } from '../../protocol/http.ts';
import type { AttributedFlow, MeasuredInterval } from '../attribution/index.ts';
import { addTo, emptySum } from './moment.ts';
import type { AppPart, HostPart, Moment, Sum } from './moment.ts';

/** What may be named of a flow. */
export interface Naming {
  mayNameApp(app: string): boolean;
  mayNameHost(name: string): boolean;
}

interface AppSum extends AppPart {
  readonly hosts: Map<string, HostPart>;
}

/** Apps and hosts that stand for themselves in one moment; what is beyond is in the row without a name. */
const maximumApps = 1024;
const maximumHosts = 4096;

const unnamed = '';

/** Sums of one moment as they grow. */
class Summing {
  readonly totals = emptySum();
  readonly internet = emptySum();
  readonly apps = new Map<string, AppSum>();
  readonly networks = new Map<string, Sum>();
  readonly internetByNetwork = new Map<string, Sum>();
  readonly #naming: Naming;
  #hosts = 0;

  constructor(naming: Naming) {
    this.#naming = naming;
  }

  add(flow: AttributedFlow): void {
    const { delta, scope, network } = flow;
    const app = this.#appOf(flow);
    addTo(this.totals, delta);
    addTo(app, delta);
    addTo(sumIn(this.networks, network), delta);
    if (scope === 'internet') {
      addTo(this.internet, delta);
      addTo(app.internet, delta);
      addTo(sumIn(this.internetByNetwork, network), delta);
    }
    addTo(this.#hostOf(app, flow), delta);
  }

  #appOf({ owner }: AttributedFlow): AppSum {
    const named = owner.app !== null && this.#naming.mayNameApp(owner.app.app) ? owner.app : null;
    const key = named?.app ?? unnamed;
    const known = this.apps.get(key);
    if (known !== undefined) return known;
    if (key !== unnamed && this.apps.size >= maximumApps) return this.#unnamedApp();
    const app = { app: named?.app ?? null, displayName: named?.displayName ?? null, ...emptySum(), internet: emptySum(), hosts: new Map<string, HostPart>() };
    this.apps.set(key, app);
    return app;
  }

  #unnamedApp(): AppSum {
    const known = this.apps.get(unnamed);
    if (known !== undefined) return known;
    const app = { app: null, displayName: null, ...emptySum(), internet: emptySum(), hosts: new Map<string, HostPart>() };
    this.apps.set(unnamed, app);
    return app;
  }

  /** Whom a withheld app talks to is withheld with it; reverse DNS says whose machine answers, not what was asked for. */
  #hostOf(app: AppSum, { delta, name, owner }: AttributedFlow): HostPart {
    const isWithheldApp = owner.app !== null && app.app === null;
    const told = name === null || name.source === 'reverse-dns' ? null : name.name;
    const isWithheld = isWithheldApp || (told !== null && !this.#naming.mayNameHost(told));
    const address = isWithheld || delta.key.remoteAddress === '::' ? null : delta.key.remoteAddress;
    const key = (isWithheld ? null : (told ?? address)) ?? unnamed;
    const known = app.hosts.get(key);
    if (known !== undefined) return known;
    if (key !== unnamed && this.#hosts >= maximumHosts) return hostIn(app, unnamed, { name: null, address: null });
    this.#hosts += 1;
    return hostIn(app, key, { name: isWithheld ? null : told, address });
  }
}

function hostIn(app: AppSum, key: string, end: Pick<HostPart, 'name' | 'address'>): HostPart {
  const known = app.hosts.get(key);
  if (known !== undefined) return known;
  const host = { ...end, ...emptySum() };
  app.hosts.set(key, host);
  return host;
}

function sumIn(sums: Map<string, Sum>, key: string): Sum {
  let sum = sums.get(key);
  if (sum === undefined) sums.set(key, (sum = emptySum()));
  return sum;
}

function mostAsked(http: readonly HttpHostSum[], naming: Naming): Moment['httpMost'] {
  let most: { host: string | null; requests: number } | null = null;
  for (const { host, requests } of http) {
    if (requests > (most?.requests ?? 0)) most = { host: host !== null && naming.mayNameHost(host) ? host : null, requests };
  }
  return most;
}

/** What alerts look at in an interval: what crossed the edge, by app, host and network. One pass over the flows. */
export function momentOf(interval: MeasuredInterval, naming: Naming): Moment {
  const sums = new Summing(naming);
  for (const flow of interval.flows) {
    if (flow.placement === 'edge' && flow.delta.rxBytes + flow.delta.txBytes > 0) sums.add(flow);
  }
  const { totals, internet, apps, networks, internetByNetwork } = sums;
  return {
    now: interval.time,
    seconds: interval.intervalSeconds,
    totals,
    internet,
    apps: [...apps.values()],
    networks,
    internetByNetwork,
    httpRequests: interval.http.reduce((sum, { requests }) => sum + requests, 0),
    httpMost: mostAsked(interval.http, naming),
  };
}
