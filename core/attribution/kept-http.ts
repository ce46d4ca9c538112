import type { HttpHostSum } from '../../protocol/http.ts';
import { mergedHttp } from '../packet/index.ts';
import type { AttributedFlow, MeasuredInterval } from './attributed-flow.ts';

/** What is not to be named in the history. */
export interface NotNamed {
  /** Whether any app is not. */
  readonly someApp: boolean;
  withholdsApp(app: string): boolean;
  withholdsName(name: string): boolean;
}

/** The names under which a request may have asked the remote end of a flow. */
function hostsOf({ name, delta }: AttributedFlow): readonly string[] {
  return name === null ? [delta.key.remoteAddress] : [name.name, delta.key.remoteAddress];
}

/** Hosts that only apps have met in this interval which may be named; the helper does not tell whose a request was. */
function hostsOfOthers(flows: readonly AttributedFlow[], rules: NotNamed): ReadonlySet<string> {
  const hosts = new Set<string>();
  const withheld = new Set<string>();
  for (const flow of flows) {
    const { app } = flow.owner;
    // An unknown owner may be one that is withheld.
    const places = app === null || rules.withholdsApp(app.app) ? withheld : hosts;
    for (const host of hostsOf(flow)) places.add(host);
  }
  for (const host of withheld) hosts.delete(host);
  return hosts;
}

/**
 * What plain HTTP was asked for in an interval, as it is kept: the same requests, fewer names. Whoever withholds apps has
 * only those hosts named that other apps met. Requests in equal requests out.
 */
export function keptHttp(interval: MeasuredInterval, rules: NotNamed | null): readonly HttpHostSum[] {
  if (rules === null || interval.http.length === 0) return interval.http;
  const others = rules.someApp ? hostsOfOthers(interval.flows, rules) : null;
  const mayBeNamed = (host: string): boolean => !rules.withholdsName(host) && (others === null || others.has(host));
  const told = interval.http.map((sum) => (sum.host === null || mayBeNamed(sum.host) ? sum : { ...sum, host: null }));
  return mergedHttp([told]);
}
