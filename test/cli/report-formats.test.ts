import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import { tableFromIPC } from 'apache-arrow';
import { readParquet } from 'parquet-wasm';
import { epochMs } from '../../protocol/units.ts';
import { History, calendarOf } from '../../service/history/index.ts';
import { usage } from '../core/history/usages.ts';
import { Scratch, tidewatch } from './run.ts';

/** `tidewatch report` from a history that no service keeps, in every format. */

const day = 86_400_000;
const start = Date.UTC(2026, 10, 18, 10);
const formula = '=HYPERLINK("http://evil.example")';

describe('tidewatch report, from the history\'s file', () => {
  const scratch = new Scratch();
  before(() => {
    const history = new History({ path: scratch.file('history.sqlite'), calendar: calendarOf(() => 'UTC'), now: epochMs(start), pid: process.pid });
    const use = (sketch: Parameters<typeof usage>[0]): void => history.add(usage(sketch));
    use({ at: start, app: '/usr/bin/curl', host: 'www.example.org', domain: 'example.org', rxBytes: 1000, txBytes: 10, country: 'DE', service: 'https', connections: 1 });
    use({ at: start + day, app: '/usr/bin/curl', host: 'www.example.org', domain: 'example.org', rxBytes: 3000, txBytes: 0, country: 'DE' });
    use({ at: start + day, app: formula, host: 'b|c.example', domain: 'b|c.example', rxBytes: 500, txBytes: 0, country: 'US', service: 'http' });
    use({ at: start + day, app: '/opt/one/tool', host: 'x.example', domain: 'x.example', rxBytes: 7, txBytes: 0, scope: 'lan', network: 'home' });
    use({ at: start + day, app: '/opt/two/tool', host: 'y.example', domain: 'y.example', rxBytes: 5, txBytes: 0, service: null });
    history.flush(epochMs(start + day));
    history.close(epochMs(start + day));
  });
  after(() => scratch[Symbol.dispose]());

  const run = (...words: string[]): ReturnType<typeof tidewatch> => tidewatch(['report', ...words], scratch.environment);

  /** What a report says, as programs read it. */
  async function json(...words: string[]): Promise<{ rows: { key: string | null; rxBytes: number }[]; total: { rxBytes: number }; [more: string]: unknown }> {
    const { code, stdout, stderr } = await run('--json', ...words);
    assert.deepEqual([code, stderr], [0, ''], words.join(' '));
    return JSON.parse(stdout);
  }

  it('groups by every key to the same total', async () => {
    for (const by of ['app', 'domain', 'host', 'country', 'network', 'scope', 'service', 'hour', 'day', 'month']) {
      const { rows, total } = await json('--by', by);
      assert.equal(total.rxBytes, 4512, by);
      assert.equal(rows.reduce((sum, row) => sum + row.rxBytes, 0), 4512, by);
    }
    assert.deepEqual((await json('--by', 'country')).rows.map(({ key }) => key), ['DE', 'US', null]);
    assert.deepEqual((await json('--by', 'hour')).rows.map(({ key }) => key), ['2026-11-18T10:00Z', '2026-11-19T10:00Z']);
  });

  it('narrows to an app by its name, a domain, a host, a scope, a network, a country and a service', async () => {
    for (const [words, bytes] of [
      [['--app', 'CURL'], 4000],
      [['--app', '/opt/one/tool'], 7],
      [['--domain', 'Example.org.'], 4000],
      [['--host', 'y.example'], 5],
      [['--scope', 'lan'], 7],
      [['--network', 'home'], 7],
      [['--country', 'us'], 500],
      [['--service', 'https', '--app', 'curl'], 4000],
    ] as const) {
      assert.equal((await json('--by', 'day', ...words)).total.rxBytes, bytes, words.join(' '));
    }
  });

  it('says in one line what it cannot find, and what is written wrongly', async () => {
    for (const [words, expected, message] of [
      [['--app', 'no-such'], 1, /no app in the history is called "no-such"/u],
      [['--app', 'tool'], 2, /several apps are called "tool": write one of \/opt\/\w+\/tool, \/opt\/\w+\/tool/u],
      [['--domain', 'no.such'], 1, /no domain "no\.such"/u],
      [['--country', 'xyz'], 2, /two letters/u],
      [['--scope', 'moon'], 2, /scope/u],
      [['--compare', '--by', 'day'], 2, /leave --compare out/u],
      [['--json', '--format', 'csv'], 2, /leave one of them out/u],
      [['--format', 'word'], 2, /format/u],
      [['--from', 'never'], 2, /no date or time/u],
      [['--from', '2026-11-20', '--to', '2026-11-01'], 2, /is not before/u],
      [['--from', '2020-01-01', '--to', '2020-01-02', '--format', 'parquet'], 1, /nothing was measured/u],
      [['-o', '/no/such/folder/x.json'], 1, /cannot write \/no\/such\/folder\/x\.json \(ENOENT\)/u],
      [['-o', '/dev/null'], 1, /cannot write \/dev\/null/u],
    ] as const) {
      const { code, stdout, stderr } = await run(...words);
      assert.equal(code, expected, words.join(' '));
      assert.match(stderr, message);
      assert.match(stderr, /^tidewatch: [^\n]+\n$/u);
      assert.equal(stdout, '');
    }
    assert.ok(statSync('/dev/null').isCharacterDevice());
  });

  it('shows only the largest rows where that is asked for; the others are one', async () => {
    const { rows, other } = await json('--top', '1');
    assert.deepEqual(rows.map(({ key }) => key), ['/usr/bin/curl']);
    assert.deepEqual(other, { rxBytes: 512, txBytes: 0, rxPackets: 3, txPackets: 3, connections: 0, keys: 3 });
  });

  it('sets a time beside the one before', async () => {
    const range = ['--from', '2026-11-19', '--to', '2026-11-19'] as const;
    const { rows, previousTotal } = await json(...range, '--compare');
    const [first] = rows;
    assert.deepEqual(first, { key: '/usr/bin/curl', displayName: 'curl', rxBytes: 3000, txBytes: 0, rxPackets: 1, txPackets: 1, connections: 0, previous: { rxBytes: 1000, txBytes: 10, rxPackets: 1, txPackets: 1, connections: 1 } });
    assert.deepEqual(previousTotal, { rxBytes: 1000, txBytes: 10, rxPackets: 1, txPackets: 1, connections: 1 });
    const { stdout } = await run(...range, '--compare');
    assert.match(stdout, /^curl +3\.00 kB +0 B +85\.4 % +1\.01 kB +\+197 %$/mu);
    assert.match(stdout, /^\/opt\/one\/tool +7 B +0 B +0\.1 % +0 B +new$/mu);
  });

  it('writes CSV in which no cell is a formula', async () => {
    const { stdout } = await run('--format', 'csv');
    const lines = stdout.trimEnd().split('\r\n');
    assert.equal(lines[0], 'app,label,kind,rx_bytes,tx_bytes,rx_packets,tx_packets,connections');
    assert.equal(lines[1], '/usr/bin/curl,curl,known,4000,10,2,2,1');
    assert.ok(lines[2]?.startsWith(`"'=HYPERLINK(""http://evil.example"")"`), lines[2]);
    assert.equal(lines.length, 5);
  });

  it('writes Parquet with typed columns that another reader sums to the same', async () => {
    const file = scratch.file('out.parquet');
    const { code, stdout } = await run('--format', 'parquet', '--by', 'domain', '-o', file);
    assert.deepEqual([code, stdout], [0, '']);
    const table = tableFromIPC(readParquet(readFileSync(file)).intoIPCStream());
    assert.deepEqual(table.schema.fields.map(({ name }) => name).slice(0, 4), ['domain', 'label', 'kind', 'rx_bytes']);
    assert.equal(String(table.schema.fields[3]?.type), 'Int64');
    const received = table.getChild('rx_bytes');
    assert.ok(received !== null);
    assert.equal([...received].reduce((sum: bigint, value: bigint) => sum + value, 0n), 4512n);
  });

  it('writes Markdown and HTML in which names are text, and HTML that loads nothing', async () => {
    const markdown = (await run('--format', 'markdown', '--by', 'domain')).stdout;
    assert.match(markdown, /^\| b\\\|c\.example \| 500 B \|/mu);
    assert.match(markdown, /^\| total \|/mu);
    const html = (await run('--format', 'html')).stdout;
    assert.match(html, /<td>=HYPERLINK\(&quot;http:\/\/evil\.example&quot;\)<\/td>|<td>[^<]*evil[^<]*<\/td>/u);
    assert.match(html, /<svg [^>]*role="img"/u);
    assert.doesNotMatch(html, /<script|src=|href=|@import|url\(/u);
  });

  it('leaves a file whole or not there, and nothing beside it', async () => {
    const folder = scratch.file('reports');
    mkdirSync(folder);
    assert.equal((await run('-o', `${folder}/a.txt`)).code, 0);
    assert.match(readFileSync(`${folder}/a.txt`, 'utf8'), /^total/mu);
    assert.equal((await run('-o', folder)).code, 1);
    assert.deepEqual(readdirSync(folder), ['a.txt']);
  });
});
