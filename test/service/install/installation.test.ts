import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, lstatSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { install, installationState, uninstall } from '../../../service/install/index.ts';
import { unitsFor } from '../../../service/install/units.ts';

const checkout = fileURLToPath(new URL('../../..', import.meta.url)).replace(/\/$/u, '');
const ada = { name: 'ada', uid: 1000, gid: 1000 };
const bob = { name: 'bob', uid: 1001, gid: 1001 };

/** Every file below a folder, as paths from it. */
function filesBelow(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => !entry.isDirectory()).map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)));
}

describe('Tidewatch installed as a service', () => {
  let folder: string;
  const place = () => ({ root: folder, systemd: null });
  before(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'tw-install-'));
    install(checkout, ada, place());
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  it('runs from its own copy', () => {
    const { status, stdout, stderr } = spawnSync(path.join(folder, 'usr/local/lib/tidewatch/bin/tidewatch'), ['--version'], { encoding: 'utf8', cwd: '/' });
    assert.equal(status, 0, stderr);
    assert.match(stdout, /^\d+\.\d+\.\d+/u);
    const program = path.join(folder, 'usr/local/lib/tidewatch');
    assert.ok(existsSync(path.join(program, 'helper/native/out/tidewatch.node')), 'its addon is there');
    assert.ok(!existsSync(path.join(program, 'test')), 'and nothing that only builds or tests it');
  });

  it('lies where nobody but its owner may write', () => {
    const program = path.join(folder, 'usr/local/lib/tidewatch');
    const open = filesBelow(program).filter((file) => {
      const stats = lstatSync(path.join(program, file));
      return !stats.isSymbolicLink() && (stats.mode & 0o022) !== 0;
    });
    assert.deepEqual(open, []);
  });

  it('is known, with its units', () => {
    const { version, units } = installationState(ada, place());
    assert.match(version ?? '', /^\d/u);
    assert.deepEqual(units.map((unit) => path.basename(unit.path)), ['tidewatch-helper-1000.service', 'tidewatch.service']);
    assert.deepEqual(installationState(bob, place()).units.map((unit) => path.basename(unit.path)), ['tidewatch.service']);
  });

  it('touches nothing that is not its own', () => {
    const root = mkdtempSync(path.join(tmpdir(), 'tw-install-'));
    try {
      const strange = path.join(root, 'usr/local/lib/tidewatch');
      mkdirSync(strange, { recursive: true });
      writeFileSync(path.join(strange, 'mine'), 'mine');
      assert.throws(() => install(checkout, ada, { root, systemd: null }), { code: 'install-refused' });
      uninstall(ada, { root, systemd: null });
      assert.equal(readFileSync(path.join(strange, 'mine'), 'utf8'), 'mine');
    } finally {
      rmSync(root, { recursive: true, force: true });
    }
  });

  it('has units that systemd understands', (test: TestContext) => {
    if (spawnSync('systemd-analyze', ['--version']).status !== 0) {
      test.skip('pending: systemd-analyze is not installed');
      return;
    }
    const units = mkdtempSync(path.join(tmpdir(), 'tw-units-'));
    try {
      const written = [...unitsFor(path.join(folder, 'usr/local/lib/tidewatch'), ada)].map(([file, text]) => {
        const unit = path.join(units, path.basename(file));
        writeFileSync(unit, text);
        return unit;
      });
      const { status, stderr } = spawnSync('systemd-analyze', ['verify', '--man=no', ...written], { encoding: 'utf8' });
      const own = stderr.split('\n').filter((line) => line.includes('tidewatch'));
      assert.deepEqual(own, []);
      assert.equal(status, 0, stderr);
    } finally {
      rmSync(units, { recursive: true, force: true });
    }
  });

  it('is updated by installing again, and goes without a trace, but not while another user has it', () => {
    const marker = path.join(folder, 'usr/local/lib/tidewatch/left-over');
    writeFileSync(marker, '');
    install(checkout, bob, place());
    assert.ok(!existsSync(marker), 'what is no part of the new one is gone');
    uninstall(ada, place());
    assert.ok(existsSync(path.join(folder, 'usr/local/lib/tidewatch/package.json')));
    uninstall(bob, place());
    assert.deepEqual(filesBelow(folder), []);
    assert.deepEqual(uninstall(bob, place()), []);
  });
});
