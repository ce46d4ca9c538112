import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import { AppId } from '../../protocol/app.ts';
import { epochMs } from '../../protocol/units.ts';
import { History, calendarOf } from '../../service/history/index.ts';
import { rowsInParquet } from '../service/formats/parquet-reader.ts';
import { Scratch, tidewatch } from './run.ts';

const dayMs = 86_400_000;
const now = Date.now();

/** A hundred and twenty days: the first month is only kept by the day any more. */
function fill(path: string): void {
  const history = new History({ path, calendar: calendarOf(() => 'UTC'), now: epochMs(now - 120 * dayMs), pid: process.pid });
  for (let day = 120; day > 0; day -= 1) {
    for (const [app, host] of [['curl', 'www.example.org'], ['ssh', null], [null, '198.51.100.7']] as const) {
      history.add({
        at: epochMs(now - day * dayMs),
        owner: app === null ? { certainty: 'unknown', reason: 'no-socket' } : { certainty: 'inferred', app: { id: AppId.parse(`/usr/bin/${app}`), executable: null, displayName: app }, reason: 'remembered' },
        host: host === null ? { kind: 'other-addresses' } : host.startsWith('1') ? { kind: 'address', address: host } : { kind: 'name', name: host, domain: 'example.org', source: 'tls-sni' },
        scope: app === 'ssh' ? 'lan' : 'internet', network: 'home', service: 'https', quality: null,
        rxBytes: day * 100, txBytes: day, rxPackets: 2, txPackets: 1, connections: 1,
      });
    }
    history.flush(epochMs(now - day * dayMs));
  }
  while (history.cleanUp(epochMs(now)).more);
  history.close(epochMs(now));
}

describe('tidewatch export', () => {
  const scratch = new Scratch();
  const run = (...words: readonly string[]) => tidewatch(words, scratch.environment);
  const report = async (by: string, history: string): Promise<unknown> => {
    const { stdout } = await run('report', '--by', by, '--json', '--history', history);
    const { rows, total } = JSON.parse(stdout);
    return { rows, total };
  };
  before(() => fill(scratch.file('history.sqlite')));
  after(() => scratch[Symbol.dispose]());

  it('writes every row once, and another history takes all of them over, once', async () => {
    const file = scratch.file('all.jsonl');
    const { code, stdout, stderr } = await run('export', '-o', file, '--json');
    assert.equal(code, 0, stderr);
    const written = JSON.parse(stdout);
    assert.equal(written.rxBytes, 3 * 100 * (120 * 121) / 2);
    const steps = readFileSync(file, 'utf8').trim().split('\n').slice(1).map((line) => JSON.parse(line).step);
    assert.ok(steps.includes('day') && steps.includes('quarter') && steps.length === 360);
    const other = scratch.file('other.sqlite');
    const taken = JSON.parse((await run('import', 'tidewatch', file, '--history', other, '--json')).stdout);
    assert.deepEqual([taken.imported, taken.rxBytes, taken.txBytes], [120, written.rxBytes, written.txBytes]);
    const again = JSON.parse((await run('import', 'tidewatch', file, '--history', other, '--json')).stdout);
    assert.deepEqual([again.imported, again.known, again.rxBytes], [0, 120, 0]);
    for (const by of ['app', 'domain', 'host', 'scope', 'network', 'service', 'day', 'month']) {
      assert.deepEqual(await report(by, other), await report(by, scratch.file('history.sqlite')), by);
    }
  });

  it('is not taken over into the history it was made of', async () => {
    const { code, stderr } = await run('import', 'tidewatch', scratch.file('all.jsonl'));
    assert.equal(code, 1);
    assert.match(stderr, /is an export of this very history/u);
  });

  it('writes Parquet that another reader sums up to the same', async () => {
    const file = scratch.file('all.parquet');
    assert.equal((await run('export', '-o', file)).code, 0);
    const rows = rowsInParquet(readFileSync(file));
    assert.equal(rows.length, 360);
    assert.equal(rows.reduce((sum, row) => sum + Number(row['rxBytes']), 0), 3 * 100 * (120 * 121) / 2);
    assert.equal(rows.filter((row) => row['app'] === null).length, 120);
  });

  it('says in one line what is wrong, writes nothing and takes nothing over', async () => {
    const cut = scratch.file('cut.jsonl');
    writeFileSync(cut, readFileSync(scratch.file('all.jsonl'), 'utf8').slice(0, -20));
    const cases: readonly (readonly [readonly string[], number, RegExp])[] = [
      [['export', '-o', scratch.file('all.txt')], 2, /does not say how to write it/u],
      [['export'], 2, /--output/u],
      [['export', '-o', '/nowhere/all.jsonl'], 1, /cannot write \/nowhere\/all\.jsonl \(ENOENT\)/u],
      [['export', '-o', scratch.file('x.jsonl'), '--history', scratch.file('none.sqlite')], 1, /none\.sqlite/u],
      [['import', 'tidewatch', cut, '--history', scratch.file('third.sqlite')], 1, /cut\.jsonl:361 is no line of an export/u],
      [['import', 'tidewatch', '/nowhere/a.jsonl', '--history', scratch.file('third.sqlite')], 1, /cannot read/u],
      [['import', 'vnstat', '/nowhere/a.json'], 1, /cannot read \/nowhere\/a\.json/u],
    ];
    for (const [words, code, message] of cases) {
      const outcome = await run(...words);
      assert.equal(outcome.code, code, `${words.join(' ')}: ${outcome.stderr}`);
      assert.match(outcome.stderr, message);
      assert.match(outcome.stderr, /^tidewatch: [^\n]+\n$/u);
    }
    assert.ok(!existsSync(scratch.file('x.jsonl')));
    assert.equal(JSON.parse((await run('report', '--json', '--history', scratch.file('third.sqlite'))).stdout).rows.length, 0);
  });
});
