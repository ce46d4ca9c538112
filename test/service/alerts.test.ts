import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
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
