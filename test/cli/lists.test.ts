import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { monitorAfter, newHttpMonitor } from '../../cli/http/monitor.ts';
import type { HttpHostSum } from '../../protocol/http.ts';
import { epochMs } from '../../protocol/units.ts';
import { History, calendarOf } from '../../service/history/index.ts';
import { usage } from '../core/history/usages.ts';
import { ReplayService } from './replay-service.ts';
import { Running, Scratch, launcher, tidewatch } from './run.ts';
import { busySnapshot, snapshot } from './snapshots.ts';

/** The commands that list: from a history that no service keeps, and of this moment from a service that says what a test wants. */

const day = 86_400_000;
const start = Date.UTC(2026, 10, 18, 10);

const scratch = new Scratch();
before(() => {
  const history = new History({ path: scratch.file('history.sqlite'), calendar: calendarOf(() => 'UTC'), now: epochMs(start), pid: process.pid });
  const use = (sketch: Parameters<typeof usage>[0]): void => history.add(usage(sketch));
  const quality = { samples: 2, least: 1000, sum: 30_000, most: 29_000, retransmits: 1, packets: 40 };
  use({ at: start, app: '/usr/bin/curl', host: 'www.example.org', domain: 'example.org', rxBytes: 1000, txBytes: 10, connections: 1, quality });
  use({ at: start, app: '/usr/bin/wget', host: 'cdn.www.example.org', domain: 'example.org', rxBytes: 5000, txBytes: 10 });
  use({ at: start + day, app: '/usr/bin/curl', host: 'www.example.org', domain: 'example.org', rxBytes: 3000, txBytes: 0 });
  use({ at: start + day, app: '/usr/bin/curl', host: 'notexample.org', domain: 'notexample.org', rxBytes: 9, txBytes: 0 });
  use({ at: start + day, app: '/opt/one/tool', host: '192.0.2.7', rxBytes: 7, txBytes: 0 });
  use({ at: start + day, app: '/opt/two/tool', host: 'evil\x1b[2J.example', domain: 'evil\x1b[2J.example', rxBytes: 5, txBytes: 0 });
  history.flush(epochMs(start + day));
  history.close(epochMs(start + day));
});
after(() => scratch[Symbol.dispose]());

const run = (...words: string[]): ReturnType<typeof tidewatch> => tidewatch(words, scratch.environment);

async function lines(...words: string[]): Promise<string[]> {
  const { code, stdout, stderr } = await run(...words);
  assert.deepEqual([code, stderr], [0, ''], words.join(' '));
  return stdout.trimEnd().split(/\r?\n/u);
}

describe('tidewatch site', () => {
  it('lists a domain and all below it by day: number, domain, amount, date', async () => {
    assert.deepEqual(await lines('site', 'Example.org.'), [
      '#  domain               ↓ received  ↑ sent   amount        date',
      '1  cdn.www.example.org     5.00 kB    10 B  5.01 kB  2026-11-18',
      '2  www.example.org         1.00 kB    10 B  1.01 kB  2026-11-18',
      '3  www.example.org         3.00 kB     0 B  3.00 kB  2026-11-19',
      '   total                   9.00 kB    20 B  9.02 kB',
    ]);
  });

  it('takes hosts and addresses, several of them, and a time', async () => {
    assert.deepEqual(await lines('site', 'cdn.www.example.org', '192.0.2.7', '--csv'), [
      'number,site,host,rx_bytes,tx_bytes,date',
      '1,cdn.www.example.org,cdn.www.example.org,5000,10,2026-11-18',
      '2,192.0.2.7,192.0.2.7,7,0,2026-11-19',
    ]);
    const [json = ''] = await lines('site', 'example.org', '--from', '2026-11-19', '--to', '2026-11-19', '--json');
    assert.deepEqual(JSON.parse(json).rows, [{ site: 'example.org', host: 'www.example.org', date: '2026-11-19', rxBytes: 3000, txBytes: 0 }]);
  });
});

describe('tidewatch app', () => {
  it('tells totals, when it was used, its domains and its days', async () => {
    const page = await lines('app', 'Curl');
    assert.deepEqual(page.slice(0, 2), ['curl  /usr/bin/curl', 'First used 2026-11-18 10:00, last 2026-11-19 10:00']);
    assert.match(page[2] ?? '', /^↓ 4\.01 kB {2}↑ 10 B {2}1 connection from /u);
    assert.ok(page.some((line) => /^example\.org +4\.00 kB +10 B +99\.7 %$/u.test(line)));
    assert.ok(page.some((line) => /^2026-11-18 +1\.00 kB +10 B +25\.1 %$/u.test(line)));
    assert.deepEqual((await lines('app', 'curl', '--csv')).slice(1), ['/usr/bin/curl,curl,2026-11-18,1000,10,1', '/usr/bin/curl,curl,2026-11-19,3009,0,0']);
  });

  it('names no terminal command that a stranger wrote', async () => {
    assert.ok(!(await run('app', '/opt/two/tool')).stdout.includes('\x1b'));
  });
});

describe('tidewatch quality', () => {
  it('tells round-trip times and what was sent again', async () => {
    assert.match((await lines('quality'))[2] ?? '', /^curl +2 +1\.00 ms +15\.0 ms +29\.0 ms +1 +2\.5 %$/u);
    assert.deepEqual((await lines('quality', '--by', 'host', '--csv')).slice(1, 2), ['www.example.org,www.example.org,2,1000,15000,29000,1,40,0.025']);
  });
});

const asked: HttpHostSum = { host: 'plain.example', requests: 7, responses: 6, methods: { GET: 5, POST: 2 }, sections: { '/images': 4, '/': 3 }, statuses: { 200: 4, 204: 1, 404: 1 } };

describe('how many requests a second there are', () => {
  it('is told once a span, with when it went over the threshold and when it recovered', () => {
    const rates = [0, 1, 3, 3, 0, 0];
    let monitor = newHttpMonitor;
    const told = rates.flatMap((count, index) => {
      const http = Array.from({ length: count }, (_, number) => ({ ...asked, host: `${number}.example` }));
      monitor = monitorAfter(monitor, { time: epochMs((index + 1) * 1000), intervalSeconds: 1, http }, { span: 2, threshold: 10 });
      return monitor.ended === null ? [] : [monitor.ended];
    });
    assert.deepEqual(told.map(({ requests, hitsPerSecond, state, overSince, to }) => [to, requests, hitsPerSecond, state, overSince]), [
      [2000, 7, 3.5, 'calm', null],
      [4000, 42, 21, 'over', 4000],
      [6000, 0, 0, 'recovered', 4000],
    ]);
  });
});

/** Runs a command against a service that says this as soon as it is watched, to the command's end. */
async function watching(words: readonly string[], ...said: ReturnType<typeof snapshot>[]): Promise<string> {
  await using replay = await ReplayService.start(scratch.file('service.sock'));
  const running = new Running([launcher, ...words], { environment: scratch.environment });
  await replay.untilWatched();
  for (const each of said) replay.publish(each);
  const { code, stdout, stderr } = await running.outcome();
  assert.deepEqual([code, stderr], [0, ''], words.join(' '));
  return stdout;
}

describe('of this moment', () => {
  it('top lists the largest, and the others as one', async () => {
    assert.deepEqual((await watching(['top', '--top', '1'], busySnapshot())).trimEnd().split('\n'), [
      '14:03:22  ↓ 12.3 MB/s  ↑ 250 kB/s',
      '',
      'APPS              ↓          ↑   share',
      'curl      12.0 MB/s   240 kB/s  97.5 %',
      '… 1 more   300 kB/s  10.0 kB/s   2.4 %',
      '',
      'DOMAINS              ↓          ↑   share',
      'example.com  12.0 MB/s   240 kB/s  97.5 %',
      '… 1 more      300 kB/s  10.0 kB/s   2.4 %',
    ]);
    const json = JSON.parse(await watching(['top', '--json'], busySnapshot()));
    assert.deepEqual([json.apps[0].key, json.apps[1].key, json.otherApps, json.totals.rxBytes], ['/usr/bin/curl', null, null, 12_300_000]);
  });

  it('connections lists those with the words, in the order that is asked for', async () => {
    assert.equal((await watching(['connections', '--sort', 'app'], busySnapshot())).match(/^curl 42 +192\.0\.2\.1:40000 +tcp example\.com:443/mu)?.length, 1);
    const csv = (await watching(['connections', 'UDP', ':53', '--csv'], busySnapshot())).trimEnd().split('\r\n');
    assert.deepEqual([csv.length, csv[1]], [2, ',unknown,,eth0,udp,192.0.2.1,40000,2001:db8::7,53,,,internet,,,300000,10000,,0']);
    assert.match(await watching(['connections', 'nothing'], busySnapshot()), /^14:03:22 {2}no connection has these words\n$/u);
  });

  it('http says what is asked for, and that it is over the threshold', async () => {
    const text = await watching(['http', '--span', '1', '--threshold', '5', '--timeout', '2'], snapshot({ http: [asked] }));
    assert.deepEqual(text.trimEnd().split('\n'), [
      '14:03:22  7.00 hits/s  7 requests, 6 answers in 1 s',
      '! over: 7.00 hits a second are more than 5, since 14:03:22',
      'methods GET 5, POST 2; answers 2xx 5, 4xx 1',
      'host           requests  sections        methods        answers',
      'plain.example         7  /images 4, / 3  GET 5, POST 2  2xx 5, 4xx 1',
    ]);
  });
});

describe('what the lists cannot do', () => {
  for (const [words, expected, message] of [
    [['site', 'no.such.example'], 1, /nothing of "no\.such\.example" is in the history/u],
    [['site', '.'], 1, /nothing of "\."/u],
    [['site'], 2, /missing required argument/u],
    [['site', 'example.org', '--from', '2026-11-20', '--to', '2026-11-01'], 2, /is not before/u],
    [['site', 'example.org', '--json', '--csv'], 2, /leave one of them out/u],
    [['app', 'tool'], 2, /several apps are called "tool": write one of \/opt\/\w+\/tool, \/opt\/\w+\/tool/u],
    [['app', 'nobody'], 1, /no app in the history is called "nobody"/u],
    [['app', 'curl', '--top', '5000'], 2, /at most 1000/u],
    [['quality', '--by', 'planet'], 2, /tidewatch quality --help/u],
    [['quality', '--app', 'nobody'], 1, /no app/u],
    [['http', '--csv'], 2, /give --from/u],
    [['http', '--threshold', '0'], 2, /whole number above 0/u],
    [['connections', '--sort', 'colour'], 2, /rate, received/u],
    [['connections', '--csv', '--watch'], 2, /leave --watch and --duration out/u],
    [['top', '--csv', '--duration', '1'], 2, /leave --watch and --duration out/u],
    [['site', 'example.org', '--history', '/no/such/history'], 1, /history/u],
  ] as const) {
    it(`is one line and ${expected}: ${words.join(' ')}`, async () => {
      const { code, stdout, stderr } = await run(...words);
      assert.deepEqual([code, stdout], [expected, '']);
      assert.match(stderr, /^tidewatch: [^\n]+\n$/u);
      assert.match(stderr, message);
    });
  }
});
