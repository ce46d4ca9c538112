import { after, before, describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { until } from '../scenario/harness/until.ts';

const waitMs = 20_000;
const program = fileURLToPath(new URL('programs/instance.ts', import.meta.url));

describe('a program’s life', () => {
  let folder: string;
  const children: ChildProcess[] = [];

  before(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'tidewatch-instance-'));
  });

  after(() => {
    for (const child of children) child.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  });

  /** A start of the program, and the lines that it says. */
  function start(name: string, ...words: readonly string[]): { readonly child: ChildProcess; readonly lines: string[]; readonly ended: Promise<readonly unknown[]> } {
    const env = { ...process.env, XDG_RUNTIME_DIR: folder, DBUS_SESSION_BUS_ADDRESS: 'unix:path=/nowhere/bus', DBUS_SYSTEM_BUS_ADDRESS: 'unix:path=/nowhere/bus' };
    const child = spawn(process.execPath, [program, path.join(folder, name), ...words], { env, stdio: ['pipe', 'pipe', 'inherit'] });
    children.push(child);
    const lines: string[] = [];
    if (child.stdout !== null) createInterface({ input: child.stdout }).on('line', (line) => lines.push(line));
    return { child, lines, ended: once(child, 'close') };
  }

  async function started(name: string, ...words: readonly string[]): Promise<ReturnType<typeof start>> {
    const running = start(name, ...words);
    await until('the program to be ready', waitMs, () => running.lines.some((line) => line.startsWith('["first"')));
    return running;
  }

  test('is ready without a bus, keeps its own name and folder, and ends with nothing left behind', async () => {
    const { child, lines, ended } = await started('plain');
    assert.deepEqual(lines, [JSON.stringify(['first', 'Tidewatch', path.join(folder, 'plain')])]);
    child.stdin?.write('quit\n');
    assert.deepEqual(await ended, [0, null]);
    assert.deepEqual(lines.slice(1), ['["before-quit"]', '["will-quit"]', '["quit",0]']);
    assert.deepEqual(readdirSync(path.join(folder, 'plain')), []);
    assert.deepEqual(readdirSync(folder).filter((name) => name.endsWith('.sock')), []);
  });

  test('a second start tells the first one its words and ends', async () => {
    const first = await started('twice');
    const second = start('twice', 'none', '--mini');
    assert.deepEqual(await second.ended, [0, null]);
    assert.deepEqual(second.lines, ['["second"]']);
    await until('the first to hear of it', waitMs, () => first.lines.includes(JSON.stringify(['second-instance', [path.join(folder, 'twice'), 'none', '--mini'], process.cwd()])));
    const other = await started('another folder');
    for (const { child, ended } of [first, other]) {
      child.kill('SIGTERM');
      assert.deepEqual(await ended, [0, null]);
    }
  });

  test('a lock of a program that was killed holds nobody up', async () => {
    const killed = await started('killed');
    killed.child.kill('SIGKILL');
    await killed.ended;
    const next = await started('killed');
    next.child.stdin?.write('quit\n');
    assert.deepEqual(await next.ended, [0, null]);
  });

  test('a lock whose process number was given to another process holds nobody up', async () => {
    const named = path.join(folder, 'reused');
    const first = await started('reused');
    first.child.kill('SIGKILL');
    await first.ended;
    rmSync(path.join(named, 'instance-lock'));
    symlinkSync(`${process.pid}-1`, path.join(named, 'instance-lock'));
    const next = await started('reused');
    next.child.kill('SIGTERM');
    assert.deepEqual(await next.ended, [0, null]);
  });

  for (const event of ['before-quit', 'will-quit']) {
    test(`whoever prevents ${event} keeps the program, which ends the next time`, async () => {
      const { child, lines, ended } = await started(`prevents ${event}`, event);
      child.stdin?.write('quit\n');
      await until('the first try', waitMs, () => lines.includes(`["${event}"]`));
      assert.equal(lines.includes('["quit",0]'), false);
      child.stdin?.write('quit\n');
      assert.deepEqual(await ended, [0, null]);
    });
  }
});
