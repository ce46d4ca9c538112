import type { Report, ReportRequest, ServiceIdentity, Snapshot } from '../../protocol/app.ts';
import { appProtocolVersion } from '../../protocol/app.ts';
import { epochMs } from '../../protocol/units.ts';
import { defaultAppLimits } from '../../service/app-limits.ts';
import { AppServer } from '../../service/app-server.ts';
import { LiveFeed, openMode } from '../../service/live-feed.ts';
import { createLog } from '../../service/log.ts';
import type { AppHandlers } from '../../service/app-calls.ts';
import { appDouble } from '../service/app-double.ts';

/** What a replay says. */
export interface ReplayAnswers {
  readonly report?: Report;
  readonly historyPath?: string;
  readonly handlers?: Partial<AppHandlers>;
}

/**
 * A service that says what a test wants, over the real socket and the real contract: only what is measured is made up.
 */
export class ReplayService implements AsyncDisposable {
  readonly #server: AppServer;
  readonly #feed: LiveFeed;
  /** What was asked for, in order. */
  readonly requests: ReportRequest[];

  private constructor(server: AppServer, feed: LiveFeed, requests: ReportRequest[]) {
    this.#server = server;
    this.#feed = feed;
    this.requests = requests;
  }

  static async start(socketPath: string, answers: ReplayAnswers = {}): Promise<ReplayService> {
    const requests: ReportRequest[] = [];
    const identity: ServiceIdentity = {
      protocol: appProtocolVersion,
      version: 'replay',
      pid: process.pid,
      startedAt: epochMs(0),
      historyPath: answers.historyPath ?? '/nowhere/history.sqlite',
    };
    const calls = appDouble({
      mode: () => openMode,
      ...answers.handlers,
      identify: () => identity,
      report(request) {
        requests.push(request);
        if (answers.report === undefined) throw new Error('this replay has no report');
        return answers.report;
      },
    });
    const feed = new LiveFeed();
    const server = await AppServer.listen(socketPath, { calls, feed, limits: defaultAppLimits, log: createLog('silent') });
    return new ReplayService(server, feed, requests);
  }

  get watchers(): number {
    return this.#feed.listeners;
  }

  /** Resolves when somebody watches. */
  async untilWatched(): Promise<void> {
    while (this.watchers === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  }

  publish(snapshot: Snapshot): void {
    this.#feed.publish(snapshot);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#feed[Symbol.dispose]();
    await this.#server[Symbol.asyncDispose]();
  }
}
