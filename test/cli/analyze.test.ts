import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import { AppId } from '../../protocol/app.ts';
import { epochMs } from '../../protocol/units.ts';
import { History, calendarOf } from '../../service/history/index.ts';
import { Scratch, tidewatch } from './run.ts';

const dayMs = 86_400_000;
const hourMs = 3_600_000;
const today = Math.floor(Date.now() / dayMs) * dayMs;
const first = today - 28 * dayMs;

/** Four weeks: a browser in the daytime that grows by 1 MB a day, a backup each night at three, and one large night twelve days ago. */
function fill(path: string): void {
  const now = epochMs(Date.now());
  const history = new History({ path, calendar: calendarOf(() => 'UTC'), now: epochMs(first), pid: process.pid });
  const add = (at: number, app: string, domain: string, rxBytes: number): void => history.add({
    at: epochMs(at),
    owner: { certainty: 'exact', app: { id: AppId.parse(`/usr/bin/${app}`), executable: `/usr/bin/${app}`, displayName: app } },
    host: { kind: 'name', name: domain, domain, source: 'tls-sni' },
    scope: 'internet', network: 'home', service: 'https', quality: null,
    rxBytes, txBytes: 0, rxPackets: 1, txPackets: 0, connections: 1,
  });
  for (let day = 0; day < 28; day += 1) {
    for (let hour = 8; hour < 22; hour += 1) add(first + day * dayMs + hour * hourMs, 'browser', hour % 2 === 0 ? 'news.example' : 'video.example', Math.round(1_000_000 + (day * 1_000_000) / 14));
    add(first + day * dayMs + 3 * hourMs, 'backup<script>', 'store.example', day === 16 ? 900_000_000 : 3_000_000);
    history.flush(epochMs(first + (day + 1) * dayMs));
  }
  history.close(now);
}

describe('tidewatch analyze', () => {
  const scratch = new Scratch();
  before(() => fill(scratch.file('history.sqlite')));
  after(() => scratch[Symbol.dispose]());
  const range = ['--from', new Date(first).toISOString(), '--to', new Date(today).toISOString()];
  const run = (...words: readonly string[]) => tidewatch(['analyze', ...words], scratch.environment);

  it('finds the trend, with its interval, whatever one wild day does', async () => {
    const { code, stdout } = await run('--type', 'trend', ...range, '--json');
    assert.equal(code, 0);
    const { trend, apps, steps } = JSON.parse(stdout);
    assert.equal(steps.length, 28);
    assert.ok(Math.abs(trend.bytesPerDay - 1_000_000) < 10_000 && trend.low > 0 && trend.high >= trend.bytesPerDay, stdout);
    assert.deepEqual(apps.map(({ app }: { app: string }) => app), ['browser']);
    assert.match((await run('--type', 'trend', ...range)).stdout, /It is rising by \+1\.00 MB a day \(95 %: /u);
  });

  it('finds the unusual night and who made it', async () => {
    const { stdout } = await run('--type', 'anomaly', ...range, '--json');
    const { anomalies } = JSON.parse(stdout);
    assert.equal(anomalies.length, 1, stdout);
    assert.equal(anomalies[0].start, first + 16 * dayMs);
    assert.deepEqual(anomalies[0].causes.map(({ label }: { label: string }) => label).slice(0, 2), ['backup<script>', 'store.example']);
    assert.match((await run('--type', 'anomaly', ...range)).stdout, /times the usual \(score \d.*backup<script> \(900 MB\)/u);
  });

  it('finds the rhythm and the pairs that recur', async () => {
    const { stdout } = await run('--type', 'patterns', ...range, '--json');
    const { patterns } = JSON.parse(stdout);
    assert.ok(patterns.daily > 0.9 && patterns.weekly > 0.9, stdout);
    const pair = patterns.pairs.find(({ app }: { app: string }) => app === 'backup<script>');
    assert.deepEqual([pair.domain, pair.days, pair.ofDays, pair.usualHour], ['store.example', 28, 28, 3]);
  });

  it('writes pages that load nothing and hold no markup of a name', async () => {
    for (const type of ['trend', 'anomaly', 'patterns']) {
      const file = scratch.file(`${type}.html`);
      assert.equal((await run('--type', type, ...range, '--format', 'html', '-o', file)).code, 0);
      const page = readFileSync(file, 'utf8');
      assert.ok(page.includes('<svg ') && !page.includes('<script>'), type);
    }
  });

  it('says in one line what is wrong, with the exit code for it', async () => {
    const cases: readonly (readonly [readonly string[], number, RegExp])[] = [
      [[], 2, /required option '--type <type>'/u],
      [['--type', 'guess'], 2, /trend, anomaly, patterns/u],
      [['--type', 'trend', '--from', 'tomorrow-ish'], 2, /is no date or time/u],
      [['--type', 'trend', '--from', '2026-02-02', '--to', '2026-01-01'], 2, /is not before/u],
      [['--type', 'trend', '-o', '/nowhere/a.html', '--format', 'html'], 1, /cannot write \/nowhere\/a\.html/u],
      [['--type', 'trend', '--history', scratch.file('none.sqlite')], 1, /none\.sqlite/u],
    ];
    for (const [words, code, message] of cases) {
      const outcome = await run(...words);
      assert.equal(outcome.code, code, outcome.stderr);
      assert.match(outcome.stderr, message);
      assert.match(outcome.stderr, /^tidewatch: [^\n]+\n$/u);
    }
  });
});
