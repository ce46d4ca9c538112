import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import xterm from '@xterm/headless';
import fc from 'fast-check';
import { keysIn } from '../../cli/keyboard.ts';
import { ledgerAfter } from '../../cli/live/ledger.ts';
import type { Ledger } from '../../cli/live/ledger.ts';
import { picture } from '../../cli/live/picture.ts';
import { firstView, viewAfter } from '../../cli/live/view.ts';
import type { View } from '../../cli/live/view.ts';
import { plainPaint } from '../../cli/paint.ts';
import { widthOf } from '../../cli/terminal.ts';
import type { HttpHostSum } from '../../protocol/http.ts';
import { ReplayService } from './replay-service.ts';
import { Running, Scratch, launcher } from './run.ts';
import { appRow, busySnapshot, connectionRow, domainRow, events } from './snapshots.ts';

process.env['TZ'] = 'UTC';

const asked: HttpHostSum = { host: 'plain.example', requests: 7, responses: 6, methods: { GET: 5, POST: 2 }, sections: { '/images': 4, '/': 3 }, statuses: { 200: 4, 204: 1, 404: 1 } };
const asked2: HttpHostSum = { host: null, requests: 1, responses: 0, methods: { GET: 1 }, sections: { other: 1 }, statuses: {} };

/** Two seconds; the same is asked for in each. */
function twoSeconds(): Ledger {
  const second = busySnapshot({ http: [asked, asked2] });
  const ledger = events([second, second]).reduce<Ledger | null>(ledgerAfter, null);
  assert.ok(ledger !== null);
  return ledger;
}

/** The view after these keys were typed. */
function pressed(text: string, view: View = firstView): View {
  return keysIn(text).reduce<View>((before, key) => {
    const next = viewAfter(before, key);
    assert.notEqual(next, 'quit');
    return next === 'quit' ? before : next;
  }, view);
}

function drawn(keys: string, columns = 80, rows = 24, ledger = twoSeconds()): string[] {
  return picture(ledger, { columns, rows, paint: plainPaint }, pressed(keys)).map((line) => line.trimEnd());
}

describe('the tabs of the live screen', () => {
  it('are apps, domains, connections and HTTP, each over the whole screen', () => {
    assert.deepEqual(drawn('1').slice(4), [
      ' 0 all [1 apps] 2 domains  3 connections  4 HTTP   by busy',
      'APPS                                              ↓          ↑  ↓ total  ↑ total',
      'curl                                      12.0 MB/s   240 kB/s  24.0 MB   480 kB',
      'unknown (no socket found)                  300 kB/s  10.0 kB/s   600 kB  20.0 kB',
    ]);
    assert.match(drawn('2')[5] ?? '', /^DOMAINS +↓/u);
    assert.match(drawn('3')[5] ?? '', /^CONNECTIONS +remote +by +↓ +↑$/u);
    assert.deepEqual(drawn('4').slice(4), [
      ' 0 all  1 apps  2 domains  3 connections [4 HTTP]  by requests',
      'PLAIN HTTP       hits/s  requests  sections        methods         answers',
      'plain.example      7.00        14  /images 8, / 6  GET 10, POST 4  2xx 10, 4xx 2',
      'other hosts        1.00         2  other 2         GET 2',
    ]);
  });

  it('are reached with Tab one after the other, and back', () => {
    const tabs = ['apps', 'domains', 'connections', 'http', 'all'];
    assert.deepEqual(tabs.map((_, index) => pressed('\t'.repeat(index + 1)).tab), tabs);
    assert.equal(pressed('\x1b[Z').tab, 'http');
    assert.equal(pressed('30').tab, 'all');
  });

  it('are put into another order with s and the arrows, each by itself', () => {
    const firsts = ['', 's', 'ss', 'sss', 'ssss', 'sssss', '\x1b[C', '\x1b[D', 'S'].map((keys) => /by (\w+)/u.exec(drawn(`2${keys}`)[4] ?? '')?.[1]);
    assert.deepEqual(firsts, ['busy', 'received', 'sent', 'total', 'name', 'busy', 'received', 'name', 'name']);
    assert.equal(/by (\S+)/u.exec(drawn('2s3')[4] ?? '')?.[1], 'rate');
    assert.equal(/by (\S+)/u.exec(drawn('2s31\t')[4] ?? '')?.[1], 'received');
    assert.match(drawn('2ssss')[6] ?? '', /^example\.com/u);
  });

  it('show only rows with the words after /, until Esc', () => {
    assert.deepEqual(drawn('3/UDP 53').slice(4).map((line) => line.slice(0, 60).trimEnd()), [
      ' 0 all  1 apps  2 domains [3 connections] 4 HTTP   by rate',
      'CONNECTIONS  remote                                     by',
      'unknown      udp [2001:db8::7]:53',
    ]);
    assert.deepEqual(drawn('1/nobody').slice(5), ['', 'nothing has "nobody"; Esc shows all']);
    assert.equal(pressed('1/cur\x7f\x7frl\r').filter, 'crl');
    assert.equal(pressed('1/curl\x1b').filter, '');
    assert.equal(pressed('1/curl\r\x1b').filter, '');
    // While typing, keys are letters; and the words find their way to a list.
    assert.deepEqual([pressed('/q1?').filter, pressed('/q1?').tab], ['q1?', 'apps']);
  });

  it('end with q or Ctrl-C, the latter also while typing', () => {
    assert.equal(viewAfter(firstView, { kind: 'character', text: 'q' }), 'quit');
    assert.equal(viewAfter(pressed('/'), { kind: 'end' }), 'quit');
    assert.deepEqual(keysIn('\x03\x04q\x1b[200~\x1bOA€').map((key) => (key.kind === 'character' ? key.text : key.kind)), ['end', 'end', 'q', 'up', '€']);
  });

  it('move through rows that do not fit, and say where they are', () => {
    const apps = Array.from({ length: 30 }, (_, index) => appRow({ app: `/app${index}`, displayName: `app ${index}`, rxBytes: 1000 - index }));
    const ledger = events([busySnapshot({ apps })]).reduce<Ledger | null>(ledgerAfter, null);
    assert.ok(ledger !== null);
    const lines = (keys: string): string[] => drawn(keys, 80, 15, ledger);
    assert.equal(lines('1').length, 15);
    assert.match(lines('1')[6] ?? '', /^app 0 /u);
    assert.equal(lines('1').at(-1), '1 to 8 of 30; ↑ ↓ move');
    assert.match(lines('1\x1b[B\x1b[B')[6] ?? '', /^app 2 /u);
    assert.equal(lines(`1${'\x1b[B'.repeat(99)}`).at(-1), '23 to 30 of 30; ↑ ↓ move');
  });

  it('explain their keys with ?', () => {
    const lines = drawn('?');
    for (const key of ['0 … 4', 'Tab', '/', 'space', 'q']) assert.ok(lines.some((line) => line.startsWith(`  ${key} `)), key);
    assert.ok(!drawn('??').some((line) => line.includes('this help')));
  });

  it('are whole lines on 80×24 and 40 columns', () => {
    assert.deepEqual(drawn('3', 40, 12), [
      'Tidewatch  measuring eth0       14:03:23',
      '↓ 12.3 MB/s     ██   ↑  250 kB/s     ██',
      'In 2 s  ↓ 24.6 MB  ↑ 500 kB  2 connecti…',
      '97.5 % of bytes attributed exactly; 0 d…',
      ' 0  1  2 [3 connections] 4   by rate',
      'CONNECTIONS  remote                   ↓↑',
      'curl 42      …example.com:443  12.2 MB/s',
      'unknown      …2001:db8::7]:53   310 kB/s',
    ]);
    assert.deepEqual(drawn('4', 40, 12).slice(5), [
      'PLAIN HTTP              hits/s  requests',
      'plain.example             7.00        14',
      'other hosts               1.00         2',
    ]);
    for (const key of ['1', '2', '3', '4', '?']) for (const line of drawn(key, 40, 12)) assert.ok(widthOf(line) <= 40, line);
  });

  it('fit every size of terminal, whatever is shown and typed', () => {
    const name = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 60 });
    const keys = fc.array(fc.constantFrom('1', '2', '3', '4', 's', '/', 'a', '\r', '\x1b', '\x1b[B', ' ', '?', '\t', '\x7f'), { maxLength: 12 });
    fc.assert(
      fc.property(fc.array(name, { maxLength: 30 }), keys, fc.integer({ min: 40, max: 200 }), fc.integer({ min: 3, max: 50 }), (names, typed, columns, rows) => {
        const second = busySnapshot({
          apps: names.map((each) => appRow({ app: `/${each}`, displayName: each, rxBytes: 1234 })),
          domains: names.map((each) => domainRow({ domain: each, rxBytes: 99 })),
          connections: names.map((each) => connectionRow({ app: `/${each}`, host: each, rxBytes: 1, roundTripMicroseconds: 12_345 })),
          http: names.map((each) => ({ ...asked, host: each })),
        });
        const ledger = events([second]).reduce<Ledger | null>(ledgerAfter, null);
        assert.ok(ledger !== null);
        const lines = picture(ledger, { columns, rows, paint: plainPaint }, pressed(typed.join('')));
        assert.ok(lines.length <= rows);
        for (const line of lines) assert.ok(widthOf(line) <= columns, JSON.stringify([line, columns]));
      }),
      { numRuns: 60 },
    );
  });
});

const scratch = new Scratch();
after(() => scratch[Symbol.dispose]());

const leave = '\x1b[?7h\x1b[?25h\x1b[?1049l';

/** What a terminal of this size showed before the screen was given back. */
async function lastPicture(output: string, columns: number, rows: number): Promise<string[]> {
  const terminal = new xterm.Terminal({ cols: columns, rows, allowProposedApi: true });
  await new Promise<void>((resolve) => terminal.write(output.slice(0, output.lastIndexOf(leave)), resolve));
  const { active } = terminal.buffer;
  const lines = Array.from({ length: rows }, (_, row) => active.getLine(active.baseY + row)?.translateToString(true) ?? '');
  terminal.dispose();
  return lines;
}

function onTerminal(columns: number, rows: number): Running {
  const command = `stty cols ${columns} rows ${rows}; '${launcher}' live; echo "code $?"`;
  return new Running(['script', '--quiet', '--echo', 'never', '--command', command, '/dev/null'], { environment: scratch.environment });
}

describe('live on a terminal of 80×24', () => {
  it('changes tabs, filters, and holds the picture while it goes on counting', async () => {
    await using replay = await ReplayService.start(scratch.file('service.sock'));
    const running = onTerminal(80, 24);
    await replay.untilWatched();
    replay.publish(busySnapshot({ http: [asked] }));
    await running.untilOutput(/curl/u);
    running.child.stdin?.write('4');
    await running.untilOutput(/PLAIN HTTP/u);
    running.child.stdin?.write('3/udp\r');
    await running.untilOutput(/\[3 connections\][^\n]*\/udp/u);
    running.child.stdin?.write(' ');
    await running.untilOutput(/held/u);
    replay.publish(busySnapshot({ connections: [connectionRow({ protocol: 'udp', host: 'later.example', rxBytes: 5 })] }));
    running.child.stdin?.write('/\r');
    running.child.stdin?.write('q');
    const { stdout } = await running.outcome();
    const lines = await lastPicture(stdout, 80, 24);
    assert.match(lines[0] ?? '', /^Tidewatch {2}measuring eth0 +1-4 tabs {2}\? help {2}q quits {2}14:03:22$/u);
    assert.match(lines[4] ?? '', /^held {2}0 all {2}1 apps {2}2 domains \[3 connections\] 4 HTTP {3}by rate {2}\/udp/u);
    assert.match(lines[6] ?? '', /^unknown +udp \[2001:db8::7\]:53/u);
    assert.ok(!stdout.slice(0, stdout.lastIndexOf(leave)).includes('later.example'));
    assert.match(stdout, /code 0\r\n$/u);
  });
});
