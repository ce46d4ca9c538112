import assert from 'node:assert/strict';
import { it } from 'node:test';
import { noCoverage, silentSnapshot } from '../../core/view/index.ts';
import { appMethods } from '../../protocol/app.ts';
import type { Alert, AlertQuiet, AppClient, LiveEvent, PrivacyMode, Report, ReportPreview, ReportSent, ReportsState, Rights, SettingRow, SnapshotEvent } from '../../protocol/app.ts';
import { epochMs } from '../../protocol/units.ts';
import type { AppCalls } from '../../service/app-calls.ts';
import type { LiveFeed } from '../../service/live-feed.ts';
import { openMode } from '../../service/live-feed.ts';
import { ServiceError } from '../../service/service-error.ts';
import { appDouble } from './app-double.ts';

/** One service behind a transport: what the contract suite drives. */
export interface ContractStage extends AsyncDisposable {
  readonly feed: LiveFeed;
  readonly client: AppClient;
}

/** How a stage is made; `rights` is what the client's connection may do, where the transport lets that be chosen. */
export type OpenStage = (rights?: Rights) => Promise<ContractStage>;

export const identity = { protocol: 1, version: '1.2.3', pid: 77, startedAt: epochMs(5), historyPath: '/tmp/history' };

const counts = { rxBytes: 1, txBytes: 2, rxPackets: 3, txPackets: 4, connections: 5 };
const report: Report = { from: epochMs(1), to: epochMs(2), by: 'app', rows: [{ key: null, ...counts }], other: null, total: counts, gaps: [] };
const row = { kind: 'known', key: 'a.example', label: 'a.example', ...counts } as const;
const top = { from: epochMs(1), to: epochMs(2), rows: [row], other: null, total: counts, gaps: [] };
const steps = { from: epochMs(1), to: epochMs(2), rows: [], steps: [{ ...counts, start: epochMs(1), date: null, parts: [] }], gaps: [] };
/** A long answer: about 200 kB. */
const compared = { from: epochMs(1), to: epochMs(2), previousFrom: epochMs(0), rows: Array.from({ length: 1000 }, () => ({ ...row, previous: counts })), total: counts, previousTotal: counts };
const range = { from: epochMs(1), to: epochMs(2) };
const rhythm = { ...range, cells: Array.from({ length: 7 }, () => Array.from({ length: 24 }, () => counts)) };
const quality = {
  ...range,
  rows: [{ kind: 'known', key: 'a.example', label: 'a.example', samples: 2, roundTripMicroseconds: { least: 1, mean: 1.5, most: 2 }, retransmits: 1, packets: 4, retransmitShare: 0.25 }],
} as const;
const http = { ...range, hosts: [{ host: 'a.example', requests: 1, responses: 1, methods: { GET: 1 }, sections: { '/': 1 }, statuses: { 200: 1 } }] };
const apps = { apps: [{ app: '/usr/bin/curl', displayName: 'curl', exe: '/usr/bin/curl', first: epochMs(1), last: epochMs(2) }], count: 1 };
const receipt = { ...range, measuredSeconds: 1.5, coverage: { ...noCoverage, capturedBytes: 7 } };
const facts = { path: '/tmp/history', bytes: 4096, first: epochMs(1), rows: 5, schema: 2 };
const icon = { icon: { mediaType: 'image/png', base64: 'aWNvbg==' } } as const;
const pausedMode: PrivacyMode = { paused: { since: epochMs(1), until: epochMs(61_001) }, private: null };

export const spike: Alert = {
  id: 3, kind: 'spike', situation: 'spike:down', state: 'open', severity: 'warning', since: epochMs(1), changedAt: epochMs(2), until: null,
  title: 'curl is downloading a lot', text: 'curl is downloading 45 MB/s.', told: ['desktop'], quiet: null,
  cause: { app: '/usr/bin/curl', displayName: 'curl', domain: 'a.example', bytes: { rxBytes: 7, txBytes: 1 }, bytesPerSecond: 7, share: 0.5 },
};
const quiet: AlertQuiet = { snoozedUntil: null, mutes: [], learningUntil: null };
const settingRow: SettingRow = {
  key: 'alerts.spikeSeconds', value: 10, initial: 10, field: { kind: 'number', least: 1, most: 3600, unit: 'seconds' },
  meaning: 'How long.', expects: 'a whole number', effect: 'at-once', overridden: false,
};

const waiting = { id: 'a', subject: 'Daily', since: epochMs(1), attempts: 2, nextAttempt: epochMs(3), problem: 'the server is away' };
export const reportsState: ReportsState = {
  due: [{ period: 'daily', schedule: '07:00', next: epochMs(9), last: null }],
  spool: [waiting],
  archive: [{ name: 'tidewatch-daily.zip', bytes: 5, writtenAt: epochMs(2) }],
  archiveFolder: '/tmp/archive',
};
const preview: ReportPreview = { subject: 'Daily', mediaType: 'text/plain', text: 'what was used' };
const sent: ReportSent = { subject: 'Daily', mail: 'spooled', problem: 'the server is away', archived: null };

/** How many connections that said something of their window have ended. */
const fronts = { ended: 0 };

/** A service that always says the same. Reports of days fail, as the history's do where it cannot be read. */
export const calls: AppCalls = appDouble({
  identify: () => identity,
  reports: () => reportsState,
  reportPreview: () => preview,
  beginRecording: () => ({ recording: 4 }),
  takeRecording: ({ recording }) => ({ bytes: 'CgANDQ==', packets: recording, missed: 1, more: true }),
  endRecording: () => ({}),
  sendReport: () => sent,
  rights: (_nothing, { rights }) => ({ rights }),
  report: ({ by }) => {
    if (by === 'day') throw new ServiceError('history-unreadable', 'cannot read it: do this');
    return report;
  },
  top: () => top,
  compare: () => compared,
  steps: () => steps,
  seen: () => ({ seen: null }),
  rhythm: () => rhythm,
  quality: () => quality,
  http: () => http,
  apps: () => apps,
  receipt: () => receipt,
  historyFacts: () => facts,
  icon: ({ size }) => (size === 16 ? { icon: null } : icon),
  forgetPreview: () => ({ rows: 7 }),
  alerts: ({ limit }) => ({ alerts: [spike].slice(0, limit), quiet }),
  plans: () => ({ plans: [], offered: ['Phone'] }),
  settings: () => ({ path: '/tmp/settings.json', settings: [settingRow] }),
  changeSetting: ({ value }) => ({ row: settingRow, refused: value === 5 ? null : 'not so' }),
  muteAlerts: (mute) => ({ ...quiet, mutes: [mute] }),
  windowInFront: (_said, { ended }) => {
    ended?.addEventListener('abort', () => (fronts.ended += 1), { once: true });
    return {};
  },
  pause: ({ forSeconds }) => (forSeconds === 60 ? pausedMode : openMode),
  forget: (what) => ({ rows: what.kind === 'domain' ? 7 : 0, freedBytes: 4096 }),
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

async function nextSnapshot(events: AsyncIterator<LiveEvent>): Promise<SnapshotEvent> {
  const event = await nextOf(events);
  assert.ok(event.kind === 'snapshot');
  return event;
}

async function refusal(promise: Promise<unknown>): Promise<ServiceError> {
  const error: unknown = await promise.then(() => null, (reason: unknown) => reason);
  assert.ok(error instanceof ServiceError, `a ServiceError, not ${String(error)}`);
  return error;
}

function callingCases(open: OpenStage): void {
  it('answers queries', async () => {
    await using stage = await open();
    assert.deepEqual(await stage.client.query('identify', {}), identity);
    assert.deepEqual(await stage.client.query('report', { by: 'app' }), report);
    assert.deepEqual(await stage.client.query('top', { by: 'domain', limit: 10, filter: { app: '/usr/bin/curl' } }), top);
    assert.deepEqual(await stage.client.query('steps', { step: 'hour', split: { by: 'app', limit: 5 } }), steps);
    assert.deepEqual(await stage.client.query('seen', { what: 'domain', key: 'a.example' }), { seen: null });
    assert.deepEqual(await stage.client.query('reports', {}), reportsState);
    assert.deepEqual(await stage.client.query('reportPreview', { period: 'daily', format: 'text' }), preview);
  });

  it('answers what the pages of an app and of a domain ask', async () => {
    await using stage = await open();
    assert.deepEqual(await stage.client.query('rhythm', { filter: { service: 'https', country: 'DE' } }), rhythm);
    assert.deepEqual(await stage.client.query('quality', { by: 'host', limit: 10, filter: { app: null } }), quality);
    assert.deepEqual(await stage.client.query('http', { limit: 10 }), http);
    assert.deepEqual(await stage.client.query('apps', { limit: 10 }), apps);
    assert.deepEqual(await stage.client.query('receipt', {}), receipt);
    assert.deepEqual(await stage.client.query('historyFacts', {}), facts);
    assert.deepEqual(await stage.client.query('icon', { app: '/usr/bin/curl', size: 48 }), icon);
    assert.deepEqual(await stage.client.query('icon', { app: '/usr/bin/curl', size: 16 }), { icon: null });
    assert.match((await refusal(stage.client.query('icon', { app: '/usr/bin/curl', size: 4096 }))).message, /size/u);
  });

  it('does commands, with what they are given', async () => {
    await using stage = await open();
    assert.deepEqual(await stage.client.command('sendReport', { period: 'weekly' }), sent);
    const recording = await stage.client.command('beginRecording', {});
    assert.deepEqual(await stage.client.command('takeRecording', recording), { bytes: 'CgANDQ==', packets: 4, missed: 1, more: true });
    assert.deepEqual(await stage.client.command('endRecording', recording), {});
    assert.deepEqual(await stage.client.command('pause', { forSeconds: 60 }), pausedMode);
    assert.deepEqual(await stage.client.command('forget', { kind: 'domain', domain: 'a.example' }), { rows: 7, freedBytes: 4096 });
  });

  it('tells of alerts, plans and settings, and takes what is said of them', async () => {
    await using stage = await open();
    assert.deepEqual(await stage.client.query('alerts', { limit: 10, kind: 'spike' }), { alerts: [spike], quiet });
    assert.deepEqual(await stage.client.query('plans', {}), { plans: [], offered: ['Phone'] });
    assert.deepEqual((await stage.client.query('settings', {})).settings, [settingRow]);
    assert.deepEqual(await stage.client.command('changeSetting', { key: 'alerts.spikeSeconds', value: 5 }), { row: settingRow, refused: null });
    assert.deepEqual((await stage.client.command('muteAlerts', { app: '/usr/bin/curl' })).mutes, [{ app: '/usr/bin/curl' }]);
    assert.match((await refusal(stage.client.command('muteAlerts', {}))).message, /a mute names/u);
  });

  it('knows when a connection that said something of its window has ended', async () => {
    const before = fronts.ended;
    {
      await using stage = await open();
      await stage.client.command('windowInFront', { inFront: true });
      assert.equal(fronts.ended, before);
      stage.client.close();
    }
    while (fronts.ended === before) await new Promise((resolve) => setImmediate(resolve));
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
    assert.match((await refusal(stage.client.command('pause', { forSeconds: -1 }))).message, /wrong parameters of pause: forSeconds/u);
    const backwards = { kind: 'range', from: epochMs(2), to: epochMs(1) } as const;
    assert.match((await refusal(stage.client.command('forget', backwards))).message, /begins before it ends/u);
    assert.deepEqual(await stage.client.query('identify', {}), identity, 'and goes on');
  });
}

function liveCases(open: OpenStage): void {
  it('sends each snapshot with a number that grows by one', async () => {
    await using stage = await open();
    const events = stage.client.live()[Symbol.asyncIterator]();
    await begun(stage, 1);
    const numbers: number[] = [];
    for (let time = 0; time < 5; time += 1) {
      publish(stage.feed, time);
      const { sequence, snapshot, mode } = await nextSnapshot(events);
      assert.equal(snapshot.time, time);
      assert.deepEqual(snapshot.coverage, noCoverage);
      assert.deepEqual(mode, openMode);
      numbers.push(sequence);
    }
    assert.deepEqual(numbers, [0, 1, 2, 3, 4]);
  });

  it('begins with the newest snapshot, whole, and goes on from its number', async () => {
    await using stage = await open();
    publish(stage.feed, 1);
    publish(stage.feed, 2);
    const events = stage.client.live()[Symbol.asyncIterator]();
    const first = await nextSnapshot(events);
    assert.deepEqual([first.snapshot.time, first.sequence], [2, 1]);
    publish(stage.feed, 3);
    assert.equal((await nextSnapshot(events)).sequence, 2);
  });

  it('tells at once what changes, and whoever comes later finds it in the snapshot', async () => {
    await using stage = await open();
    publish(stage.feed, 1);
    const events = stage.client.live()[Symbol.asyncIterator]();
    await nextSnapshot(events);
    stage.feed.notice({ mode: pausedMode, troubles: [] });
    const notice = await nextOf(events);
    assert.deepEqual(notice, { kind: 'notice', sequence: 1, mode: pausedMode, troubles: [] });
    const later = stage.client.live()[Symbol.asyncIterator]();
    assert.deepEqual((await nextSnapshot(later)).mode, pausedMode);
  });

  it('tells of every alert, in the order in which they came, also to a client that did not read meanwhile', async () => {
    await using stage = await open();
    publish(stage.feed, 1);
    const events = stage.client.live()[Symbol.asyncIterator]();
    await nextSnapshot(events);
    for (let id = 1; id <= 10; id += 1) {
      stage.feed.alert({ alert: { ...spike, id }, act: 'show', open: [spike] });
      publish(stage.feed, id);
    }
    const ids: number[] = [];
    while (ids.length < 10) {
      const event = await nextOf(events);
      if (event.kind === 'alert') ids.push(event.alert.id);
      if (event.kind === 'snapshot') assert.deepEqual(event.snapshot.openAlerts, [spike]);
    }
    assert.deepEqual(ids, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
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

  it('gives no client more than 16 of 1 000 subscriptions', async () => {
    await using stage = await open();
    const all = Array.from({ length: 1000 }, () => stage.client.live()[Symbol.asyncIterator]());
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

/** What holds for every transport of the app API. */
export function appContractSuite(open: OpenStage): void {
  callingCases(open);
  liveCases(open);
}

/** What holds for every transport on which a connection may have the right to read only. */
export function readOnlySuite(open: OpenStage): void {
  it('says what the connection may do', async () => {
    await using stage = await open('read');
    assert.deepEqual(await stage.client.query('rights', {}), { rights: 'read' });
  });

  it('refuses every command, answers queries and sends events, on a connection that may only read', async () => {
    await using stage = await open('read');
    for (const attempt of [
      stage.client.command('pause', {}),
      stage.client.command('resume', {}),
      stage.client.command('beginPrivate', {}),
      stage.client.command('endPrivate', {}),
      stage.client.command('forget', { kind: 'host', host: 'a.example' }),
      stage.client.command('snoozeAlerts', { forSeconds: 60 }),
      stage.client.command('muteAlerts', { kind: 'spike' }),
      stage.client.command('unmuteAlerts', { kind: 'spike' }),
      stage.client.command('windowInFront', { inFront: true }),
      stage.client.command('doNotDisturb', { active: true }),
      stage.client.command('testChannel', { channel: 'webhook' }),
      stage.client.command('changeSetting', { key: 'alerts.spikeSeconds', value: 5 }),
      stage.client.command('sendReport', { period: 'weekly' }),
      stage.client.command('beginRecording', {}),
      stage.client.command('takeRecording', { recording: 1 }),
      stage.client.command('endRecording', { recording: 1 }),
      stage.client.command('grantAccess', {}),
      stage.client.command('stop', {}),
    ]) {
      assert.equal((await refusal(attempt)).code, 'not-allowed');
    }
    assert.deepEqual(await stage.client.query('identify', {}), identity);
    publish(stage.feed, 1);
    assert.equal((await nextSnapshot(stage.client.live()[Symbol.asyncIterator]())).snapshot.time, 1);
  });

  it('knows no command but those', () => {
    const commands = Object.entries(appMethods).filter(([, { rights }]) => rights === 'control');
    const ofAlerts = ['snoozeAlerts', 'muteAlerts', 'unmuteAlerts', 'windowInFront', 'doNotDisturb', 'testChannel'];
    const ofRecording = ['beginRecording', 'takeRecording', 'endRecording'];
    assert.deepEqual(commands.map(([name]) => name), ['pause', 'resume', 'beginPrivate', 'endPrivate', 'forget', ...ofAlerts, 'changeSetting', 'sendReport', ...ofRecording, 'grantAccess', 'stop']);
  });
}
