import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, afterEach, beforeEach, describe, it } from 'node:test';
import type { Forgettable } from '../../protocol/app.ts';
import { epochMs } from '../../protocol/units.ts';
import type { AppHandlers } from '../../service/app-calls.ts';
import { History, systemCalendar } from '../../service/history/index.ts';
import { readReport } from '../service/history/scene.ts';
import { usage } from '../core/history/usages.ts';
import { ReplayService } from './replay-service.ts';
import { Running, Scratch, tidewatch } from './run.ts';

const scratch = new Scratch();
after(() => scratch[Symbol.dispose]());
const { environment } = scratch;
const openMode = { paused: null, private: null };

let asked: unknown[];
let service: ReplayService | null = null;

/** A service that notes what it was asked for. */
async function serve(): Promise<void> {
  const note = <Result>(name: string, result: Result) => (parameters: unknown): Result => {
    asked.push([name, parameters]);
    return result;
  };
  const until = { since: epochMs(0), until: epochMs(Date.UTC(2026, 10, 20, 14, 3)) };
  const handlers: Partial<AppHandlers> = {
    pause: ({ forSeconds }) => {
      asked.push(['pause', { forSeconds }]);
      return { ...openMode, paused: forSeconds === undefined ? { ...until, until: null } : until };
    },
    resume: note('resume', openMode),
    beginPrivate: note('beginPrivate', { ...openMode, private: { ...until, until: null } }),
    endPrivate: note('endPrivate', openMode),
    forgetPreview: note('forgetPreview', { rows: 12 }),
    forget: note('forget', { rows: 12, freedBytes: 4096 }),
    stop: note('stop', {}),
  };
  service = await ReplayService.start(scratch.file('service.sock'), { handlers, historyPath: scratch.file('history.sqlite') });
}

beforeEach(() => {
  asked = [];
});
afterEach(async () => {
  await service?.[Symbol.asyncDispose]();
  service = null;
});

describe('what is said to a service that runs', () => {
  const cases: readonly (readonly [readonly string[], unknown, RegExp])[] = [
    [['pause'], ['pause', { forSeconds: undefined }], /^Paused until `tidewatch resume`\.\n$/u],
    [['pause', '--for', '1h30m'], ['pause', { forSeconds: 5400 }], /^Paused until 2026-11-20 14:03, or `tidewatch resume`\.\n$/u],
    [['resume'], ['resume', {}], /^Measuring\.\n$/u],
    [['private'], ['beginPrivate', {}], /^Private until `tidewatch private off`\.\n$/u],
    [['private', 'on', '--for', '30m'], ['beginPrivate', { forSeconds: 1800 }], /^Private until/u],
    [['private', 'off'], ['endPrivate', {}], /^The private mode is off\.\n$/u],
    [['forget', '--domain', 'Example.ORG.', '--yes'], ['forget', { kind: 'domain', domain: 'example.org' }], /^Forgot the domain example\.org: 12 rows, 4\.10 kB freed\n$/u],
    [['forget', '--app', '/usr/bin/curl', '--yes'], ['forget', { kind: 'app', app: '/usr/bin/curl' }], /^Forgot the app \/usr\/bin\/curl/u],
    [['forget', '--host', '203.0.113.7', '--yes'], ['forget', { kind: 'host', host: '203.0.113.7' }], /^Forgot the host 203\.0\.113\.7/u],
    [
      ['forget', '--from', '2026-01-01', '--to', '2026-01-02', '--yes'],
      ['forget', { kind: 'range', from: Date.UTC(2026, 0, 1), to: Date.UTC(2026, 0, 3) }],
      /^Forgot all from 2026-01-01 00:00 to 2026-01-03 00:00: 12 rows/u,
    ],
    [['stop'], ['stop', {}], new RegExp(`^The service \\(process ${process.pid}\\) is ending\\.\n$`, 'u')],
  ];
  for (const [words, question, answer] of cases) {
    it(words.join(' '), async () => {
      await serve();
      const { code, stdout, stderr } = await tidewatch(words, environment);
      assert.deepEqual([code, stderr], [0, '']);
      assert.match(stdout, answer);
      assert.deepEqual(asked, [question]);
    });
  }
});

describe('where no service runs', () => {
  for (const words of [['pause'], ['resume'], ['private'], ['stop']]) {
    it(`${words.join(' ')} says how to start one`, async () => {
      const { code, stdout, stderr } = await tidewatch(words, environment);
      assert.deepEqual([code, stdout], [1, '']);
      assert.match(stderr, /^tidewatch: no Tidewatch service is running here: start one with `tidewatch serve`[^\n]*\n$/u);
    });
  }

  it('forget says that there is nothing yet', async () => {
    const { code, stderr } = await tidewatch(['forget', '--app', 'x', '--yes'], environment);
    assert.equal(code, 1);
    assert.match(stderr, /^tidewatch: there is no history at [^\n]*\n$/u);
  });

  it('forget takes it out of the file itself', async () => {
    const path = scratch.file('alone.sqlite');
    const now = epochMs(Date.now());
    const history = new History({ path, calendar: systemCalendar({ TZ: 'UTC' }), now, pid: process.pid });
    history.add(usage({ at: epochMs(now - 5000), host: 'cdn.forget-me.example', domain: 'forget-me.example', rxBytes: 700 }));
    history.add(usage({ at: epochMs(now - 5000), host: 'keep.example', domain: 'keep.example', rxBytes: 30 }));
    history.close(now);
    assert.ok(readFileSync(path).includes('forget-me'));
    const { code, stdout, stderr } = await tidewatch(['--history', path, 'forget', '--domain', 'forget-me.example', '--yes'], environment);
    assert.deepEqual([code, stderr], [0, '']);
    assert.match(stdout, /^Forgot the domain forget-me\.example: \d+ rows/u);
    assert.ok(!readFileSync(path).includes('forget-me'));
    const left = readReport(path, { by: 'domain' }, now);
    assert.deepEqual(left.rows.map(({ key, rxBytes }) => [key, rxBytes]), [['keep.example', 30]]);
  });
});

describe('forget asks before it does', () => {
  const what: Forgettable = { kind: 'domain', domain: 'example.org' };

  it('and says --yes where there is no terminal to ask on', async () => {
    await serve();
    const { code, stdout, stderr } = await tidewatch(['forget', '--domain', 'example.org'], environment);
    assert.deepEqual([code, stdout], [2, '']);
    assert.match(stderr, /say --yes/u);
    assert.deepEqual(asked, [['forgetPreview', what]]);
  });

  for (const [answer, isDone] of [['y', true], ['n', false], ['', false]] as const) {
    it(`${isDone ? 'forgets' : 'forgets nothing'} where the answer is "${answer}"`, async () => {
      await serve();
      const command = `${new URL('../../bin/tidewatch', import.meta.url).pathname} forget --domain example.org`;
      const running = new Running(['script', '--quiet', '--return', '--command', command, '/dev/null'], { environment });
      await running.untilOutput(/12 rows of the history, for good\? \[y\/N\]/u);
      running.child.stdin?.write(`${answer}\n`);
      const { code, stdout } = await running.outcome();
      assert.equal(code, isDone ? 0 : 1);
      assert.match(stdout, isDone ? /Forgot the domain example\.org/u : /nothing was forgotten/u);
      assert.deepEqual(asked.at(-1), [isDone ? 'forget' : 'forgetPreview', what]);
    });
  }
});

describe('wrong words end with 2', () => {
  const cases: readonly (readonly [readonly string[], RegExp])[] = [
    [['pause', '--for', 'a while'], /30m, 1h30m or 2d/u],
    [['pause', '--for', '60'], /30m, 1h30m or 2d/u],
    [['pause', '--for', '32d'], /at most 31d/u],
    [['private', 'off', '--for', '1h'], /leave one of them out/u],
    [['private', 'maybe'], /on, off/u],
    [['forget'], /say one thing to forget/u],
    [['forget', '--app', 'x', '--host', 'y'], /say one thing to forget/u],
    [['forget', '--from', 'tomorrow-ish'], /is no date or time/u],
    [['forget', '--from', 'today', '--to', 'yesterday'], /--from is not before --to/u],
    [['serve', '--web', '80'], /port from 1024/u],
    [['serve', '--web', '70000'], /port from 1024/u],
    [['serve', '--web-read-only'], /add --web/u],
  ];
  for (const [words, pattern] of cases) {
    it(words.join(' '), async () => {
      const { code, stdout, stderr } = await tidewatch(words, environment);
      assert.deepEqual([code, stdout], [2, '']);
      assert.match(stderr, pattern);
    });
  }
});
