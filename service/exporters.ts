import type { Withholding } from '../core/settings/index.ts';
import type { AppClient } from '../protocol/app.ts';
import type { Clock } from './clock.ts';
import type { Log } from './log.ts';
import type { MeasuredListener } from './measured-listener.ts';
import { MetricsServer, createMetrics } from './metrics/index.ts';
import type { Metrics, MetricsOptions } from './metrics/index.ts';
import { NtmdServer } from './ntmd/index.ts';
import type { NtmdOptions } from './ntmd/index.ts';

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

  constructor(options: ExportOptions, ports: ExporterPorts) {
    this.#options = options;
    this.#ports = ports;
    this.#metrics = options.metrics === undefined ? null : createMetrics(options.metrics, { startedAt: ports.clock.now(), rules: ports.rules });
    this.#ntmd = options.ntmd === undefined ? null : new NtmdServer(options.ntmd, ports);
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
      this.#metricsServer = await MetricsServer.listen(metrics.listen, { ...this.#ports, ...sources, registry: this.#metrics.registry });
    }
    await this.#ntmd?.listen(sources.client);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#metricsServer?.[Symbol.asyncDispose]();
    await this.#ntmd?.[Symbol.asyncDispose]();
  }
}
