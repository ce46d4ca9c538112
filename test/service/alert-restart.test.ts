import assert from 'node:assert/strict';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { defaultSettings } from '../../core/settings/index.ts';
import type { Settings } from '../../core/settings/index.ts';
import type { Alert, AlertKind, Plan } from '../../protocol/app.ts';
import type { ProcessKey } from '../../protocol/flow.ts';
import { epochMs } from '../../protocol/units.ts';
import { UsagePast } from '../../service/alerts/past.ts';
import { minuteOfDay } from '../../service/alerts/local-minute.ts';
import { calendarOf, History, systemCalendar } from '../../service/history/index.ts';
import { createLog } from '../../service/log.ts';
import { SettingsFile } from '../../service/settings-file.ts';
import { SettingsInForce } from '../../service/settings-in-force.ts';
import type { SettingsSource } from '../../service/settings-in-force.ts';
import { usage } from '../core/history/usages.ts';
import { AlertReceiver } from './alert-receiver.ts';
import { until } from './driven-clock.ts';
import { backup, curl, exactly, processOf } from './measurements.ts';
import { ServiceBench } from './service-bench.ts';

/** Noon of a Thursday. */
const start = Date.UTC(2026, 10, 19, 12);
const MB = 1_000_000;
const dayMs = 86_400_000;

const plan: Plan = { name: 'Home', network: null, capBytes: 100 * MB, cycle: { kind: 'monthly', day: 1 }, direction: 'both', scope: 'internet', hours: null, tellAtPercent: [80, 100] };

/** Settings that never change. */
function fixed(part: { readonly alerts?: Partial<Settings['alerts']>; readonly plans?: readonly Plan[] }): SettingsSource {
  const current: Settings = { ...defaultSettings, alerts: { ...defaultSettings.alerts, firstSeen: false, ...part.alerts }, plans: { list: [...(part.plans ?? [])] } };
  return { current, troubles: [], onChange: () => ({ [Symbol.dispose]: () => undefined }) };
}

async function alertsOf(bench: ServiceBench, kind: AlertKind): Promise<readonly Alert[]> {
  const { alerts } = await bench.running.service.client.query('alerts', { kind, limit: 100 });
  return alerts.toReversed();
}

describe('over a restart', () => {
  it('a plan goes on where it was, and no mark of it is told again', async () => {
    await using bench = await ServiceBench.start(start, { ports: { settings: fixed({ plans: [plan] }) } });
    await bench.seconds(10, 4.25 * MB);
    const [state] = (await bench.running.service.client.query('plans', {})).plans;
    assert.equal(state?.usedBytes, bench.told);
    assert.deepEqual((await alertsOf(bench, 'plan')).map(({ title, state: is }) => ({ title, is })), [{ title: 'The data plan Home is used to 80 %', is: 'open' }]);
    await bench.stop();
    await bench.serve();
    await bench.seconds(2, 0.5 * MB);
    assert.equal((await bench.running.service.client.query('plans', {})).plans[0]?.usedBytes, bench.told);
    assert.equal((await alertsOf(bench, 'plan')).length, 1);
    await bench.seconds(2, 6 * MB);
    assert.deepEqual((await alertsOf(bench, 'plan')).map(({ title, state: is }) => ({ title, is })), [
      { title: 'The data plan Home is used to 80 %', is: 'over' },
      { title: 'The data plan Home is used up', is: 'open' },
    ]);
  });

  it('a snooze, mutes and the numbers of alerts stay', async () => {
    await using bench = await ServiceBench.start(start, { ports: { settings: fixed({}) } });
    const { client } = bench.running.service;
    const { snoozedUntil } = await client.command('snoozeAlerts', { forSeconds: 3600 });
    await client.command('muteAlerts', { kind: 'volume' });
    await bench.seconds(12, 30 * MB);
    const before = await alertsOf(bench, 'spike');
    await bench.stop();
    await bench.serve();
    const { quiet } = await bench.running.service.client.query('alerts', { limit: 1 });
    assert.deepEqual([quiet.snoozedUntil, quiet.mutes], [snoozedUntil, [{ kind: 'volume' }]]);
    await bench.seconds(12, 30 * MB);
    const after = await alertsOf(bench, 'spike');
    assert.ok(after.length > before.length);
    assert.equal(new Set(after.map(({ id }) => id)).size, after.length);
    assert.ok(after.slice(0, before.length).every(({ state }) => state === 'over'), 'what was going on when it ended is over');
  });

  it('what a webhook has not taken is sent by the next service', async () => {
    await using receiver = await AlertReceiver.listen();
    receiver.manner = 'fail';
    const settings = fixed({ alerts: { spikeChannels: ['webhook'], webhook: receiver.address } });
    await using bench = await ServiceBench.start(start, { ports: { settings } });
    await bench.seconds(12, 30 * MB);
    await until(() => receiver.received.length > 0, 'it was tried');
    await bench.stop();
    receiver.manner = 'take';
    await bench.serve();
    await until(() => receiver.taken.length > 0, 'it was taken');
    const [taken] = receiver.taken;
    assert.equal(taken?.key, receiver.received[0]?.key);
    assert.deepEqual(JSON.parse(taken?.body ?? '{}').alert.told, ['webhook']);
  });
});

describe('settings that are changed over the app API', () => {
  it('are written to the file, and in force when that is answered', async () => {
    await using bench = await ServiceBench.start(start);
    await bench.stop();
    const file = path.join(bench.folder, 'settings.json');
    using settings = new SettingsInForce({ file: new SettingsFile(file), part: { log: { level: 'silent' } }, log: createLog('silent') });
    await using other = await ServiceBench.start(start, { ports: { settings } });
    const { client } = other.running.service;
    const { row, refused } = await client.command('changeSetting', { key: 'plans.list', value: [plan] });
    assert.deepEqual([row.value, refused, row.field.kind], [[plan], null, 'json']);
    assert.equal((await client.query('plans', {})).plans.length, 1);
    assert.deepEqual(new SettingsFile(file).read().settings.plans.list, [plan]);
    assert.equal((await client.query('settings', {})).settings.find(({ key }) => key === 'log.level')?.overridden, true);
    const wrong = await client.command('changeSetting', { key: 'plans.list', value: [{ ...plan, capBytes: -1 }] });
    assert.match(wrong.refused ?? '', /plans\.list: .* is not a list of at most 32 plans/u);
    assert.deepEqual(wrong.row.value, [plan]);
    await client.command('changeSetting', { key: 'plans.list' });
    assert.deepEqual((await client.query('plans', {})).plans, []);
  });

  it('one wrong plan of a file does not undo the others', () => {
    const folder = path.join(import.meta.dirname, `.plans-${process.pid}`);
    mkdirSync(folder);
    try {
      const file = path.join(folder, 'settings.json');
      writeFileSync(file, JSON.stringify({ plans: { list: [plan, { name: 'Wrong' }] } }));
      const { settings, problems } = new SettingsFile(file).read();
      assert.deepEqual(settings.plans.list, [plan]);
      assert.match(problems[0]?.message ?? '', /^plans\.list\.1: /u);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describe('what is usual, by a history on the disk', () => {
  it('is learnt from the quarter-hours in which something was measured, and from the later ones as they come', async () => {
    await using bench = await ServiceBench.start(start);
    await bench.stop();
    const calendar = systemCalendar({ TZ: 'UTC' });
    const begin = Date.UTC(2026, 8, 1);
    const end = begin + 20 * dayMs;
    const history = new History({ path: path.join(bench.folder, 'other.sqlite'), calendar, now: epochMs(begin), pid: process.pid });
    try {
      for (let time = begin; time < end; time += 900_000) {
        const hour = new Date(time).getUTCHours();
        // The third day was not measured.
        if (Math.floor((time - begin) / dayMs) === 2) continue;
        history.add(usage({ at: epochMs(time + 1000), rxBytes: hour === 20 ? 800 * MB : 1 * MB, txBytes: 0 }));
        history.add(usage({ at: epochMs(time + 1000), rxBytes: 50_000 * MB, txBytes: 0, scope: 'lan' }));
      }
      history.addGap({ from: epochMs(begin + 2 * dayMs), to: epochMs(begin + 3 * dayMs), reason: 'service-down' });
      history.flush(epochMs(end));
      let asked = 0;
      const reader = (): typeof history.reader => {
        asked += 1;
        return history.reader;
      };
      const past = new UsagePast({ reader, calendar, now: () => epochMs(end), quarterKeptMs: () => 90 * dayMs, countryOf: () => null });
      const night = past.usualAt(epochMs(end + 3 * 3_600_000), 'normal');
      assert.deepEqual([night?.median, night?.bound], [1 * MB, 300 * MB]);
      const evening = past.usualAt(epochMs(end + 20 * 3_600_000 + 1000), 'normal');
      assert.ok((evening?.bound ?? 0) >= 1200 * MB);
      const before = asked;
      for (let second = 0; second < 3000; second += 1) past.usualAt(epochMs(end + 20 * 3_600_000 + second * 1000), 'normal');
      assert.equal(asked, before, 'the history is not asked each second');
    } finally {
      history.close(epochMs(end));
    }
  });
});

describe('the first day', () => {
  it('is told in one digest when it is over, with what an earlier run has met', async () => {
    const settings = fixed({ alerts: { firstSeen: true, learningHours: 1 } });
    await using bench = await ServiceBench.start(start, { ports: { settings } });
    const app = async (key: ProcessKey, executable: string): Promise<void> => {
      bench.running.helper.say({ kind: 'processes', processes: [processOf(key, executable)] });
      await bench.second({ flow: 1, rx: 10, tx: 10, owner: exactly(key) });
    };
    await app(curl, '/usr/bin/curl');
    await bench.stop();
    await bench.serve();
    await app(backup, '/usr/bin/backup');
    const learnt = await alertsOf(bench, 'first-seen');
    assert.deepEqual(learnt.map(({ quiet }) => quiet), ['learning', 'learning']);
    bench.clock.sleep(3_600_000);
    await bench.second({ flow: 2, rx: 10, tx: 10 });
    const digest = (await alertsOf(bench, 'first-seen')).at(-1);
    assert.equal(digest?.text, '2 apps use the network: curl, backup. From now on you are told of new ones.');
    assert.deepEqual(digest?.told, ['desktop']);
    assert.equal((await bench.running.service.client.query('alerts', { limit: 1 })).quiet.learningUntil, null);
  });
});

describe('the minute of the local day', () => {
  it('is right in zones with half and quarter hours, and in the nights in which clocks change', () => {
    for (const zone of ['UTC', 'Europe/Berlin', 'Asia/Kolkata', 'Asia/Kathmandu', 'Australia/Lord_Howe']) {
      const calendar = calendarOf(() => zone);
      const format = new Intl.DateTimeFormat('en-US', { timeZone: zone, hour: 'numeric', minute: 'numeric', hourCycle: 'h23' });
      for (const day of ['2026-03-29T00:00Z', '2026-10-25T00:00Z', '2026-04-04T14:00Z', '2026-07-01T12:00Z']) {
        for (let minute = 0; minute < 240; minute += 7) {
          const now = epochMs(Date.parse(day) + minute * 60_000);
          const [hours, minutes] = format.formatToParts(now).filter(({ type }) => type !== 'literal').map(({ value }) => Number(value));
          assert.equal(minuteOfDay(calendar, now), (hours ?? 0) * 60 + (minutes ?? 0), `${zone} ${new Date(now).toISOString()}`);
        }
      }
    }
  });
});

describe('metered networks', () => {
  it('are offered as plans, until they have one', async () => {
    const networks = { of: (name: string) => (name === 'eth0' ? { name: 'My phone', type: 'gsm', ssid: null, metered: true } : null) };
    for (const [plans, offered] of [[[], ['My phone']], [[{ ...plan, network: 'My phone' }], []]] as const) {
      await using bench = await ServiceBench.start(start, { ports: { settings: fixed({ plans }), networks } });
      await bench.seconds(2, 1000);
      const result = await bench.running.service.client.query('plans', {});
      assert.deepEqual(result.offered, offered);
      assert.deepEqual(result.plans.map(({ usedBytes }) => usedBytes), plans.map(() => bench.told), 'what went through it counts for it');
    }
  });
});
