/** Metrics for Prometheus: see README.md for what they promise. */
import { Registry } from 'prom-client';
import { isPrivate } from '../../core/attribution/index.ts';
import type { AttributedFlow } from '../../core/attribution/index.ts';
import type { ListenAddress, Withholding } from '../../core/settings/index.ts';
import type { EpochMs } from '../../protocol/units.ts';
import type { MeasuredListener } from '../measured-listener.ts';
import { CompatibleMetrics } from './compatible-metrics.ts';
import { addProcessMetrics } from './process-metrics.ts';
import { TrafficMetrics } from './traffic-metrics.ts';

export { MetricsServer } from './server.ts';
export type { MetricsServerPorts } from './server.ts';

export interface MetricsOptions {
  readonly listen: ListenAddress;
  /** Domains with a series of their own. */
  readonly domains: number;
  /** Whether the names of trafficmonitor are served too. */
  readonly names: 'own' | 'compatible';
}

/** Metrics that listen to what is measured, ready to be served. */
export interface Metrics {
  readonly registry: Registry;
  readonly listeners: readonly MeasuredListener[];
}

/** Whether a flow is not to be named: it is private, or a person withholds its app or its domain. */
function withheldFlow(rules: Withholding | null, flow: AttributedFlow): boolean {
  if (isPrivate(flow)) return true;
  const { owner, name } = flow;
  if (rules === null) return false;
  return (owner.app !== null && !rules.mayNameApp(owner.app.app)) || (name !== null && !rules.mayNameHost(name.name));
}

/** The metrics that are asked for; `rules` gives what is withheld at each moment. */
export function createMetrics(options: MetricsOptions, ports: { readonly startedAt: EpochMs; readonly rules: () => Withholding | null }): Metrics {
  const registry = new Registry();
  addProcessMetrics(registry, ports.startedAt);
  const traffic = new TrafficMetrics(registry, options);
  if (options.names === 'own') return { registry, listeners: [traffic] };
  const compatible = new CompatibleMetrics(registry, (flow) => withheldFlow(ports.rules(), flow));
  return { registry, listeners: [traffic, compatible] };
}
