import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createScopes } from '../../core/flow/scope.ts';
import type { Calendar } from '../../core/history/calendar.ts';
import type { CoverageReceipt } from '../../core/history/usage.ts';
import type { Report, ReportKey } from '../../protocol/app.ts';
import type { CaptureConfiguration } from '../../protocol/helper.ts';
import { epochMs } from '../../protocol/units.ts';
import { createService } from '../../service/create-service.ts';
import type { Service, ServicePorts } from '../../service/create-service.ts';
import { openHelperLink } from '../../service/helper-link.ts';
import type { HelperSource } from '../../service/helper-process.ts';
import { History, systemCalendar } from '../../service/history/index.ts';
import { createLog } from '../../service/log.ts';
import { PrivacyFile, privacyPathOf } from '../../service/privacy-file.ts';
import { ServiceError } from '../../service/service-error.ts';
import { DrivenClock, until } from './driven-clock.ts';
import { second, statusOf } from './measurements.ts';
import type { FlowSketch } from './measurements.ts';
import { ReplayHelper } from './replay-helper.ts';
import type { ReplayOptions } from './replay-helper.ts';

export const edges: CaptureConfiguration = { interfaces: 'edges', filter: '', promiscuous: false, loopback: false };

/** What a bench's service is given beside its clock, its helper and its history. */
export interface BenchOptions {
  readonly ports?: Partial<ServicePorts>;
  readonly calendar?: Calendar;
  readonly helper?: ReplayOptions;
}

/** A real history that remembers which intervals it was told of. */
class WatchedHistory extends History {
  readonly receipts: CoverageReceipt[] = [];

  override addCoverage(receipt: CoverageReceipt): void {
    this.receipts.push(receipt);
    super.addCoverage(receipt);
  }
}

interface Running {
  readonly history: WatchedHistory;
  readonly helper: ReplayHelper;
  readonly service: Service;
}

/** A whole service over a replayed helper and a history on disk, on a clock that the test drives. */
export class ServiceBench implements AsyncDisposable {
  readonly folder = mkdtempSync(path.join(tmpdir(), 'tidewatch-bench-'));
  readonly clock: DrivenClock;
  readonly #options: BenchOptions;
  #running: Running | null = null;
  /** Bytes that helpers have told of. */
  told = 0;

  private constructor(clock: DrivenClock, options: BenchOptions) {
    this.clock = clock;
    this.#options = options;
  }

  /** A bench whose service measures from `at` on. */
  static async start(at: number, options: BenchOptions = {}): Promise<ServiceBench> {
    const bench = new ServiceBench(new DrivenClock(at), options);
    await bench.serve();
    return bench;
  }

  get running(): Running {
    if (this.#running === null) throw new Error('the service is not running');
    return this.#running;
  }

  /** The intervals that this service has measured. */
  get receipts(): readonly CoverageReceipt[] {
    return this.running.history.receipts;
  }

  /** Starts the service, over the history that one before it kept. */
  async serve(): Promise<void> {
    const { ports = {}, calendar = systemCalendar({ TZ: 'UTC' }), helper: replay = {} } = this.#options;
    const { clock } = this;
    const historyPath = path.join(this.folder, 'history.sqlite');
    const helperPath = path.join(this.folder, 'helper.sock');
    const helper = await ReplayHelper.listen(helperPath, replay);
    const history = new WatchedHistory({ path: historyPath, calendar, now: clock.now(), pid: process.pid });
    const service = await createService({
      clock,
      log: createLog('silent'),
      helper: sourceOf(helperPath),
      history,
      calendar,
      modes: new PrivacyFile(privacyPathOf(historyPath)),
      scopeOf: createScopes([]),
      home: { kind: 'none' },
      configuration: edges,
      socketPath: path.join(this.folder, 'service.sock'),
      historyPath,
      pid: process.pid,
      ...ports,
    });
    this.#running = { history, helper, service };
    helper.say({ kind: 'interfaces', interfaces: [statusOf('eth0', 'physical')] });
  }

  /** Ends the service. */
  async stop(): Promise<void> {
    const running = this.#running;
    this.#running = null;
    await running?.service.stop();
    await running?.helper[Symbol.asyncDispose]();
  }

  /** A second passes in which these flows moved, and is measured. */
  async second(...flows: readonly Omit<FlowSketch, 'at'>[]): Promise<void> {
    await this.clock.advance(1000);
    const { helper, history } = this.running;
    const before = history.receipts.length;
    this.told += flows.reduce((sum, { rx, tx }) => sum + rx + tx, 0);
    helper.say(...second(this.clock.now(), flows));
    await until(() => history.receipts.length > before, 'the interval is recorded');
  }

  /** Many seconds of the same traffic: so many bytes come and go in each. */
  async seconds(count: number, bytes: number): Promise<void> {
    for (let passed = 0; passed < count; passed += 1) await this.second({ flow: 1, rx: bytes, tx: bytes });
  }

  /** What the service answers of all time, also of what lies after now because the clock was set back. */
  report(by: ReportKey): Promise<Report> {
    return this.running.service.client.query('report', { by, from: epochMs(0), to: epochMs(this.clock.now() + 30 * 86_400_000) });
  }

  /** Whether the history's files hold this text. */
  fileHolds(text: string): boolean {
    const names = readdirSync(this.folder).filter((name) => name.startsWith('history.sqlite'));
    return names.some((name) => readFileSync(path.join(this.folder, name)).includes(text));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
    rmSync(this.folder, { recursive: true });
  }
}

function sourceOf(helperPath: string): HelperSource {
  return {
    connect: async () => {
      const link = await openHelperLink(helperPath);
      if (link === null) throw new ServiceError('helper-failed', 'the helper did not start');
      return link;
    },
    [Symbol.asyncDispose]: async () => undefined,
  };
}
