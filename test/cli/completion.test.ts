import assert from 'node:assert/strict';
import { existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { Running, Scratch, launcher, tidewatch } from './run.ts';

const scratch = new Scratch();
after(() => scratch[Symbol.dispose]());

/** Where a shell finds `tidewatch`, with a capture file that may be named. */
const folder = scratch.file('bin');
before(() => {
  mkdirSync(folder);
  symlinkSync(launcher, path.join(folder, 'tidewatch'));
  writeFileSync(scratch.file('capture.pcap'), '');
});

/** The candidates for the last of the words, and the line behind them. */
async function candidates(...words: string[]): Promise<string[]> {
  const { code, stdout, stderr } = await tidewatch(['complete', '--', ...words], scratch.environment);
  assert.deepEqual([code, stderr], [0, '']);
  return stdout.trimEnd().split('\n').map((line) => line.split('\t')[0] ?? '');
}

describe('what Tab offers', () => {
  it('is commands, and those below them', async () => {
    assert.deepEqual(await candidates('conn'), ['connections', ':none']);
    const all = await candidates('');
    for (const command of ['live', 'report', 'top', 'connections', 'http', 'site', 'app', 'quality', 'completion', 'help']) assert.ok(all.includes(command), command);
    assert.ok(!all.includes('complete'));
    assert.deepEqual(await candidates('settings', 're'), ['reset', ':none']);
    assert.deepEqual(await candidates('help', 'qual'), ['quality', ':none']);
    assert.deepEqual(await candidates('--socket', 'live', 'qual'), ['quality', ':none']);
  });

  it('is options of the command and of all commands', async () => {
    assert.deepEqual(await candidates('site', 'example.org', '--fr'), ['--from', ':none']);
    assert.deepEqual(await candidates('site', '--hist'), ['--history', ':none']);
  });

  it('is the values of an option, joined to it or not', async () => {
    assert.deepEqual(await candidates('report', '--by', 'co'), ['country', ':none']);
    assert.deepEqual(await candidates('report', '--by', '=', 'co'), ['country', ':none']);
    assert.deepEqual(await candidates('report', '--by=co'), ['--by=country', ':none']);
    assert.deepEqual(await candidates('connections', '--sort', 'r'), ['rate', 'received', 'remote', 'round-trip', 'retransmits', ':none']);
    assert.deepEqual(await candidates('completion', ''), ['bash', 'zsh', 'fish', ':none']);
  });

  it('is names of files only where a file is meant', async () => {
    assert.deepEqual(await candidates('read', ''), [':files']);
    assert.deepEqual(await candidates('--history', ''), [':files']);
    assert.deepEqual(await candidates('report', '-o', ''), [':files']);
    assert.deepEqual(await candidates('report', '--from', ''), [':none']);
  });

  it('is nothing for words that mean nothing', async () => {
    assert.deepEqual(await candidates('constructor', ''), [':none']);
    assert.deepEqual(await candidates('$(reboot)', '__proto__', '\x1b'), [':none']);
  });
});

/** Types into a bash with the script; after each piece it waits for what is to stand on the terminal. */
async function type(...pieces: readonly (readonly [string, RegExp])[]): Promise<void> {
  const environment = { ...scratch.environment, PATH: `${folder}:${scratch.environment['PATH'] ?? ''}`, PS1: 'ready> ', INPUTRC: '/dev/null' };
  const running = new Running(['script', '--quiet', '--command', `cd ${scratch.folder}; exec bash --norc --noprofile -i`, '/dev/null'], { environment });
  try {
    for (const [keys, until] of [['', /ready> /u], ['eval "$(tidewatch completion bash)"; echo loaded$((1))\n', /loaded1/u], ...pieces] as const) {
      running.child.stdin?.write(keys);
      await running.untilOutput(until);
    }
  } finally {
    running.child.kill('SIGKILL');
    await running.outcome();
  }
}

describe('in a real bash', { timeout: 60_000 }, () => {
  it('completes a command, an option and its value', async () => {
    await type(['tidewatch qual\t', /tidewatch quality /u], ['--b\t', /--by /u], ['ho\t', /--by host /u]);
  });

  it('completes the name of a file where one is meant', async () => {
    await type(['tidewatch read cap\t', /tidewatch read capture\.pcap /u]);
  });

  it('runs nothing of what is typed', async () => {
    await type(['tidewatch quality --app $(touch ran) --b\t', /--by /u]);
    assert.equal(existsSync(scratch.file('ran')), false);
  });
});

describe('tidewatch completion', () => {
  for (const shell of ['bash', 'zsh', 'fish'] as const) {
    const program = (process.env['PATH'] ?? '').split(':').map((each) => path.join(each, shell)).find(existsSync);
    it(`prints what ${shell} takes`, { skip: program === undefined ? `pending: ${shell} is not installed here` : false }, async () => {
      const { stdout } = await tidewatch(['completion', shell], scratch.environment);
      const script = scratch.file(`script.${shell}`);
      writeFileSync(script, stdout);
      const { code, stderr } = await new Running([program ?? '', '-n', script], { environment: scratch.environment }).outcome();
      assert.deepEqual([code, stderr], [0, '']);
    });
  }

  it('knows no other shell', async () => {
    const { code, stderr } = await tidewatch(['completion', 'csh'], scratch.environment);
    assert.equal(code, 2);
    assert.match(stderr, /^tidewatch: [^\n]*bash, zsh, fish[^\n]*\n$/u);
  });
});
