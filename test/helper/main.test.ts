import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { missingPrograms } from '../scenario/harness/requirements.ts';
import { until } from '../scenario/harness/until.ts';
import { RunningHelper } from './support/running-helper.ts';

const program = fileURLToPath(new URL('../../helper/main.ts', import.meta.url));
const whyPending = process.getuid?.() === 0 ? missingPrograms(['setpriv']) : 'pending: the helper is started as root';

describe('the helper, wrongly used', () => {
  const cases: readonly (readonly [string, readonly string[], RegExp])[] = [
    ['without arguments', [], /--socket needs an absolute path/u],
    ['with a relative path', ['--socket', 'x.sock', '--owner', '0:0'], /absolute path/u],
    ['with a path that no socket can have', ['--socket', `/${'x'.repeat(108)}`, '--owner', '0:0'], /at most 107 bytes/u],
    ['with a name for its owner', ['--socket', '/tmp/x.sock', '--owner', 'root'], /--owner needs UID:GID/u],
    ['with an unknown option', ['--listen', '80'], /listen/u],
  ];
  for (const [name, words, message] of cases) {
    it(`${name} says how it is used and ends with 2`, () => {
      const { status, stderr } = spawnSync(process.execPath, [program, ...words], { encoding: 'utf8' });
      assert.equal(status, 2);
      assert.match(stderr, message);
      assert.match(stderr, /usage: /u);
    });
  }
});

describe('the helper', { skip: whyPending ?? false }, () => {
  it('ends with 0 and removes its socket when whoever started it goes away', async () => {
    await using helper = await RunningHelper.start();
    await helper.connect();
    helper.process.stdin?.end();
    assert.equal(await helper.ended, 0);
    assert.ok(!existsSync(helper.socketPath));
  });

  it('lives on without standard input when it is detached, until SIGTERM', async () => {
    await using helper = await RunningHelper.start({ moreArguments: ['--detached'] });
    helper.process.stdin?.end();
    const peer = await helper.connect();
    await peer.ticks(1);
    helper.process.kill('SIGTERM');
    assert.equal(await helper.ended, 0);
    assert.ok(!existsSync(helper.socketPath));
  });

  it('ends with 0 on SIGINT, and when the service says stop', async () => {
    await using first = await RunningHelper.start();
    await first.connect();
    first.process.kill('SIGINT');
    assert.equal(await first.ended, 0);
    await using second = await RunningHelper.start();
    (await second.connect()).say({ kind: 'stop' });
    assert.equal(await second.ended, 0);
  });

  it('ends with 1 and one line where another helper listens', async () => {
    await using first = await RunningHelper.start();
    await first.connect();
    await using second = await RunningHelper.start({ socketPath: first.socketPath });
    assert.equal(await second.ended, 1);
    const lines = second.stderr.trim().split('\n');
    assert.equal(lines.length, 1);
    assert.match(lines[0] ?? '', /another helper listens on .*: end it first/u);
    assert.ok(existsSync(first.socketPath));
  });

  it('keeps no capability beyond those it was given, and gains none', async () => {
    await using helper = await RunningHelper.start();
    await helper.connect();
    const status = await until('the helper to run', 5000, () => readFileSync(`/proc/${helper.process.pid}/status`, 'utf8'));
    assert.match(status, /^NoNewPrivs:\s+1$/mu);
    const held = BigInt(`0x${/^CapPrm:\s+([0-9a-f]+)$/mu.exec(status)?.[1] ?? 'ffffffffffffffff'}`);
    const [fowner, setuid, sysModule, sysBoot] = [3n, 7n, 16n, 22n];
    for (const capability of [fowner, setuid, sysModule, sysBoot]) assert.equal(held & (1n << capability), 0n);
  });
});
