import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, describe, it } from 'node:test';
import { Running, Scratch, launcher, tidewatch } from './run.ts';

const scratch = new Scratch();
after(() => scratch[Symbol.dispose]());
const { environment } = scratch;

/** Exactly one line, by name, as every failure is told. */
function assertOneLine(stderr: string, pattern: RegExp): void {
  assert.match(stderr, /^tidewatch: [^\n]+\n$/u);
  assert.match(stderr, pattern);
}

describe('help', () => {
  it('is what `tidewatch` alone prints', async () => {
    const { code, stdout, stderr } = await tidewatch([], environment);
    assert.deepEqual([code, stderr], [0, '']);
    for (const command of ['live', 'read', 'report', 'serve', 'stop', 'pause', 'resume', 'private', 'forget', 'settings', 'doctor', 'top', 'connections', 'http', 'site', 'app', 'quality']) assert.match(stdout, new RegExp(`^  ${command}`, 'mu'));
  });
  for (const command of ['live', 'read', 'report', 'serve', 'stop', 'pause', 'resume', 'private', 'forget', 'settings', 'doctor', 'top', 'connections', 'http', 'site', 'app', 'quality']) {
    it(`of ${command} has examples and the global options`, async () => {
      const { code, stdout, stderr } = await tidewatch([command, '--help'], environment);
      assert.deepEqual([code, stderr], [0, '']);
      assert.match(stdout, /^Examples:$/mu);
      assert.match(stdout, /--history <path>/u);
    });
  }
  it('tells the version', async () => {
    const { code, stdout } = await tidewatch(['--version'], environment);
    assert.equal(code, 0);
    assert.match(stdout, /^\d+\.\d+\.\d+\n$/u);
  });
});

describe('wrong usage ends with 2 and one line that says how it is right', () => {
  const cases: readonly (readonly [readonly string[], RegExp])[] = [
    [['lve'], /did you mean live\?.*tidewatch --help/u],
    [['live', '--jsn'], /did you mean --json\?.*tidewatch live --help/u],
    [['--soket', 'x', 'live'], /did you mean --socket\?/u],
    [['live', 'eth0'], /too many arguments/u],
    [['live', '--duration', 'soon'], /number of seconds/u],
    [['live', '--duration', '0'], /number of seconds/u],
    [['live', '--duration', '1e9'], /number of seconds/u],
    [['live', '--interface', 'a-name-that-is-too-long'], /1 to 15 characters/u],
    [['live', '--interface', 'et/h0'], /1 to 15 characters/u],
    [['read'], /missing required argument 'file'/u],
    [['report', '--by', 'planet'], /app, domain, host, country, network, scope, service, hour, day, month/u],
    [['report', '--from', '2026-02-30'], /--from "2026-02-30" is no date or time: write it like 2026-11-20/u],
    [['report', '--to', 'whenever'], /--to "whenever" is no date or time/u],
    [['report', '--from', 'today', '--to', 'last week'], /not before/u],
    [['report', '--from', '2999-01-01'], /in the future/u],
    [['report', '--top', '0'], /whole number above 0/u],
    [['report', '\x1b[2J'], /\\x1b\[2J/u],
  ];
  for (const [words, pattern] of cases) {
    it(JSON.stringify(words.join(' ')), async () => {
      const { code, stdout, stderr } = await tidewatch(words, environment);
      assert.equal(code, 2);
      assert.equal(stdout, '');
      assertOneLine(stderr, pattern);
    });
  }

  it('with --verbose the stack follows', async () => {
    const { code, stderr } = await tidewatch(['report', '--from', 'x', '--verbose'], environment);
    assert.equal(code, 2);
    assert.match(stderr, /^tidewatch: [^\n]+\nUsageError: [^\n]+\n {4}at /u);
  });
});

describe('what cannot be done ends with 1 and one line', () => {
  const notACapture = scratch.file('not-a-capture');
  writeFileSync(notACapture, 'hello, this is no capture file');
  const cases: readonly (readonly [readonly string[], RegExp])[] = [
    [['read', scratch.file('missing.pcap')], /missing\.pcap/u],
    [['read', scratch.folder], /./u],
    [['read', notACapture], /pcap/u],
    [['report'], /history/u],
    [['report', '--history', notACapture], /history|not-a-capture/u],
  ];
  for (const [words, pattern] of cases) {
    it(words.map((word) => path.basename(word)).join(' '), async () => {
      const { code, stdout, stderr } = await tidewatch(words, environment);
      assert.deepEqual([code, stdout], [1, '']);
      assertOneLine(stderr, pattern);
      assert.doesNotMatch(stderr, /defect/u);
    });
  }
});

/** A Node on this machine that is too old to run TypeScript as it is. */
function olderNode(): string | null {
  const candidates = ['/usr/bin/node', ...(process.env['PATH'] ?? '').split(':').map((folder) => path.join(folder, 'node'))];
  const isOlder = (node: string): boolean =>
    existsSync(node) && Number.parseInt(execFileSync(node, ['-p', 'process.versions.node'], { encoding: 'utf8' }), 10) < 24;
  return candidates.find(isOlder) ?? null;
}

describe('the launcher', () => {
  const older = olderNode();
  const skip = older === null ? 'pending: no Node older than 24 is installed here' : false;

  it('hands over to the own Node where it is started by an older one, with words and exit code', { skip }, async () => {
    const good = await new Running([older ?? '', launcher, '--version'], { environment }).outcome();
    assert.deepEqual([good.code, good.stderr], [0, '']);
    const bad = await new Running([older ?? '', launcher, 'live', '--duration', 'x y'], { environment }).outcome();
    assert.equal(bad.code, 2);
    assertOneLine(bad.stderr, /'x y'/u);
  });

  it('finds its folder through links', async () => {
    const link = scratch.file('tidewatch');
    symlinkSync(launcher, link);
    const { code, stdout } = await new Running([link, '--version'], { environment }).outcome();
    assert.equal(code, 0);
    assert.match(stdout, /^\d/u);
  });

  it('says in one line where set-up is missing', async () => {
    const bare = scratch.file('bare');
    mkdirSync(path.join(bare, 'bin'), { recursive: true });
    copyFileSync(launcher, path.join(bare, 'bin/tidewatch'));
    writeFileSync(path.join(bare, 'package.json'), '{"type":"module"}');
    const { code, stdout, stderr } = await new Running([path.join(bare, 'bin/tidewatch')], { environment }).outcome();
    assert.deepEqual([code, stdout], [1, '']);
    assertOneLine(stderr, new RegExp(`run \`npm start\` in .*${path.basename(bare)}$`, 'mu'));
  });
});

describe('docs/CLI.md', () => {
  const text = readFileSync(new URL('../../docs/CLI.md', import.meta.url), 'utf8');
  for (const command of ['live', 'read', 'report', 'serve', 'stop', 'pause', 'resume', 'private', 'forget', 'settings', 'doctor', 'top', 'connections', 'http', 'site', 'app', 'quality']) {
    it(`has every option of ${command}`, async () => {
      const { stdout } = await tidewatch([command, '--help'], environment);
      const options = new Set(stdout.match(/(?<=^  )--[a-z-]+/gmu));
      assert.ok(options.size > 3);
      for (const option of options) assert.ok(text.includes(`\`${option}`), `${option} is not in docs/CLI.md`);
    });
  }
});
