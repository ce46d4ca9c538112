import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createScopes } from '../../core/flow/scope.ts';
import type { LiveEvent, SnapshotEvent } from '../../protocol/app.ts';
import { createService } from '../../service/create-service.ts';
import type { Service, ServicePorts } from '../../service/create-service.ts';
import { openHelperLink } from '../../service/helper-link.ts';
import { History, systemCalendar } from '../../service/history/index.ts';
import { createLog } from '../../service/log.ts';
import { PrivacyFile, privacyPathOf } from '../../service/privacy-file.ts';
import { ServiceError } from '../../service/service-error.ts';
import { DrivenClock, until } from './driven-clock.ts';
import { statusOf } from './measurements.ts';
import { ReplayHelper } from './replay-helper.ts';

/** A whole service between a replay helper and a real history, on a driven clock. */
export class ServiceStage implements AsyncDisposable {
  readonly folder: string;
  readonly clock: DrivenClock;
  readonly helper: ReplayHelper;
  readonly service: Service;
  readonly #events: AsyncIterator<LiveEvent>;

  private constructor(parts: { folder: string; clock: DrivenClock; helper: ReplayHelper; service: Service }) {
    this.folder = parts.folder;
    this.clock = parts.clock;
    this.helper = parts.helper;
    this.service = parts.service;
    this.#events = parts.service.client.live()[Symbol.asyncIterator]();
  }

  /** `ports`: what this service has beside the usual. */
  static async open(start: number, ports: Partial<ServicePorts> = {}): Promise<ServiceStage> {
    const folder = mkdtempSync(path.join(tmpdir(), 'tidewatch-stage-'));
    const clock = new DrivenClock(start);
    const helper = await ReplayHelper.listen(path.join(folder, 'helper.sock'));
    const historyPath = path.join(folder, 'history.sqlite');
    const calendar = systemCalendar({ TZ: 'UTC' });
    const service = await createService({
      clock,
      log: createLog('silent'),
      helper: {
        connect: async () => {
          const link = await openHelperLink(path.join(folder, 'helper.sock'));
          if (link === null) throw new ServiceError('helper-failed', 'the helper did not start');
          return link;
        },
        [Symbol.asyncDispose]: async () => undefined,
      },
      history: new History({ path: historyPath, calendar, now: clock.now(), pid: process.pid }),
      modes: new PrivacyFile(privacyPathOf(historyPath)),
      scopeOf: createScopes([]),
      home: { kind: 'none' },
      configuration: { interfaces: 'edges', filter: '', promiscuous: false, loopback: false },
      calendar,
      socketPath: path.join(folder, 'service.sock'),
      historyPath,
      pid: process.pid,
      ...ports,
    }).catch(async (error: unknown) => {
      // Who did not begin is not ended by anybody else.
      await helper[Symbol.asyncDispose]();
      rmSync(folder, { recursive: true });
      throw error;
    });
    helper.say({ kind: 'interfaces', interfaces: [statusOf('eth0', 'physical')] });
    return new ServiceStage({ folder, clock, helper, service });
  }

  /** The next event as a client sees it. */
  async event(): Promise<LiveEvent> {
    const next = await this.#events.next();
    assert.ok(next.done !== true, 'the service still tells what it sees');
    return next.value;
  }

  async snapshot(): Promise<SnapshotEvent> {
    for (;;) {
      const event = await this.event();
      if (event.kind === 'snapshot') return event;
    }
  }

  /** Waits until the helper was told this so many times. */
  async told(kind: string, times = 1): Promise<void> {
    await until(() => this.helper.commands.filter((command) => command.kind === kind).length >= times, `the helper was told to ${kind}`);
  }

  /** Names of the history's files (the log of its writes among them) in which a text occurs. */
  filesWith(text: string): readonly string[] {
    return readdirSync(this.folder)
      .filter((name) => name.startsWith('history.sqlite'))
      .filter((name) => readFileSync(path.join(this.folder, name)).includes(text));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.service.stop();
    await this.helper[Symbol.asyncDispose]();
    rmSync(this.folder, { recursive: true });
  }
}
