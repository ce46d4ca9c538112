import assert from 'node:assert/strict';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { Scratch, tidewatch } from './run.ts';
import type { Outcome } from './run.ts';

let scratch: Scratch;
beforeEach(() => {
  scratch = new Scratch();
});
afterEach(() => scratch[Symbol.dispose]());

function settings(...words: readonly string[]): Promise<Outcome> {
  return tidewatch(['settings', ...words], { ...scratch.environment, TIDEWATCH_SETTINGS: scratch.file('settings.json') });
}

const done = (stdout: string): Outcome => ({ code: 0, stdout, stderr: '' });

describe('tidewatch settings', () => {
  it('lists every setting with its value and meaning, and makes no file', async () => {
    const { code, stdout, stderr } = await settings();
    assert.deepEqual([code, stderr], [0, '']);
    assert.match(stdout, /^retention\.minuteDays = 7 days$/mu);
    assert.match(stdout, /^capture\.interfaces = edges$/mu);
    assert.equal(existsSync(scratch.file('settings.json')), false);
  });

  it('lists them for programs', async () => {
    const { code, stdout } = await settings('--json');
    assert.equal(code, 0);
    const { path, unreadable, problems, settings: list } = JSON.parse(stdout);
    assert.deepEqual([path, unreadable, problems], [scratch.file('settings.json'), null, []]);
    const one = list.find(({ key }: { readonly key: string }) => key === 'retention.minuteDays');
    assert.deepEqual([one.value, one.default, one.unit, one.effect], [7, 7, 'days', 'at-once']);
  });

  it('sets, gets and resets one', async () => {
    assert.deepEqual(await settings('set', 'capture.interfaces', 'eth0,wlan0'), done('capture.interfaces = eth0, wlan0; a service that runs has it at once\n'));
    assert.deepEqual(await settings('get', 'capture.interfaces'), done('eth0, wlan0\n'));
    assert.deepEqual(await settings('set', 'web.port', '8080'), done('web.port = 8080; a service that runs has it from its next start on\n'));
    assert.deepEqual(JSON.parse(readFileSync(scratch.file('settings.json'), 'utf8')), { capture: { interfaces: ['eth0', 'wlan0'] }, web: { port: 8080 } });
    assert.deepEqual(await settings('reset', 'capture.interfaces'), done('capture.interfaces = edges; a service that runs has it at once\n'));
    assert.equal(JSON.parse((await settings('get', 'web.port', '--json')).stdout).value, 8080);
  });

  it('takes the file that --settings names', async () => {
    const other = scratch.file('other.json');
    assert.equal((await settings('set', 'log.level', 'warn', '--settings', other)).code, 0);
    assert.deepEqual(await settings('get', 'log.level', '--settings', other), done('warn\n'));
    assert.deepEqual(await settings('get', 'log.level'), done('info\n'));
  });

  for (const [words, pattern] of [
    [['set', 'retention.minuteDays', '0'], /"0" is not a whole number from 1 to 3650 \(days\)/u],
    [['set', 'nothing', '1'], /"nothing" is no setting; `tidewatch settings` lists them/u],
    [['get', '__proto__'], /"__proto__" is no setting/u],
    [['get'], /missing required argument 'key' \(see `tidewatch settings get --help`\)/u],
    [['set', 'log.level'], /missing required argument 'value'/u],
    [['list'], /did you mean|too many arguments|unknown command/u],
  ] as const) {
    it(`ends ${JSON.stringify(words.join(' '))} with 2 and one line`, async () => {
      const { code, stdout, stderr } = await settings(...words);
      assert.deepEqual([code, stdout], [2, '']);
      assert.match(stderr, /^tidewatch: [^\n]+\n$/u);
      assert.match(stderr, pattern);
      assert.equal(existsSync(scratch.file('settings.json')), false);
    });
  }

  it('says what is wrong with the file, and uses the default', async () => {
    writeFileSync(scratch.file('settings.json'), '{"retention":{"minuteDays":0},"old":1}');
    const { code, stdout, stderr } = await settings('get', 'retention.minuteDays');
    assert.deepEqual([code, stdout], [0, '7\n']);
    assert.match(stderr, /settings\.json: retention\.minuteDays: 0 is not a whole number from 1 to 3650; using 7\n/u);
    assert.match(stderr, /settings\.json: old: no such setting; it is kept as it is/u);
  });

  it('leaves a file that is no JSON as it is, and says what to do', async () => {
    writeFileSync(scratch.file('settings.json'), '{"a":');
    const { code, stderr } = await settings('set', 'log.level', 'warn');
    assert.equal(code, 1);
    assert.match(stderr, /^tidewatch: the settings in .* are left as they are \(it is not valid JSON\); mend the file or move it away, then try again\n$/u);
    assert.equal(readFileSync(scratch.file('settings.json'), 'utf8'), '{"a":');
  });

  it('shows values harmlessly, whoever wrote them', async () => {
    writeFileSync(scratch.file('settings.json'), JSON.stringify({ history: { excludedApps: ['/usr/bin/\u001B[2J'] } }));
    assert.deepEqual(await settings('get', 'history.excludedApps'), done('/usr/bin/\\x1b[2J\n'));
    rmSync(scratch.file('settings.json'));
  });
});
