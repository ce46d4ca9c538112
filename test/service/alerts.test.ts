import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { LiveEvent } from '../../protocol/app.ts';
import { curl, exactly, processOf, second, serverName } from './measurements.ts';
import { ServiceStage } from './service-stage.ts';

const start = 1_750_000_000_000;

type AlertEvent = Extract<LiveEvent, { kind: 'alert' }>;

/** One second of curl's download. */
async function download(stage: ServiceStage, index: number, bytes: number): Promise<void> {
  const time = start + index * 1000;
  const [flows, tick] = second(time, [{ flow: 1, rx: bytes, tx: 100, owner: exactly(curl), ...(index === 1 ? { opened: true } : {}) }]);
  assert.ok(flows !== undefined && tick !== undefined);
  stage.helper.say({ kind: 'processes', processes: [processOf(curl, '/usr/bin/curl')] }, { kind: 'names', names: [serverName(1, 'cdn.example.org', time)] }, flows, tick);
  await stage.clock.advance(1000);
}

async function nextAlert(stage: ServiceStage): Promise<AlertEvent> {
  for (;;) {
    const event = await stage.event();
    if (event.kind === 'alert') return event;
  }
}

describe('the alerts of a service', () => {
  it('tell of a spike once, with its cause, renew it and say when it is over', async () => {
    await using stage = await ServiceStage.open(start);
    for (let index = 1; index <= 25; index += 1) await download(stage, index, 50_000_000);
    const shown = await nextAlert(stage);
    assert.equal(shown.act, 'show');
    assert.equal(shown.alert.text, 'curl is downloading 50.0 MB/s from example.org (100 % of all traffic). 500 MB so far, for 10 s.');
    assert.deepEqual(shown.alert.told, ['desktop']);
    const renewed = await nextAlert(stage);
    assert.deepEqual([renewed.act, renewed.alert.id], ['replace', shown.alert.id]);
    for (let index = 26; index <= 40; index += 1) await download(stage, index, 1000);
    let last = await nextAlert(stage);
    while (last.act === 'replace') last = await nextAlert(stage);
    assert.deepEqual([last.act, last.alert.state], ['recover', 'over']);
    assert.match(last.alert.text, /^Over after \d+ s: curl downloaded 1\.3 GB from example\.org\.$/u);
    const { alerts } = await stage.service.client.query('alerts', { limit: 10 });
    assert.deepEqual(alerts, [last.alert]);
  });
});
