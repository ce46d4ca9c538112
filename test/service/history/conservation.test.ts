import { test } from 'node:test';
import assert from 'node:assert/strict';
import Database from 'better-sqlite3';
import fc from 'fast-check';
import type { Countable } from '../../../core/history/accumulator.ts';
import { addCounts, countsOf, noCounts } from '../../../core/history/counts.ts';
import type { Counts } from '../../../core/history/counts.ts';
import { hostTable, hostTiers, partyTable, usageTable } from '../../../core/history/tables.ts';
import { stepNames } from '../../../core/history/query.ts';
import { tierNames } from '../../../core/history/tiers.ts';
import { ReportKey } from '../../../protocol/app.ts';
import { epochMs } from '../../../protocol/units.ts';
import { anyUsage } from '../../core/history/usages.ts';
import { at, dayMs, hourMs, scene } from './scene.ts';

/** Across the night in which Berlin sets its clocks forward, and the end of a month. */
const from = at('2026-03-25T10:00Z');
const to = epochMs(from + 12 * dayMs);

function sum(usages: readonly Countable[]): Counts {
  return usages.reduce<Counts>((total, usage) => addCounts(total, countsOf(usage)), noCounts);
}

function tableSum(database: Database.Database, table: string, where = ''): Counts {
  const text = `SELECT total(rx_bytes) AS rxBytes, total(tx_bytes) AS txBytes, total(rx_packets) AS rxPackets,
    total(tx_packets) AS txPackets, total(connections) AS connections FROM ${table} ${where}`;
  return countsOf(database.prepare<[], Counts>(text).get() ?? noCounts);
}

const anyUsages = fc.array(anyUsage(from, to), { minLength: 1, maxLength: 60 });

test('Every tier holds every byte, in its rows and in its sums', (context) => {
  fc.assert(
    fc.property(anyUsages, (usages) => {
      const { path, history } = scene(context);
      for (const usage of usages) history.add(usage);
      history.flush(to);
      const database = new Database(path, { readonly: true });
      const crossed = usages.filter((usage) => usage.scope !== 'loopback');
      for (const tier of tierNames) {
        assert.deepEqual(tableSum(database, usageTable(tier)), sum(usages), usageTable(tier));
        assert.deepEqual(tableSum(database, partyTable(tier)), sum(usages), partyTable(tier));
      }
      for (const tier of hostTiers) assert.deepEqual(tableSum(database, hostTable(tier)), sum(crossed), hostTable(tier));
      database.close();
    }),
    { numRuns: 25 },
  );
});

test('For any range the sum is the same by every key, by every step, and what lies in the range it answers', (context) => {
  const edge = fc.integer({ min: from, max: to });
  const cleanUpAfter = fc.integer({ min: 0, max: 200 });
  fc.assert(
    fc.property(anyUsages, edge, edge, cleanUpAfter, (usages, one, other, days) => {
      const { history } = scene(context);
      for (const usage of usages) history.add(usage);
      const now = epochMs(to + days * dayMs);
      history.flush(now);
      while (history.cleanUp(now).more);
      const range = { from: epochMs(Math.min(one, other)), to: epochMs(Math.max(one, other)) };
      const { reader } = history;
      const answered = reader.report({ ...range, by: 'app' }, now);
      const inside = usages.filter(({ at, scope }) => scope !== 'loopback' && at >= answered.from && at < answered.to);
      for (const by of ReportKey.options) {
        const report = reader.report({ ...range, by }, now);
        assert.deepEqual(report.total, sum(inside), `report by ${by}`);
      }
      for (const step of stepNames) {
        const { steps } = reader.steps({ ...range, step, split: { by: 'domain', limit: 100 } }, now);
        assert.deepEqual(steps.reduce<Counts>((total, each) => addCounts(total, each), noCounts), sum(inside), `steps of ${step}`);
        for (const each of steps) {
          assert.deepEqual(each.parts.reduce<Counts>((total, part) => addCounts(total, part), noCounts), countsOf(each));
        }
      }
      assert.deepEqual(reader.top({ ...range, by: 'certainty', limit: 1 }, now).total, sum(inside));
    }),
    { numRuns: 40 },
  );
});

test('Ranges that touch share no byte and lose none, whatever is still kept of them', (context) => {
  const edges = fc.array(fc.integer({ min: from - dayMs, max: to + dayMs }), { minLength: 1, maxLength: 5 });
  fc.assert(
    fc.property(anyUsages, edges, fc.integer({ min: 0, max: 200 }), (usages, middle, days) => {
      const { history } = scene(context);
      for (const usage of usages) history.add(usage);
      const now = epochMs(to + days * dayMs);
      history.flush(now);
      while (history.cleanUp(now).more);
      const all = [from - dayMs, ...middle.toSorted((a, b) => a - b), to + dayMs].map(epochMs);
      let total = noCounts;
      for (const [index, start] of all.slice(0, -1).entries()) {
        const end = all[index + 1] ?? start;
        total = addCounts(total, history.reader.report({ from: start, to: end, by: 'host' }, now).total);
      }
      assert.deepEqual(total, sum(usages.filter((usage) => usage.scope !== 'loopback')));
    }),
    { numRuns: 40 },
  );
});

test('A report is as sharp as ten seconds in the last hours, and as a day after the fine tiers are gone', (context) => {
  const { history, use } = scene(context);
  const time = at('2026-04-10T10:00:05Z');
  use({ at: time, rxBytes: 7 });
  const around = { from: epochMs(time - 5000), to: epochMs(time + 5000), by: 'app' } as const;
  assert.equal(history.reader.report(around, time).total.rxBytes, 7);
  assert.equal(history.reader.report({ ...around, from: epochMs(time - 2 * hourMs), to: around.from }, time).total.rxBytes, 0);
  const later = epochMs(time + 200 * dayMs);
  while (history.cleanUp(later).more);
  const day = history.reader.report({ by: 'app', from: at('2026-04-09T22:00Z'), to: at('2026-04-10T22:00Z') }, later);
  assert.equal(day.total.rxBytes, 7);
  // The edge lies in a day that is kept as one: the day belongs to the range in which it begins.
  assert.equal(history.reader.report({ ...around, to: later }, later).total.rxBytes, 0);
  assert.equal(history.reader.report({ by: 'app', from: at('2026-04-09T12:00Z'), to: around.from }, later).total.rxBytes, 7);
});

test('Loopback is no part of a total, and is there when asked for', (context) => {
  const { history, use } = scene(context);
  const time = at('2026-04-10T10:00Z');
  use({ at: time, rxBytes: 7, scope: 'loopback', host: '127.0.0.1' });
  use({ at: time, rxBytes: 5 });
  const now = epochMs(time + hourMs);
  for (const by of ReportKey.options) assert.equal(history.reader.report({ by }, now).total.rxBytes, 5);
  assert.equal(history.reader.top({ by: 'host', limit: 5, filter: { scope: 'loopback' } }, now).total.rxBytes, 7);
});
