import { test } from 'node:test';
import assert from 'node:assert/strict';
import Database from 'better-sqlite3';
import { rowsPerStep } from '../../../service/history/clean-up.ts';
import { partyTable, usageTable } from '../../../core/history/tables.ts';
import { defaultRetention, fineTiers, tierNames } from '../../../core/history/tiers.ts';
import type { TierName } from '../../../core/history/tiers.ts';
import { noCoverage } from '../../../core/history/coverage.ts';
import { epochMs } from '../../../protocol/units.ts';
import { usage } from '../../core/history/usages.ts';
import { at, dayMs, hourMs, scene } from './scene.ts';

const start = at('2026-03-01T10:00Z');

function count(file: string, table: string): number {
  const database = new Database(file, { readonly: true });
  const row = database.prepare<[], { n: number }>(`SELECT count(*) AS n FROM ${table}`).get();
  database.close();
  return row?.n ?? 0;
}

test('Each tier keeps its rows for its own time, days and months for ever', (context) => {
  const { history, use, path } = scene(context);
  use({ at: start });
  const kept = (age: number): readonly TierName[] => {
    while (history.cleanUp(epochMs(start + age)).more);
    return tierNames.filter((tier) => count(path, usageTable(tier)) > 0 && count(path, partyTable(tier)) > 0);
  };
  assert.deepEqual(kept(hourMs), ['recent', 'minute', 'quarter', 'day', 'month']);
  assert.deepEqual(kept(defaultRetention.recent + hourMs), ['minute', 'quarter', 'day', 'month']);
  assert.deepEqual(kept(defaultRetention.minute + dayMs), ['quarter', 'day', 'month']);
  assert.deepEqual(kept(defaultRetention.quarter + 2 * dayMs), ['day', 'month']);
  assert.deepEqual(kept(10 * 365 * dayMs), ['day', 'month']);
});

test('Clean-up goes in steps of a bounded number of rows', (context) => {
  const { history } = scene(context);
  for (let index = 0; index < 3 * rowsPerStep; index += 1) {
    history.add(usage({ at: start + index * 10_000, host: `h${index % 50}.example` }));
  }
  const later = epochMs(start + 10 * dayMs);
  history.flush(later);
  let steps = 0;
  for (let more = true; more; steps += 1) {
    const step = history.cleanUp(later);
    assert.ok(step.deletedRows <= rowsPerStep);
    ({ more } = step);
  }
  assert.ok(steps >= 3, `${steps} steps`);
});

test('A shorter retention from now on is cleaned up to, but never so short that today cannot be shown', (context) => {
  const { history, use, path } = scene(context);
  use({ at: start });
  use({ at: start + 3 * dayMs });
  history.setRetention({ recent: 0, minute: 0, quarter: 0 });
  while (history.cleanUp(epochMs(start + 3 * dayMs + hourMs / 2)).more);
  for (const tier of fineTiers) assert.equal(count(path, usageTable(tier)), 1, tier);
});

test('Names of hosts that no row has any more leave the file; names that days have stay', (context) => {
  const { history, path } = scene(context);
  // One bucket of a day has room for 256 addresses of one app; the quarter-hours before had room for 64 each.
  for (let index = 0; index < 96 * 10; index += 1) {
    history.add(usage({ at: start + index * 90_000, host: `203.0.${index >> 8}.${index & 255}` }));
  }
  history.flush(epochMs(start + dayMs));
  const before = count(path, 'host');
  while (history.cleanUp(epochMs(start + 200 * dayMs)).more);
  const after = count(path, 'host');
  assert.ok(after < before, `${before} hosts, then ${after}`);
  const rows = history.reader.report({ by: 'host' }, epochMs(start + 200 * dayMs)).rows;
  assert.ok(rows.every((row) => row.key !== null));
});

test('A bucket that was begun before a restart has no more room after it', async (context) => {
  const made = scene(context);
  const { history, path } = made;
  for (let index = 0; index < 400; index += 1) history.add(usage({ at: start, host: `203.0.${index >> 8}.${index & 255}` }));
  history.flush(start);
  const hosts = count(path, usageTable('quarter'));
  await history.forget({ kind: 'app', app: '/no/such/app' }, start);
  for (let index = 400; index < 800; index += 1) history.add(usage({ at: start, host: `203.0.${index >> 8}.${index & 255}` }));
  history.flush(start);
  assert.equal(count(path, usageTable('quarter')), hosts);
  assert.equal(history.reader.report({ by: 'app' }, start).total.rxBytes, 0, 'the bucket begins at the end of the range');
  assert.equal(history.reader.report({ by: 'app' }, epochMs(start + 1)).total.rxBytes, 80_000);
});

test('First and last use are known to the quarter-hour', (context) => {
  const { history, use } = scene(context);
  use({ at: start, host: 'www.example.org' });
  use({ at: start + 5 * dayMs, host: 'api.example.org' });
  assert.deepEqual(history.reader.seen('domain', 'example.org'), { first: start, last: start + 5 * dayMs });
  assert.deepEqual(history.reader.seen('host', 'www.example.org'), { first: start, last: start });
  assert.deepEqual(history.reader.seen('app', '/usr/bin/curl'), { first: start, last: start + 5 * dayMs });
  assert.equal(history.reader.seen('app', '/usr/bin/wget'), null);
});

test('The receipts of a time are summed, however much of it is kept', (context) => {
  const { history, use } = scene(context);
  const coverage = { ...noCoverage, capturedBytes: 110, exactBytes: 100, droppedPackets: 1 };
  for (const days of [0, 1, 40]) {
    use({ at: start + days * dayMs });
    history.addCoverage({ from: epochMs(start + days * dayMs), to: epochMs(start + days * dayMs + 1500), coverage });
  }
  const now = epochMs(start + 41 * dayMs);
  history.flush(now);
  const whole = { measuredSeconds: 4.5, coverage: { ...noCoverage, capturedBytes: 330, exactBytes: 300, droppedPackets: 3 } };
  for (const time of [now, epochMs(start + 300 * dayMs)]) {
    while (history.cleanUp(time).more);
    const { measuredSeconds, coverage: sum } = history.reader.receipt({}, time);
    assert.deepEqual({ measuredSeconds, coverage: sum }, whole);
  }
  assert.equal(history.reader.receipt({ from: at('2026-02-28T23:00Z'), to: at('2026-03-02T23:00Z') }, now).coverage.capturedBytes, 220);
});

test('The largest rows stand beside what they were in the period before', (context) => {
  const { history, use } = scene(context);
  use({ at: start - hourMs, app: '/opt/a', rxBytes: 10 });
  use({ at: start, app: '/opt/a', rxBytes: 30 });
  use({ at: start, app: '/opt/b', rxBytes: 20 });
  use({ at: start, app: '/opt/c', rxBytes: 5 });
  const range = { from: start, to: epochMs(start + 2 * hourMs) };
  const { rows, previousTotal } = history.reader.compare({ ...range, by: 'app', limit: 2 }, range.to);
  assert.deepEqual(rows.map((row) => [row.label, row.rxBytes, row.previous.rxBytes]), [['a', 30, 10], ['b', 20, 0]]);
  assert.equal(previousTotal.rxBytes, 10);
  const top = history.reader.top({ ...range, by: 'app', limit: 2 }, range.to);
  assert.deepEqual([top.rows.length, top.other?.keys, top.other?.rxBytes, top.total.rxBytes], [2, 1, 5, 55]);
});
