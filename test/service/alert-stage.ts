import assert from 'node:assert/strict';
import type { LiveEvent } from '../../protocol/app.ts';
import type { FlowSketch } from './measurements.ts';
import { curl, exactly, processOf, second, serverName } from './measurements.ts';
import type { ServiceStage } from './service-stage.ts';

export type AlertEvent = Extract<LiveEvent, { kind: 'alert' }>;

export const start = 1_750_000_000_000;

/** One second of a machine: says what moved, and collects what the service tells of alerts until its picture of that second is there. */
export async function secondOf(stage: ServiceStage, index: number, flows: readonly Omit<FlowSketch, 'at'>[]): Promise<readonly AlertEvent[]> {
  const time = start + index * 1000;
  const names = flows.map(({ flow }) => serverName(flow, 'cdn.example.org', time));
  stage.helper.say({ kind: 'processes', processes: [processOf(curl, '/usr/bin/curl')] }, { kind: 'names', names }, ...second(time, flows));
  await stage.clock.advance(1000);
  const alerts: AlertEvent[] = [];
  for (;;) {
    const event = await stage.event();
    if (event.kind === 'alert') alerts.push(event);
    if (event.kind === 'snapshot' && event.snapshot.time === time) return alerts;
    assert.ok(event.kind !== 'snapshot' || event.snapshot.time <= time + 1000);
  }
}

/** Seconds `from` to `to`, inclusive, in which curl receives so much. */
export async function download(stage: ServiceStage, range: { readonly from: number; readonly to: number; readonly bytes: number }): Promise<readonly AlertEvent[]> {
  const events: AlertEvent[] = [];
  for (let index = range.from; index <= range.to; index += 1) {
    events.push(...(await secondOf(stage, index, [{ flow: 1, rx: range.bytes, tx: 100, owner: exactly(curl) }])));
  }
  return events;
}
