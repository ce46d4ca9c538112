import { test } from 'node:test';
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { addQuality } from '../../../core/history/quality.ts';
import type { Quality } from '../../../core/history/quality.ts';
import { defaultRetention } from '../../../core/history/tiers.ts';
import type { HttpHostSum } from '../../../protocol/http.ts';
import { epochMs } from '../../../protocol/units.ts';
import type { EpochMs } from '../../../protocol/units.ts';
import type { HistoryReader } from '../../../service/history/index.ts';
import { anyUsage, usage } from '../../core/history/usages.ts';
import { at, dayMs, hourMs, minuteMs, scene } from './scene.ts';
import type { Scene } from './scene.ts';

/** What is kept beside the usage: how well connections went, and what plain HTTP was asked for. */

const start = at('2026-03-10T10:00Z');

const good: Quality = { samples: 2, least: 1000, sum: 4000, most: 3000, retransmits: 1, packets: 100 };
const bad: Quality = { samples: 1, least: 90_000, sum: 90_000, most: 90_000, retransmits: 20, packets: 100 };

function asked(host: string | null, section = '/images', status = '200'): HttpHostSum {
  return { host, requests: 3, responses: 2, methods: { GET: 2, POST: 1 }, sections: { [section]: 3 }, statuses: { [status]: 2 } };
}

/** Requests and responses of a whole answer, by each kind of count: they are the same. */
function httpTotals(reader: HistoryReader, now: EpochMs): readonly number[] {
  const { hosts } = reader.http({ limit: 1000 }, now);
  const sum = (counts: Readonly<Record<string, number | undefined>>): number => Object.values(counts).reduce<number>((all, one) => all + (one ?? 0), 0);
  return [
    hosts.reduce((all, host) => all + host.requests, 0),
    hosts.reduce((all, host) => all + sum(host.methods), 0),
    hosts.reduce((all, host) => all + sum(host.sections), 0),
    hosts.reduce((all, host) => all + host.responses, 0),
    hosts.reduce((all, host) => all + sum(host.statuses), 0),
  ];
}

test('Round-trip times and retransmits are known by app and by host, the most sampled first', (context) => {
  const { history, use } = scene(context);
  use({ at: start, app: '/opt/a', host: 'near.example', quality: good });
  use({ at: start + dayMs, app: '/opt/a', host: 'far.example', quality: bad });
  use({ at: start + dayMs, app: '/opt/b', host: 'far.example', quality: bad });
  const now = epochMs(start + 2 * dayMs);
  const byApp = history.reader.quality({ by: 'app', limit: 10 }, now).rows;
  assert.deepEqual(byApp.map(({ key, displayName, samples, retransmits, packets }) => [key, displayName, samples, retransmits, packets]), [
    ['/opt/a', 'a', 3, 21, 200],
    ['/opt/b', 'b', 1, 20, 100],
  ]);
  assert.deepEqual(byApp[0]?.roundTripMicroseconds, { least: 1000, mean: 94_000 / 3, most: 90_000 });
  assert.equal(byApp[1]?.retransmitShare, 0.2);
  const byHost = history.reader.quality({ by: 'host', limit: 1, filter: { app: '/opt/b' } }, now).rows;
  assert.deepEqual(byHost.map(({ key, displayName }) => [key, displayName]), [['far.example', undefined]]);
  assert.equal(history.reader.quality({ by: 'host', limit: 5, filter: { domain: 'no.such' } }, now).rows.length, 0);
  const oneDay = history.reader.quality({ by: 'app', limit: 10, from: start, to: epochMs(start + hourMs) }, now);
  assert.deepEqual(oneDay.rows.map(({ key, samples }) => [key, samples]), [['/opt/a', 2]]);
});

test('No sample, packet or retransmit is lost, however the rows are folded', (context) => {
  fc.assert(
    fc.property(fc.array(anyUsage(start, start + 3 * dayMs), { minLength: 1, maxLength: 60 }), fc.integer({ min: 0, max: 200 }), (usages, days) => {
      const { history } = scene(context);
      for (const one of usages) history.add(one);
      const now = epochMs(start + (3 + days) * dayMs);
      history.flush(now);
      while (history.cleanUp(now).more);
      const wanted = usages.reduce<Quality | null>((sum, one) => addQuality(sum, one.quality), null);
      for (const by of ['app', 'host'] as const) {
        const { rows } = history.reader.quality({ by, limit: 1000 }, now);
        const total = (of: (row: (typeof rows)[number]) => number): number => rows.reduce((sum, row) => sum + of(row), 0);
        assert.deepEqual([total((row) => row.samples), total((row) => row.retransmits), total((row) => row.packets)], [wanted?.samples ?? 0, wanted?.retransmits ?? 0, wanted?.packets ?? 0]);
        const least = rows.flatMap((row) => row.roundTripMicroseconds?.least ?? []);
        assert.equal(least.length === 0 ? 0 : Math.min(...least), wanted?.samples === 0 ? 0 : (wanted?.least ?? 0));
      }
    }),
    { numRuns: 25 },
  );
});

test('A bucket has bounded room for pairs of app and host; what comes after them stands with the app', (context) => {
  const { history } = scene(context);
  for (let index = 0; index < 400; index += 1) history.add(usage({ at: start, host: `h${index}.d${index}.example`, domain: `d${index}.example`, quality: good }));
  history.flush(start);
  const now = epochMs(start + hourMs);
  const quarter = history.reader.quality({ by: 'host', limit: 1000, from: start, to: epochMs(start + 15 * minuteMs) }, now).rows;
  assert.equal(quarter.length, 32 + 1);
  assert.equal(quarter[0]?.kind, 'folded');
  assert.equal(quarter.reduce((sum, row) => sum + row.samples, 0), 800);
});

test('Plain HTTP is known by host with its methods, sections and statuses; what has no place is one row', (context) => {
  const { history } = scene(context);
  history.add(usage({ at: start }));
  history.addHttp(start, [asked('www.a.example'), asked('192.0.2.7', '/', '404'), asked(null)]);
  history.addHttp(epochMs(start + dayMs), [asked('www.a.example', '/other-things', '500')]);
  const now = epochMs(start + 2 * dayMs);
  history.flush(now);
  const { hosts } = history.reader.http({ limit: 10 }, now);
  assert.deepEqual(hosts[0], {
    host: 'www.a.example',
    requests: 6,
    responses: 4,
    methods: { GET: 4, POST: 2 },
    sections: { '/images': 3, '/other-things': 3 },
    statuses: { 200: 2, 500: 2 },
  });
  assert.deepEqual(hosts.map(({ host }) => host), ['www.a.example', '192.0.2.7', null]);
  assert.deepEqual(history.reader.http({ limit: 1 }, now).hosts.map(({ host, requests }) => [host, requests]), [['www.a.example', 6], [null, 6]]);
  assert.deepEqual(history.reader.http({ limit: 9, filter: { domain: 'a.example' } }, now).hosts.map(({ host }) => host), ['www.a.example']);
});

test('Requests in equal requests out, by method, section and status, whatever is folded or cleaned up', (context) => {
  const { history } = scene(context);
  let requests = 0;
  history.add(usage({ at: start }));
  for (let index = 0; index < 600; index += 1) {
    history.addHttp(epochMs(start + index * 7 * minuteMs), [asked(`h${index % 50}.example`, `/s${index % 40}`, String(200 + (index % 30)))]);
    requests += 3;
    if (index % 10 === 0) history.flush(epochMs(start + index * 7 * minuteMs));
  }
  const now = epochMs(start + 4 * dayMs);
  history.flush(now);
  assert.deepEqual(httpTotals(history.reader, now), [requests, requests, requests, (requests / 3) * 2, (requests / 3) * 2]);
  const later = epochMs(start + defaultRetention.quarter + 10 * dayMs);
  while (history.cleanUp(later).more);
  assert.equal(httpTotals(history.reader, later)[0], requests);
});

test('A bucket that was begun before a restart has no more room after it', async (context) => {
  const { history } = scene(context);
  const quarter = { from: start, to: epochMs(start + 15 * minuteMs), limit: 1000 };
  const now = epochMs(start + hourMs);
  for (const from of [0, 40]) {
    for (let index = from; index < from + 40; index += 1) {
      history.addHttp(epochMs(start + 1), [asked(`h${index}.example`)]);
      history.add(usage({ at: start, host: `h${index}.example`, domain: `h${index}.example`, quality: good }));
    }
    history.flush(start);
    await history.forget({ kind: 'app', app: '/no/such/app' }, start);
  }
  assert.equal(history.reader.http(quarter, now).hosts.length, 12 + 1);
  assert.equal(history.reader.quality({ ...quarter, by: 'host' }, now).rows.length, 32 + 1);
});

function traces({ path: file }: Scene, text: string): boolean {
  const folder = path.dirname(file);
  return readdirSync(folder).some((name) => readFileSync(path.join(folder, name)).includes(text));
}

test('What is forgotten leaves these tables, too', async (context) => {
  const made = scene(context);
  const { history, use } = made;
  const now = epochMs(start + dayMs);
  const fill = (): void => {
    use({ at: start, app: '/opt/secret', host: 'only.secret-place.example', domain: 'secret-place.example', quality: good });
    use({ at: start, app: '/opt/secret', host: 'shared.example', domain: 'shared.example', quality: good });
    use({ at: start, app: '/opt/plain', host: 'shared.example', domain: 'shared.example', quality: bad });
    history.addHttp(start, [asked('only.secret-place.example', '/secret-section'), asked('shared.example')]);
    history.flush(now);
  };
  const left = (): unknown => [
    history.reader.quality({ by: 'app', limit: 9 }, now).rows.map(({ key }) => key),
    history.reader.http({ limit: 9 }, now).hosts.map(({ host }) => host),
  ];
  fill();
  await history.forget({ kind: 'app', app: '/opt/secret' }, now);
  assert.deepEqual(left(), [['/opt/plain'], ['shared.example']], 'with an app go the hosts that only it has met');
  assert.ok(!traces(made, 'secret-section'));
  await history.forget({ kind: 'host', host: 'shared.example' }, now);
  assert.deepEqual(left(), [[], []]);
  fill();
  await history.forget({ kind: 'domain', domain: 'secret-place.example' }, now);
  assert.deepEqual(left(), [['/opt/secret', '/opt/plain'], ['shared.example']]);
  assert.ok(!traces(made, 'secret-place'));
});

test('A forgotten range leaves the quarter-hours it touches empty, and days without them', async (context) => {
  const { history } = scene(context);
  const times = [start, start + hourMs, start + 5 * hourMs, start + 2 * dayMs];
  for (const time of times) {
    history.add(usage({ at: time, quality: good }));
    history.addHttp(epochMs(time + 1), [asked('a.example')]);
  }
  const now = epochMs(start + 3 * dayMs);
  history.flush(now);
  await history.forget({ kind: 'range', from: start + hourMs, to: start + 2 * dayMs }, now);
  for (const range of [{}, { from: epochMs(start - 12 * hourMs), to: epochMs(start + 30 * dayMs) }]) {
    assert.equal(history.reader.quality({ by: 'app', limit: 9, ...range }, now).rows[0]?.samples, 4);
    assert.equal(history.reader.http({ limit: 9, ...range }, now).hosts[0]?.requests, 6);
  }
  const later = epochMs(start + 200 * dayMs);
  while (history.cleanUp(later).more);
  assert.equal(history.reader.http({ limit: 9 }, later).hosts[0]?.requests, 6);
  await history.forget({ kind: 'range', from: start - dayMs, to: start + dayMs }, later);
  assert.equal(history.reader.http({ limit: 9 }, later).hosts[0]?.requests, 3);
});
