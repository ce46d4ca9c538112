import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { Lineage } from '../../../helper/sockets/lineage.ts';
import { describeProcess, readIdentity } from '../../../helper/sockets/process-description.ts';
import { Processes } from '../../../helper/sockets/processes.ts';
import type { ProcessDescription } from '../../../protocol/flow.ts';
import { maximumAncestors } from '../../../protocol/helper.ts';

interface Sketch {
  readonly pid: number;
  readonly parent: number;
  readonly start?: number;
  readonly line?: readonly string[];
  readonly cwd?: string;
}

describe('the lineage of a process', () => {
  let proc: string;
  before(() => {
    proc = mkdtempSync(path.join(tmpdir(), 'tw-lineage-'));
    writeFileSync(path.join(proc, 'backup.py'), '');
  });
  after(() => rmSync(proc, { recursive: true }));

  /** Writes a process into our own /proc. Its executable is its pid's. */
  function begin({ pid, parent, start = pid, line = [], cwd = proc }: Sketch): void {
    const folder = path.join(proc, String(pid));
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder);
    const fields = ['S', parent, pid, pid, 0, -1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 20, 0, 1, 0, start];
    writeFileSync(path.join(folder, 'stat'), `${pid} (a ) b) ${fields.join(' ')} 0`);
    writeFileSync(path.join(folder, 'status'), `Name:\tx\nUid:\t1000\t1000\n`);
    writeFileSync(path.join(folder, 'cmdline'), line.map((word) => `${word}\0`).join(''));
    writeFileSync(path.join(folder, 'cgroup'), '0::/\n');
    symlinkSync(`/bin/of-${pid}`, path.join(folder, 'exe'));
    symlinkSync(cwd, path.join(folder, 'cwd'));
  }

  function described(pid: number): ProcessDescription {
    const identity = readIdentity(proc, pid);
    const process = identity === null ? null : describeProcess(proc, identity);
    assert.ok(process !== null);
    return process;
  }

  const lineage = (): Lineage => new Lineage({ proc, processes: new Processes(proc) });

  it('names its ancestors, the eldest first, each with its parent', () => {
    begin({ pid: 1, parent: 0 });
    begin({ pid: 20, parent: 1 });
    begin({ pid: 30, parent: 20 });
    const { process, ancestors } = lineage().of(described(30));
    assert.deepEqual(ancestors.map(({ pid, parent }) => [pid, parent ?? null]), [[1, null], [20, '1@1']]);
    assert.equal(process.parent, '20@20');
  });

  it('names at most so many ancestors as the protocol says', () => {
    for (let pid = 100; pid < 120; pid += 1) begin({ pid, parent: pid - 1 });
    assert.equal(lineage().of(described(119)).ancestors.length, maximumAncestors);
  });

  it('takes nobody for a parent who began after the child: the number is another one\'s now', () => {
    begin({ pid: 40, parent: 0, start: 900 });
    begin({ pid: 41, parent: 40, start: 800 });
    const { process, ancestors } = lineage().of(described(41));
    assert.deepEqual([ancestors, process.parent], [[], undefined]);
  });

  it('tells where the process stood if one of its arguments is a file from there, and only then', () => {
    begin({ pid: 50, parent: 0, line: ['python3', 'backup.py'] });
    begin({ pid: 51, parent: 0, line: ['python3', 'backup.py'], cwd: '/' });
    begin({ pid: 52, parent: 0, line: ['python3', '/backup.py'] });
    const folders = [50, 51, 52].map((pid) => lineage().of(described(pid)).process.workingDirectory);
    assert.deepEqual(folders, [proc, undefined, undefined]);
  });

  it('gives one value for one process, whoever described it, until it runs something else', () => {
    begin({ pid: 60, parent: 0, line: ['python3', 'a.py'] });
    const one = lineage();
    const first = one.of(described(60)).process;
    assert.equal(one.of(described(60)).process, first);
    begin({ pid: 60, parent: 0, line: ['python3', 'b.py'] });
    assert.notEqual(one.of(described(60)).process, first);
  });
});
