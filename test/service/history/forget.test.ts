import { test } from 'node:test';
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { addCounts, noCounts } from '../../../core/history/counts.ts';
import type { Counts } from '../../../core/history/counts.ts';
import { ReportKey } from '../../../protocol/app.ts';
import { epochMs } from '../../../protocol/units.ts';
import { anyUsage, usage } from '../../core/history/usages.ts';
import { at, dayMs, hourMs, scene } from './scene.ts';
import type { Scene } from './scene.ts';

const now = at('2026-09-26T10:00Z');

/** Whether any file beside the history holds a text. */
function found({ path: file }: Scene, text: string): boolean {
  const folder = path.dirname(file);
  return readdirSync(folder).some((name) => readFileSync(path.join(folder, name)).includes(text));
}

function fill(made: Scene): void {
  for (const days of [0, 3, 40, 200]) {
    const time = now - days * dayMs;
    made.use({ at: time, app: '/opt/secret-app', host: 'plain.example', domain: 'plain.example', rxBytes: 1 });
    made.use({ at: time, app: '/opt/plain-app', host: 'www.hidden-place.example', domain: 'hidden-place.example', rxBytes: 10 });
    made.use({ at: time, app: '/opt/plain-app', host: '203.0.113.77', rxBytes: 100 });
    made.use({ at: time, app: '/opt/plain-app', host: 'plain.example', domain: 'plain.example', rxBytes: 1000 });
  }
  while (made.history.cleanUp(now).more);
}

/** The total by every key: the same whichever is asked. */
function totals({ history }: Scene): number {
  const sums = new Set(ReportKey.options.map((by) => history.reader.report({ by }, epochMs(now + hourMs)).total.rxBytes));
  assert.equal(sums.size, 1, JSON.stringify([...sums]));
  return [...sums][0] ?? -1;
}

for (const [what, text, left] of [
  [{ kind: 'app', app: '/opt/secret-app' }, 'secret-app', 4440],
  [{ kind: 'domain', domain: 'hidden-place.example' }, 'hidden-place', 4404],
  [{ kind: 'host', host: 'www.hidden-place.example' }, 'www.hidden-place', 4404],
  [{ kind: 'host', host: '203.0.113.77' }, '203.0.113.77', 4044],
] as const) {
  test(`A forgotten ${what.kind} (${text}) leaves every tier, and no file holds its name`, async (context) => {
    const made = scene(context);
    fill(made);
    assert.equal(totals(made), 4444);
    assert.ok(found(made, text), 'it was there');
    const { rows } = await made.history.forget(what, now);
    assert.ok(rows > 0);
    assert.ok(!found(made, text), 'no trace is left');
    assert.equal(totals(made), left);
  });
}

test('After forgetting, the same app can be counted again', async (context) => {
  const made = scene(context);
  fill(made);
  await made.history.forget({ kind: 'app', app: '/opt/secret-app' }, now);
  made.use({ at: now, app: '/opt/secret-app', rxBytes: 50 });
  assert.equal(totals(made), 4490);
});

test('Forgetting says how much smaller the file became', async (context) => {
  const made = scene(context);
  for (let index = 0; index < 20; index += 1) {
    for (let host = 0; host < 200; host += 1) {
      const names = { app: `/opt/app-${host % 40}`, host: `h${host}-${index}.example`, domain: 'd.example' };
      made.history.add(usage({ at: now - index * hourMs, ...names }));
    }
  }
  made.history.flush(now);
  const { rows, freedBytes } = await made.history.forget({ kind: 'range', from: 0, to: now + hourMs }, now);
  assert.ok(rows >= 4 * 4000, `${rows} rows`);
  assert.ok(freedBytes > 100_000, `${freedBytes} bytes`);
  assert.equal(totals(made), 0);
});

test('A forgotten range takes exactly what the range held, from every tier, and leaves the rest', async (context) => {
  const from = now - 12 * dayMs;
  const edge = fc.integer({ min: from, max: now });
  const usages = fc.array(anyUsage(from, now), { minLength: 1, maxLength: 40 });
  await fc.assert(
    fc.asyncProperty(usages, edge, edge, fc.integer({ min: 0, max: 120 }), async (all, one, other, days) => {
      const { history } = scene(context);
      for (const usage of all) history.add(usage);
      const later = epochMs(now + days * dayMs);
      history.flush(later);
      while (history.cleanUp(later).more);
      const range = { from: epochMs(Math.min(one, other)), to: epochMs(Math.max(one, other)) };
      const total = (by: ReportKey): Counts => history.reader.report({ by }, later).total;
      const before = total('app');
      const inside = history.reader.report({ by: 'app', ...range }, later).total;
      await history.forget({ kind: 'range', ...range }, later);
      for (const by of ReportKey.options) assert.deepEqual(addCounts(total(by), inside), before, by);
      assert.deepEqual(history.reader.report({ by: 'host', ...range }, later).total, noCounts);
    }),
    { numRuns: 12 },
  );
});
