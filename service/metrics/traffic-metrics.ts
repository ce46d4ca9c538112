import { Counter, Gauge } from 'prom-client';
import type { Registry } from 'prom-client';
import type { MeasuredInterval } from '../../core/attribution/index.ts';
import type { Countable } from '../../core/history/accumulator.ts';
import { bytesOf } from '../../core/history/counts.ts';
import type { BucketHost } from '../../core/history/usage.ts';
import type { Coverage } from '../../protocol/app.ts';
import type { MeasuredListener } from '../measured-listener.ts';
import { StickySeries } from './sticky-series.ts';

/** A machine runs some sixty apps in a year; this many is a machine that makes up names. */
const maximumApps = 1000;
/** Names whose bytes are remembered before they have a series of their own. */
const maximumCandidates = 8192;
/** A series that once began stays: of the largest, some change over weeks. */
const seriesPerLargest = 4;

/** What stands in a label where there is no name: no app's id and no domain is written like this. */
const noName = 'unknown';
const other = 'other';

function domainOf(host: BucketHost): string | null {
  switch (host.kind) {
    case 'name':
    case 'rest-of-domain':
      return host.domain;
    case 'address':
    case 'other-addresses':
    case 'other-names':
      return null;
  }
}

/** The metrics of Tidewatch itself, under names of its own: see docs/METRICS.md. */
export class TrafficMetrics implements MeasuredListener {
  readonly registry: Registry;
  readonly #apps = new StickySeries({ largest: maximumApps, series: maximumApps, remembered: maximumCandidates });
  readonly #domains: StickySeries;
  readonly #told = new Set<string>();
  readonly #bytes: Counter<'app' | 'direction' | 'scope'>;
  readonly #packets: Counter<'direction' | 'scope'>;
  readonly #connections: Counter<'app' | 'scope'>;
  readonly #domainBytes: Counter<'domain' | 'direction'>;
  readonly #networkBytes: Counter<'network' | 'direction'>;
  readonly #appInfo: Gauge<'app' | 'name'>;
  readonly #attributed: Counter<'certainty'>;
  readonly #captured: Counter;
  readonly #dropped: Counter<'interface'>;
  readonly #malformed: Counter<'interface'>;
  readonly #interfaceBytes: Counter<'interface' | 'direction'>;
  readonly #measured: Counter;
  readonly #measuring: Gauge;
  readonly #flows: Gauge;
  readonly #networks = new Set<string>();

  constructor(registry: Registry, options: { readonly domains: number }) {
    this.registry = registry;
    const registers = [registry];
    const { domains } = options;
    this.#domains = new StickySeries({ largest: domains, series: domains * seriesPerLargest, remembered: maximumCandidates });
    this.#bytes = new Counter({ registers, name: 'tidewatch_bytes_total', help: 'IP bytes by app, direction and scope. Scope loopback is in no other total.', labelNames: ['app', 'direction', 'scope'] });
    this.#packets = new Counter({ registers, name: 'tidewatch_packets_total', help: 'Packets by direction and scope.', labelNames: ['direction', 'scope'] });
    this.#connections = new Counter({ registers, name: 'tidewatch_connections_total', help: 'Connections begun, by app and scope.', labelNames: ['app', 'scope'] });
    this.#domainBytes = new Counter({ registers, name: 'tidewatch_domain_bytes_total', help: 'IP bytes by domain, without loopback; the largest domains have a series of their own.', labelNames: ['domain', 'direction'] });
    this.#networkBytes = new Counter({ registers, name: 'tidewatch_network_bytes_total', help: 'IP bytes by the network they went through, without loopback.', labelNames: ['network', 'direction'] });
    this.#appInfo = new Gauge({ registers, name: 'tidewatch_app_info', help: 'Always 1: what a person calls the app.', labelNames: ['app', 'name'] });
    this.#attributed = new Counter({ registers, name: 'tidewatch_attributed_bytes_total', help: 'Captured IP bytes by how surely their app is known.', labelNames: ['certainty'] });
    this.#captured = new Counter({ registers, name: 'tidewatch_captured_bytes_total', help: 'IP bytes captured at the edge of this machine.' });
    this.#dropped = new Counter({ registers, name: 'tidewatch_dropped_packets_total', help: 'Packets that the kernel dropped before they were counted.', labelNames: ['interface'] });
    this.#malformed = new Counter({ registers, name: 'tidewatch_malformed_packets_total', help: 'Packets that could not be read.', labelNames: ['interface'] });
    this.#interfaceBytes = new Counter({ registers, name: 'tidewatch_interface_bytes_total', help: "Bytes of the kernel's own counters of an interface: link layer included.", labelNames: ['interface', 'direction'] });
    this.#measured = new Counter({ registers, name: 'tidewatch_measured_seconds_total', help: 'Seconds in which was measured.' });
    this.#measuring = new Gauge({ registers, name: 'tidewatch_measuring', help: '1 where the last interval was measured, 0 in a pause.' });
    this.#flows = new Gauge({ registers, name: 'tidewatch_active_flows', help: 'Flows that moved bytes in the last interval.' });
    this.#dropped.inc(0);
  }

  kept(usage: Countable): void {
    const { owner, scope, rxBytes, txBytes } = usage;
    const app = owner.certainty === 'unknown' ? noName : this.#appLabel(owner.app.id, owner.app.displayName, bytesOf(usage));
    this.#bytes.inc({ app, direction: 'rx', scope }, rxBytes);
    this.#bytes.inc({ app, direction: 'tx', scope }, txBytes);
    this.#packets.inc({ direction: 'rx', scope }, usage.rxPackets);
    this.#packets.inc({ direction: 'tx', scope }, usage.txPackets);
    this.#connections.inc({ app, scope }, usage.connections);
    if (scope === 'loopback') return;
    const domain = this.#domainLabel(domainOf(usage.host), usage);
    this.#domainBytes.inc({ domain, direction: 'rx' }, rxBytes);
    this.#domainBytes.inc({ domain, direction: 'tx' }, txBytes);
    const network = this.#networkLabel(usage.network);
    this.#networkBytes.inc({ network, direction: 'rx' }, rxBytes);
    this.#networkBytes.inc({ network, direction: 'tx' }, txBytes);
  }

  interval(interval: MeasuredInterval, coverage: Coverage): void {
    this.#measuring.set(interval.paused ? 0 : 1);
    this.#flows.set(interval.flows.length);
    if (interval.paused) return;
    this.#measured.inc(interval.intervalSeconds);
    this.#captured.inc(coverage.capturedBytes);
    this.#attributed.inc({ certainty: 'exact' }, coverage.exactBytes);
    this.#attributed.inc({ certainty: 'inferred' }, coverage.inferredBytes);
    this.#attributed.inc({ certainty: 'unknown' }, coverage.unknownBytes);
    for (const { status, interval: counters } of interval.interfaces) {
      if (counters === null) continue;
      const labels = { interface: status.name };
      this.#dropped.inc(labels, counters.droppedPackets);
      this.#malformed.inc(labels, counters.malformedPackets);
      this.#interfaceBytes.inc({ ...labels, direction: 'rx' }, counters.interfaceRxBytes);
      this.#interfaceBytes.inc({ ...labels, direction: 'tx' }, counters.interfaceTxBytes);
    }
  }

  #appLabel(id: string, displayName: string, bytes: number): string {
    if (this.#apps.count(id, bytes) === 'other') return other;
    if (!this.#told.has(id)) {
      this.#told.add(id);
      this.#appInfo.set({ app: id, name: displayName }, 1);
    }
    return id;
  }

  #domainLabel(domain: string | null, usage: Countable): string {
    if (domain === null) return usage.host.kind === 'other-names' ? other : noName;
    return this.#domains.count(domain, bytesOf(usage)) === 'own' ? domain : other;
  }

  #networkLabel(network: string): string {
    if (this.#networks.size < maximumNetworks) this.#networks.add(network);
    return this.#networks.has(network) ? network : other;
  }
}

/** Networks that a machine meets while a service runs. */
const maximumNetworks = 64;
