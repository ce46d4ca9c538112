import type { BytesByScope, Scope, Snapshot } from '../../protocol/app.ts';
import type { InterfaceStatus, Trouble } from '../../protocol/helper.ts';
import type { EpochMs } from '../../protocol/units.ts';
import type { AttributedFlow, MeasuredInterval } from '../attribution/index.ts';
import { mergedHttp } from '../packet/index.ts';
import { appRows } from './app-rows.ts';
import { connectionRows } from './connection-rows.ts';
import { noCoverage } from '../history/coverage.ts';
import { coverageOf } from './coverage.ts';
import { domainRows } from './domain-rows.ts';
import type { ViewLimits } from './limits.ts';
import { defaultViewLimits } from './limits.ts';
import { addBytes, emptySum } from './rows.ts';
import type { ByteSum } from './rows.ts';

function totalsOf(flows: readonly AttributedFlow[]): ByteSum {
  const sum = emptySum();
  for (const { delta } of flows) addBytes(sum, delta);
  return sum;
}

function emptyScopes(): Record<Scope, ByteSum> {
  return { internet: emptySum(), lan: emptySum(), loopback: emptySum(), multicast: emptySum() };
}

function scopesOf(flows: readonly AttributedFlow[]): BytesByScope {
  const sums = emptyScopes();
  for (const { scope, delta } of flows) addBytes(sums[scope], delta);
  return sums;
}

/** A flow that only closed in this interval moved nothing: it has no row. */
function moved({ delta }: AttributedFlow): boolean {
  return delta.rxBytes + delta.txBytes > 0;
}

/**
 * What every live face shows of one interval. Rows of apps, of domains, and of connections with the rest of them sum up
 * to the same totals, and so do the scopes; what never crossed the machine's edge stands apart under `inside`.
 */
export function snapshotOf(
  interval: MeasuredInterval,
  troubles: readonly Trouble[],
  limits: ViewLimits = defaultViewLimits,
): Snapshot {
  const flows = interval.flows.filter(moved);
  const edge = flows.filter(({ placement }) => placement === 'edge');
  const inside = flows.filter(({ placement }) => placement !== 'edge');
  return {
    time: interval.time,
    intervalSeconds: interval.intervalSeconds,
    state: interval.paused ? 'paused' : 'measuring',
    totals: totalsOf(edge),
    scopes: scopesOf(edge),
    apps: appRows(edge, limits),
    domains: domainRows(edge, limits.domains),
    ...connectionRows(edge, limits.connections),
    http: mergedHttp([interval.http], { hosts: limits.httpHosts }),
    coverage: coverageOf(interval),
    inside: {
      totals: totalsOf(inside),
      apps: appRows(inside, limits),
      ...connectionRows(inside, limits.connections),
    },
    interfaces: interval.interfaces.map(({ status, interval: measured }) => ({ ...status, interval: measured })),
    troubles: [...troubles],
    openAlerts: [],
  };
}

/** What a time without measurement looks like: no bytes, and a state that says they are unknown, not zero. */
export interface Silence {
  readonly time: EpochMs;
  readonly intervalSeconds: number;
  readonly interfaces: readonly InterfaceStatus[];
  readonly troubles: readonly Trouble[];
}

/** The snapshot of a time in which nothing was measured. */
export function silentSnapshot(silence: Silence): Snapshot {
  const none = { connections: [], otherConnections: { connections: 0, ...emptySum() } };
  return {
    time: silence.time,
    intervalSeconds: silence.intervalSeconds,
    state: 'not-measuring',
    totals: emptySum(),
    scopes: emptyScopes(),
    apps: [],
    domains: [],
    ...none,
    http: [],
    coverage: noCoverage,
    inside: { totals: emptySum(), apps: [], ...none },
    interfaces: silence.interfaces.map((status) => ({ ...status, interval: null })),
    troubles: [...silence.troubles],
    openAlerts: [],
  };
}
