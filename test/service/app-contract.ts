import assert from 'node:assert/strict';
import { it } from 'node:test';
import { noCoverage, silentSnapshot } from '../../core/view/index.ts';
import type { AppClient, LiveEvent, Report } from '../../protocol/app.ts';
import { epochMs } from '../../protocol/units.ts';
import { appCalls } from '../../service/app-calls.ts';
import type { AppCalls } from '../../service/app-calls.ts';
import type { LiveFeed } from '../../service/live-feed.ts';
import { ServiceError } from '../../service/service-error.ts';

/** One service behind a transport: what the contract suite drives. */
export interface ContractStage extends AsyncDisposable {
  readonly feed: LiveFeed;
  readonly client: AppClient;
}

export const identity = { protocol: 1, version: '1.2.3', pid: 77, startedAt: epochMs(5), historyPath: '/tmp/history' };

const report: Report = {
  from: epochMs(1),
  to: epochMs(2),
  by: 'app',
  rows: [{ key: null, rxBytes: 1, txBytes: 2, rxPackets: 3, txPackets: 4, connections: 5 }],
  total: { rxBytes: 1, txBytes: 2, rxPackets: 3, txPackets: 4, connections: 5 },
  gaps: [],
};

/** A service that always says the same. Reports of days fail, as the history's do where it cannot be read. */
export const calls: AppCalls = appCalls({
  identify: () => identity,
  report: ({ by }) => {
    if (by === 'day') throw new ServiceError('history-unreadable', 'cannot read it: do this');
    return report;
  },
});

export function publish(feed: LiveFeed, time: number): void {
  feed.publish(silentSnapshot({ time: epochMs(time), intervalSeconds: 1, interfaces: [], troubles: [] }));
}

async function begun(stage: ContractStage, subscriptions: number): Promise<void> {
  while (stage.feed.listeners < subscriptions) await new Promise((resolve) => setImmediate(resolve));
}

async function nextOf(events: AsyncIterator<LiveEvent>): Promise<LiveEvent> {
  const next = await events.next();
  assert.ok(next.done !== true);
  return next.value;
}

async function refusal(promise: Promise<unknown>): Promise<ServiceError> {
  const error: unknown = await promise.then(() => null, (reason: unknown) => reason);
  assert.ok(error instanceof ServiceError, `a ServiceError, not ${String(error)}`);
  return error;
}

/** What holds for every transport of the app API. */
export function appContractSuite(open: () => Promise<ContractStage>): void {
  it('answers queries', async () => {
    await using stage = await open();
    assert.deepEqual(await stage.client.query('identify', {}), identity);
    assert.deepEqual(await stage.client.query('report', { by: 'app' }), report);
  });

  it('answers many queries at once, each with its own answer', async () => {
    await using stage = await open();
    const answers = await Promise.all(Array.from({ length: 500 }, (_, index) =>
      index % 2 === 0 ? stage.client.query('identify', {}) : stage.client.query('report', { by: 'scope' })));
    assert.deepEqual(answers.map((answer) => 'pid' in answer), answers.map((_, index) => index % 2 === 0));
  });

  it('hands on the service\'s own words where a query fails', async () => {
    await using stage = await open();
    assert.equal((await refusal(stage.client.query('report', { by: 'day' }))).message, 'cannot read it: do this');
  });

  it('refuses parameters that the contract does not know', async () => {
    await using stage = await open();
    const wrong = JSON.parse('{"by":"colour"}');
    assert.match((await refusal(stage.client.query('report', wrong))).message, /wrong parameters of report: by/u);
    assert.deepEqual(await stage.client.query('identify', {}), identity, 'and goes on');
  });

  it('sends each snapshot with a number that grows by one', async () => {
    await using stage = await open();
    const events = stage.client.live()[Symbol.asyncIterator]();
    await begun(stage, 1);
    const numbers: number[] = [];
    for (let time = 0; time < 5; time += 1) {
      publish(stage.feed, time);
      const { sequence, snapshot } = await nextOf(events);
      assert.equal(snapshot.time, time);
      assert.deepEqual(snapshot.coverage, noCoverage);
      numbers.push(sequence);
    }
    assert.deepEqual(numbers, [0, 1, 2, 3, 4]);
  });

  it('ends a subscription that is left, and the service forgets it', async () => {
    await using stage = await open();
    const events = stage.client.live();
    await begun(stage, 1);
    publish(stage.feed, 1);
    for await (const { sequence } of events) {
      assert.equal(sequence, 0);
      break;
    }
    while (stage.feed.listeners > 0) await new Promise((resolve) => setImmediate(resolve));
  });

  it('ends a subscription while it is being waited for', async () => {
    await using stage = await open();
    const events = stage.client.live()[Symbol.asyncIterator]();
    const waiting = events.next();
    await begun(stage, 1);
    await events.return?.();
    assert.equal((await waiting).done, true);
  });

  it('gives no client more than 16 of 200 subscriptions', async () => {
    await using stage = await open();
    const all = Array.from({ length: 200 }, () => stage.client.live()[Symbol.asyncIterator]());
    await begun(stage, 16);
    const outcomes = all.map((events) => events.next());
    const refused = await Promise.all(outcomes.slice(16).map(refusal));
    assert.ok(refused.every(({ message }) => /16 live subscriptions/u.test(message)));
    assert.equal(stage.feed.listeners, 16);
    publish(stage.feed, 1);
    assert.equal((await Promise.all(outcomes.slice(0, 16))).length, 16);
  });

  it('lets every query and subscription end with the client', async () => {
    await using stage = await open();
    const waiting = stage.client.live()[Symbol.asyncIterator]().next();
    await begun(stage, 1);
    stage.client.close();
    assert.equal((await waiting).done, true);
    assert.equal((await refusal(stage.client.query('identify', {}))).code, 'service-gone');
  });
}
