import { Gauge } from 'prom-client';
import type { Registry } from 'prom-client';
import type { AttributedFlow, MeasuredInterval } from '../../core/attribution/index.ts';
import { protocolName } from '../../core/flow/protocol-name.ts';
import { serviceName } from '../../core/flow/service-name.ts';
import type { MeasuredListener } from '../measured-listener.ts';

/** Directions of pairs of hosts with a series of their own, in each of the two namings. */
const maximumSeries = 2000;

interface Series {
  readonly source: string;
  readonly destination: string;
  readonly protocol: string;
  /** `tcp/443(https)`; with `reply_` where it is the answer. */
  readonly port: string;
  readonly firstSeen: string;
  bytes: number;
}

const two = (value: number): string => String(value).padStart(2, '0');

/** `2026 11 20 18:30:05`, local. */
function timeText(milliseconds: number): string {
  const at = new Date(milliseconds);
  return `${at.getFullYear()} ${two(at.getMonth() + 1)} ${two(at.getDate())} ${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`;
}

/** The port that names the service, and who asked it: the lower of the two is the one that waits to be asked. */
function servicePort({ delta: { key } }: AttributedFlow): { readonly port: number | null; readonly asked: 'remote' | 'local' } {
  const { localPort, remotePort } = key;
  if (localPort === null || remotePort === null) return { port: remotePort ?? localPort, asked: 'remote' };
  return localPort < remotePort ? { port: localPort, asked: 'local' } : { port: remotePort, asked: 'remote' };
}

function portText(protocol: number, port: number | null): string {
  const name = protocolName(protocol);
  if (port === null) return name;
  const service = serviceName(protocol, port);
  return service === null ? `${name}/${port}` : `${name}/${port}(${service})`;
}

/**
 * The metrics of trafficmonitor, both its older and its later names, so that what scrapes them need not be changed. They are gauges
 * there, and grow all the same. MAC addresses are not measured: their labels are empty.
 */
export class CompatibleMetrics implements MeasuredListener {
  readonly #series = new Map<string, Series>();
  readonly #isWithheld: (flow: AttributedFlow) => boolean;
  #otherBytes = 0;
  #incoming = 0;
  #outgoing = 0;

  /** `isWithheld`: what a person does not want to be named anywhere. */
  constructor(registry: Registry, isWithheld: (flow: AttributedFlow) => boolean) {
    this.#isWithheld = isWithheld;
    this.#addOlder(registry);
    this.#addLater(registry);
    for (const prefix of ['', 'trafficmonitor_']) {
      const total = (direction: string, bytes: () => number): void => {
        const gauge = new Gauge({
          registers: [],
          name: `${prefix}total_${direction}`,
          help: `Bytes ${direction} from and to the internet; what stays in local networks is not in it.`,
          collect() {
            this.set(bytes());
          },
        });
        registry.registerMetric(gauge);
      };
      total('incoming', () => this.#incoming);
      total('outgoing', () => this.#outgoing);
    }
  }

  interval({ flows }: MeasuredInterval): void {
    for (const flow of flows) if (flow.placement === 'edge') this.#add(flow);
  }

  #add(flow: AttributedFlow): void {
    const { delta, scope } = flow;
    if (scope === 'internet') {
      this.#incoming += delta.rxBytes;
      this.#outgoing += delta.txBytes;
    }
    if (this.#isWithheld(flow)) {
      this.#otherBytes += delta.rxBytes + delta.txBytes;
      return;
    }
    const { localAddress, remoteAddress, protocol } = delta.key;
    const { port, asked } = servicePort(flow);
    const name = portText(protocol, port);
    const wayOut = { source: localAddress, destination: remoteAddress, port: asked === 'remote' ? name : `reply_${name}` };
    const wayIn = { source: remoteAddress, destination: localAddress, port: asked === 'local' ? name : `reply_${name}` };
    this.#count({ ...wayOut, protocol, bytes: delta.txBytes, firstSeen: delta.firstSeen });
    this.#count({ ...wayIn, protocol, bytes: delta.rxBytes, firstSeen: delta.firstSeen });
  }

  #count(part: { source: string; destination: string; port: string; protocol: number; bytes: number; firstSeen: number }): void {
    const { source, destination, port, protocol, bytes, firstSeen } = part;
    if (bytes === 0) return;
    const key = `${source} ${destination} ${port}`;
    const known = this.#series.get(key);
    if (known !== undefined) known.bytes += bytes;
    else if (this.#series.size >= maximumSeries) this.#otherBytes += bytes;
    else this.#series.set(key, { source, destination, port, protocol: protocolName(protocol), firstSeen: timeText(firstSeen), bytes });
  }

  #addOlder(registry: Registry): void {
    const series = this.#series;
    const others = (): number => this.#otherBytes;
    const gauge = new Gauge({
      registers: [],
      name: 'hosts_src_dst',
      help: 'Bytes from one host to another.',
      labelNames: ['addr', 'dstPort', 'firstSeen', 'port'],
      collect() {
        for (const { source, destination, protocol, port, firstSeen, bytes } of series.values()) {
          this.set({ addr: `${source}->${destination}, proto: ${protocol}`, dstPort: port, firstSeen, port }, bytes);
        }
        if (others() > 0) this.set({ addr: 'other', dstPort: '', firstSeen: '', port: '' }, others());
      },
    });
    registry.registerMetric(gauge);
  }

  #addLater(registry: Registry): void {
    const series = this.#series;
    const others = (): number => this.#otherBytes;
    const gauge = new Gauge({
      registers: [],
      name: 'trafficmonitor_hosts_src_dst',
      help: 'Bytes from one host to another.',
      labelNames: ['a_srcAddr', 'b_dstAddr', 'c_dstPort', 'd_firstSeen', 'e_srcMac', 'f_dstMac'],
      collect() {
        const noMac = { e_srcMac: '', f_dstMac: '' };
        for (const { source, destination, port, firstSeen, bytes } of series.values()) {
          this.set({ a_srcAddr: source, b_dstAddr: destination, c_dstPort: port, d_firstSeen: firstSeen, ...noMac }, bytes);
        }
        if (others() > 0) this.set({ a_srcAddr: 'other', b_dstAddr: '', c_dstPort: '', d_firstSeen: '', ...noMac }, others());
      },
    });
    registry.registerMetric(gauge);
  }
}
