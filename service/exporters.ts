import type { Withholding } from '../core/settings/index.ts';
import type { AppClient } from '../protocol/app.ts';
import type { Clock } from './clock.ts';
import type { Log } from './log.ts';
import type { MeasuredListener } from './measured-listener.ts';
import type { Metrics, MetricsOptions, MetricsServer } from './metrics/index.ts';
import type { NtmdOptions, NtmdServer } from './ntmd/index.ts';

/** What other programs are to be told, and where. */
export interface ExportOptions {
  readonly metrics?: MetricsOptions;
  readonly ntmd?: NtmdOptions;
}

/** What the exporters ask of a service that measures. */
export interface ExportSources {
  readonly client: AppClient;
  /** Hands over what is held, so that what is told is of this moment. */
  readonly bringUpToDate: () => void;
}

export interface ExporterPorts {
  readonly clock: Clock;
  readonly log: Log;
  /** What is withheld now; null where nothing is. */
  readonly rules: () => Withholding | null;
}

/** What tells other programs what is measured: it listens from the beginning, and answers when the service measures. */
export class Exporters implements AsyncDisposable {
  readonly #options: ExportOptions;
  readonly #ports: ExporterPorts;
  readonly #metrics: Metrics | null;
  readonly #ntmd: NtmdServer | null;
  #metricsServer: MetricsServer | null = null;

  private constructor(options: ExportOptions, parts: { readonly ports: ExporterPorts; readonly metrics: Metrics | null; readonly ntmd: NtmdServer | null }) {
    this.#options = options;
    this.#ports = parts.ports;
    this.#metrics = parts.metrics;
    this.#ntmd = parts.ntmd;
  }

  /** What is asked for; what is not is not even loaded. */
  static async create(options: ExportOptions, ports: ExporterPorts): Promise<Exporters> {
    const { metrics, ntmd } = options;
    return new Exporters(options, {
      ports,
      metrics: metrics === undefined ? null : (await import('./metrics/index.ts')).createMetrics(metrics, { startedAt: ports.clock.now(), rules: ports.rules }),
      ntmd: ntmd === undefined ? null : new (await import('./ntmd/index.ts')).NtmdServer(ntmd, ports),
    });
  }

  get listeners(): readonly MeasuredListener[] {
    return [...(this.#metrics?.listeners ?? []), ...(this.#ntmd === null ? [] : [this.#ntmd.traffic])];
  }

  /** Where metrics are served; null where they are not. */
  get metricsAddress(): string | null {
    return this.#metricsServer?.address ?? null;
  }

  /** The port of loopback that answers ntmd's commands; null where none does. */
  get ntmdPort(): number | null {
    return this.#ntmd?.port ?? null;
  }

  /** Begins to answer. Throws `ServiceError` where an address cannot be had. */
  async listen(sources: ExportSources): Promise<void> {
    const { metrics } = this.#options;
    if (metrics !== undefined && this.#metrics !== null) {
      const { MetricsServer } = await import('./metrics/index.ts');
      this.#metricsServer = await MetricsServer.listen(metrics.listen, { ...this.#ports, ...sources, registry: this.#metrics.registry });
    }
    await this.#ntmd?.listen(sources.client);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#metricsServer?.[Symbol.asyncDispose]();
    await this.#ntmd?.[Symbol.asyncDispose]();
  }
}
