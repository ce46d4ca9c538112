import assert from 'node:assert/strict';
import path from 'node:path';
import { describe, it } from 'node:test';
import type { Alert, AppClient, QuietReason } from '../../protocol/app.ts';
import { epochMs } from '../../protocol/units.ts';
import { connectToService } from '../../service/app-client.ts';
import { download, start } from './alert-stage.ts';
import { ServiceStage } from './service-stage.ts';

const much = 50_000_000;

describe('the alerts of a service', () => {
  it('tell of a spike once, with its cause, renew it and say when it is over', async () => {
    await using stage = await ServiceStage.open(start);
    const events = await download(stage, { from: 1, to: 25, bytes: much });
    const spikes = events.filter(({ alert }) => alert.kind === 'spike');
    assert.deepEqual(spikes.map(({ act }) => act), ['show', 'replace']);
    const [shown] = spikes;
    assert.equal(shown?.alert.text, 'curl is downloading 50.0 MB/s from example.org (100 % of all traffic). 500 MB so far, for 10 s.');
    assert.deepEqual(shown?.alert.told, ['desktop']);
    const after = await download(stage, { from: 26, to: 40, bytes: 1000 });
    const last = after.filter(({ alert }) => alert.kind === 'spike').at(-1);
    assert.deepEqual([last?.act, last?.alert.state, last?.alert.id], ['recover', 'over', shown?.alert.id]);
    assert.match(last?.alert.text ?? '', /^Over after \d+ s: curl downloaded 1\.3 GB from example\.org\.$/u);
    const { alerts } = await stage.service.client.query('alerts', { limit: 10, kind: 'spike' });
    assert.deepEqual(alerts, [last?.alert]);
  });
});

async function spikeOf(stage: ServiceStage): Promise<Alert | undefined> {
  const { alerts } = await stage.service.client.query('alerts', { limit: 10, kind: 'spike' });
  return alerts[0];
}

describe('what holds the alerts of a service back', () => {
  it('a snooze, a mute and a window in front keep a spike from being told, and it is kept with why', async () => {
    for (const [reason, act, undo] of [
      ['snoozed', (client) => client.command('snoozeAlerts', { forSeconds: 3600 }), (client) => client.command('snoozeAlerts', { forSeconds: 0 })],
      ['muted', (client) => client.command('muteAlerts', { app: '/usr/bin/curl', kind: 'spike' }), (client) => client.command('unmuteAlerts', { app: '/usr/bin/curl', kind: 'spike' })],
      ['in-front', (client) => client.command('windowInFront', { inFront: true }), (client) => client.command('windowInFront', { inFront: false })],
      ['do-not-disturb', (client) => client.command('doNotDisturb', { active: true }), (client) => client.command('doNotDisturb', { active: false })],
    ] as const satisfies readonly (readonly [QuietReason, (client: AppClient) => Promise<unknown>, (client: AppClient) => Promise<unknown>])[]) {
      await using stage = await ServiceStage.open(start);
      const { client } = stage.service;
      await act(client);
      const events = await download(stage, { from: 1, to: 12, bytes: much });
      assert.ok(events.every(({ act: done }) => done === 'none'), reason);
      assert.equal((await spikeOf(stage))?.quiet, reason);
      await download(stage, { from: 13, to: 20, bytes: 10 });
      await undo(client);
      const after = await download(stage, { from: 21, to: 32, bytes: much });
      assert.ok(after.some(({ act: done }) => done === 'show'), `${reason}: told again when that has ended`);
    }
  });

  it('what a connection says of its window ends with the connection', async () => {
    await using stage = await ServiceStage.open(start);
    const window = await connectToService(path.join(stage.folder, 'service.sock'));
    await window?.command('windowInFront', { inFront: true });
    await download(stage, { from: 1, to: 12, bytes: much });
    assert.equal((await spikeOf(stage))?.quiet, 'in-front');
    await download(stage, { from: 13, to: 20, bytes: 10 });
    window?.close();
    const after = await download(stage, { from: 21, to: 32, bytes: much });
    assert.ok(after.some(({ act }) => act === 'show'));
  });

  it('a spike in the private mode names nobody', async () => {
    await using stage = await ServiceStage.open(start);
    await stage.service.client.command('beginPrivate', {});
    const events = await download(stage, { from: 1, to: 25, bytes: much });
    assert.ok(events.some(({ alert }) => alert.kind === 'spike'));
    assert.ok(!JSON.stringify(events).includes('curl') && !JSON.stringify(events).includes('example'));
    assert.deepEqual(stage.filesWith('curl'), []);
  });

  it('what is forgotten is forgotten in alerts, open ones and mutes among them', async () => {
    for (const what of [{ kind: 'app', app: '/usr/bin/curl' }, { kind: 'domain', domain: 'example.org' }, { kind: 'range', from: epochMs(start), to: epochMs(start + 60_000) }] as const) {
      await using stage = await ServiceStage.open(start);
      const { client } = stage.service;
      await client.command('muteAlerts', { app: '/usr/bin/curl', domain: 'example.org', kind: 'plan' });
      await download(stage, { from: 1, to: 12, bytes: much });
      const before = await spikeOf(stage);
      assert.ok(before !== undefined);
      await client.command('forget', what);
      assert.equal(await spikeOf(stage), undefined);
      const { quiet } = await client.query('alerts', { limit: 1 });
      if (what.kind !== 'range') assert.deepEqual(quiet.mutes, []);
      await download(stage, { from: 70, to: 81, bytes: much });
      assert.ok(((await spikeOf(stage))?.id ?? 0) > before.id, 'and its number is not given again');
    }
  });
});

describe('settings over the app API', () => {
  it('a service without a file of settings lists the defaults and changes none', async () => {
    await using stage = await ServiceStage.open(start);
    const { settings } = await stage.service.client.query('settings', {});
    const row = settings.find(({ key }) => key === 'alerts.spikeSeconds');
    assert.deepEqual([row?.value, row?.field], [10, { kind: 'number', least: 1, most: 3600, unit: 'seconds' }]);
    const wrong = await stage.service.client.command('changeSetting', { key: 'alerts.spikeSeconds', value: 0 });
    assert.match(wrong.refused ?? '', /alerts\.spikeSeconds: 0 is not a whole number from 1 to 3600/u);
    await assert.rejects(stage.service.client.command('changeSetting', { key: 'alerts.nothing', value: 0 }), /is no setting/u);
    await assert.rejects(stage.service.client.command('changeSetting', { key: 'alerts.spikeSeconds', value: 5 }), /no file of settings/u);
  });
});
