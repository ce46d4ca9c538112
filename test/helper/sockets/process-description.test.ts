import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { after, before, describe, it } from 'node:test';
import { ProcessDescription } from '../../../protocol/flow.ts';
import { describeProcess, readIdentity, withoutControls } from '../../../helper/sockets/process-description.ts';

describe('the description of a process', () => {
  let proc = '';

  before(() => {
    proc = mkdtempSync(`${tmpdir()}/tidewatch-proc-`);
  });
  after(() => rmSync(proc, { recursive: true }));

  /** A folder as /proc has it for each process. */
  function pretend(pid: number, files: { readonly comm?: string; readonly exe?: string; readonly cmdline?: string; readonly cgroup?: string }): void {
    const folder = `${proc}/${pid}`;
    mkdirSync(folder);
    const rest = Array.from({ length: 17 }, (_, index) => String(index)).join(' ');
    writeFileSync(`${folder}/stat`, `${pid} (${files.comm ?? 'curl'}) S 7 8 ${rest.slice(0, rest.lastIndexOf(' '))} 4711 9 9\n`);
    writeFileSync(`${folder}/status`, 'Name:\tcurl\nUid:\t1000\t1000\t1000\t1000\n');
    writeFileSync(`${folder}/cmdline`, files.cmdline ?? 'curl\0');
    writeFileSync(`${folder}/cgroup`, files.cgroup ?? '0::/user.slice\n');
    symlinkSync(files.exe ?? '/usr/bin/curl', `${folder}/exe`);
  }

  function described(pid: number): ProcessDescription {
    const identity = readIdentity(proc, pid);
    assert.ok(identity);
    const description = describeProcess(proc, identity);
    assert.ok(description);
    assert.deepEqual(ProcessDescription.parse(description), description);
    return description;
  }

  it('is found behind a command name of parentheses and spaces', () => {
    pretend(100, { comm: ') R 1 (evil) ' });
    assert.deepEqual(readIdentity(proc, 100), { pid: 100, startTicks: '4711', parentPid: 7, processGroup: 8 });
  });

  it('tells that the executable was deleted, and its path without the mark', () => {
    pretend(101, { exe: '/opt/app/new version (deleted)' });
    const { executable, executableDeleted } = described(101);
    assert.deepEqual([executable, executableDeleted], ['/opt/app/new version', true]);
  });

  it('escapes control characters and text direction marks of a hostile title', () => {
    pretend(102, { cmdline: 'curl\0\u001b[31mred\u202efdp.exe\u0000' });
    assert.deepEqual(described(102).commandLine, ['curl', '\\u{1b}[31mred\\u{202e}fdp.exe']);
  });

  it('bounds the number and the length of arguments, also of a command line of megabytes', () => {
    pretend(103, { cmdline: `${'a'.repeat(500)}\0`.repeat(10_000) });
    const { commandLine } = described(103);
    assert.equal(commandLine.length, 16);
    assert.ok(commandLine.every((argument) => argument.length === 256));
  });

  it('prefers the unified control group', () => {
    pretend(104, { cgroup: '12:pids:/old\n0::/system.slice/cups.service\n' });
    assert.equal(described(104).controlGroup, '/system.slice/cups.service');
  });

  it('is null where the process has ended, or its number belongs to another', () => {
    assert.equal(readIdentity(proc, 999), null);
    pretend(105, {});
    assert.equal(describeProcess(proc, { pid: 105, startTicks: '1', parentPid: 1, processGroup: 1 }), null);
  });

  it('never cuts a character in two', () => {
    assert.equal(withoutControls('\ud83d\ude00'), '\ud83d\ude00');
    pretend(106, { cmdline: `${'a'.repeat(255)}\ud83d\ude00` });
    assert.equal(described(106).commandLine[0], 'a'.repeat(255));
  });
});
