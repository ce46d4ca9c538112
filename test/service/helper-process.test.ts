import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { systemClock } from '../../service/clock.ts';
import type { Clock } from '../../service/clock.ts';
import { HelperProcess } from '../../service/helper-process.ts';
import { createLog } from '../../service/log.ts';
import { ServiceError } from '../../service/service-error.ts';
import { until } from './driven-clock.ts';
import { ReplayHelper } from './replay-helper.ts';

const program = fileURLToPath(new URL('replay-program.ts', import.meta.url));
const { signal } = new AbortController();

let folder: string;
let starts: number;

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'tidewatch-helper-'));
  starts = 0;
});
afterEach(() => rmSync(folder, { recursive: true }));

/** The machine's clock, twenty times as fast where it is waited for an end: two seconds of patience are 100 ms. */
const impatient: Clock = { ...systemClock, after: (milliseconds, act) => systemClock.after(milliseconds / 20, act) };

function sourceOf(kind: 'good' | 'stubborn' | 'broken', clock = systemClock): HelperProcess {
  const socketPath = path.join(folder, 'helper.sock');
  return new HelperProcess({
    clock,
    log: createLog('silent'),
    socketPath,
    command: async () => {
      starts += 1;
      return { file: process.execPath, arguments: [program, socketPath, kind], terminal: 'unused' };
    },
    refuseUntrusted: () => undefined,
  });
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

describe('where the helper comes from', () => {
  it('is a running one, if there is one, and that one is left running', async () => {
    await using helper = await ReplayHelper.listen(path.join(folder, 'helper.sock'));
    const source = sourceOf('good');
    const link = await source.connect(signal);
    assert.equal(link.hello.version, 'replay');
    link.close();
    await source[Symbol.asyncDispose]();
    assert.equal(starts, 0);
    assert.equal(helper.connections, 1);
  });

  it('is else a child, which ends in order: no process, no socket', async () => {
    const source = sourceOf('good');
    const link = await source.connect(signal);
    const { pid } = link.hello;
    assert.ok(isAlive(pid) && pid !== process.pid);
    link.close();
    await source[Symbol.asyncDispose]();
    assert.equal(isAlive(pid), false);
    assert.equal(existsSync(path.join(folder, 'helper.sock')), false);
  });

  it('is another child after the first was killed', async () => {
    await using source = sourceOf('good');
    const first = await source.connect(signal);
    process.kill(first.hello.pid, 'SIGKILL');
    const next = await first.messages.next().catch(() => ({ done: true }));
    assert.equal(next.done, true, 'the link ends');
    await until(() => !isAlive(first.hello.pid), 'the child is gone');
    const second = await source.connect(signal);
    assert.notEqual(second.hello.pid, first.hello.pid);
    assert.equal(starts, 2);
    second.close();
  });

  it('is never a process that stays: one that heeds neither its input nor SIGTERM is killed', async () => {
    const source = sourceOf('stubborn', impatient);
    const link = await source.connect(signal);
    link.close();
    await source[Symbol.asyncDispose]();
    assert.equal(isAlive(link.hello.pid), false);
  });

  it('is said not to be, with its last words, where it ends at once', async () => {
    await using source = sourceOf('broken');
    await assert.rejects(source.connect(signal), (error) =>
      error instanceof ServiceError && error.code === 'helper-failed' && /no addon here.*tidewatch doctor/u.test(error.message));
  });

  it('is said not to be where its program cannot be run', async () => {
    await using source = new HelperProcess({
      clock: systemClock,
      log: createLog('silent'),
      socketPath: path.join(folder, 'helper.sock'),
      command: async () => ({ file: path.join(folder, 'no-such-program'), arguments: [], terminal: 'unused' }),
      refuseUntrusted: () => undefined,
    });
    await assert.rejects(source.connect(signal), (error) => error instanceof ServiceError && /ENOENT/u.test(error.message));
  });

  it('is nothing that is not trusted', async () => {
    await using helper = await ReplayHelper.listen(path.join(folder, 'helper.sock'));
    await using source = new HelperProcess({
      clock: systemClock,
      log: createLog('silent'),
      socketPath: path.join(folder, 'helper.sock'),
      command: async () => assert.fail('nothing is started'),
      refuseUntrusted: () => {
        throw new ServiceError('helper-untrusted', 'no');
      },
    });
    await assert.rejects(source.connect(signal), (error) => error instanceof ServiceError && error.code === 'helper-untrusted');
    assert.equal(helper.connections, 0);
  });
});
