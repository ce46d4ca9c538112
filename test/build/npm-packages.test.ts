import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { replacePackages } from '../../build/npm-packages.mjs';

/** A registry where nobody listens: port 1 of this machine, asked once. */
const noNetwork = ['--registry=http://127.0.0.1:1/', '--fetch-retries=0', '--no-audit', '--no-fund', '--loglevel=error'];

describe('npm packages that are to be replaced', () => {
  let root: string;

  beforeEach(() => {
    root = `${mkdtempSync(path.join(tmpdir(), 'tidewatch-packages-'))}/`;
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  /** A package of that version, as it would lie there. */
  function put(folder: string, version: string, completeness: 'complete' | 'incomplete' = 'complete'): void {
    mkdirSync(`${root}${folder}/thing`, { recursive: true });
    writeFileSync(`${root}${folder}/thing/version`, version);
    if (completeness === 'complete') writeFileSync(`${root}${folder}/.package-lock.json`, '{}');
  }

  function version(): string | null {
    const file = `${root}node_modules/thing/version`;
    return existsSync(file) ? readFileSync(file, 'utf8') : null;
  }

  function assertNothingAside(): void {
    assert.equal(existsSync(`${root}.node_modules-before`), false, 'nothing is left aside');
  }

  it('are still there after a real npm ci found no network', () => {
    put('node_modules', 'old');
    const thing = { version: '2.0.0', resolved: 'http://127.0.0.1:1/thing/-/thing-2.0.0.tgz', integrity: `sha512-${'A'.repeat(86)}==` };
    writeFileSync(`${root}package.json`, JSON.stringify({ name: 'root', version: '1.0.0', dependencies: { thing: '2.0.0' } }));
    const packages = { '': { name: 'root', version: '1.0.0', dependencies: { thing: '2.0.0' } }, 'node_modules/thing': thing };
    writeFileSync(`${root}package-lock.json`, JSON.stringify({ name: 'root', version: '1.0.0', lockfileVersion: 3, requires: true, packages }));
    let said = '';
    const outcome = replacePackages(root, () => {
      const { status, stderr } = spawnSync('npm', ['ci', `--cache=${root}cache`, ...noNetwork], { cwd: root, encoding: 'utf8' });
      said = stderr;
      return status === 0;
    });
    assert.match(said, /ECONNREFUSED/u);
    assert.equal(outcome, 'kept');
    assert.equal(version(), 'old');
    assertNothingAside();
  });

  it('make room for the new ones', () => {
    put('node_modules', 'old');
    const outcome = replacePackages(root, () => {
      assert.equal(version(), null, 'it begins with nothing, as npm ci does');
      put('node_modules', 'new');
      return true;
    });
    assert.equal(outcome, 'installed');
    assert.equal(version(), 'new');
    assertNothingAside();
  });

  it('need not be there', () => {
    assert.equal(replacePackages(root, () => false), 'none');
    assert.equal(replacePackages(root, () => (put('node_modules', 'new'), true)), 'installed');
    assert.equal(version(), 'new');
  });

  it('come back after a run that was broken off in the middle', () => {
    put('.node_modules-before', 'old');
    put('node_modules', 'half', 'incomplete');
    assert.equal(replacePackages(root, () => false), 'kept');
    assert.equal(version(), 'old');
    assertNothingAside();
  });

  it('do not come back after a run that was broken off when all was there', () => {
    put('.node_modules-before', 'old', 'incomplete');
    put('node_modules', 'new');
    assert.equal(replacePackages(root, () => false), 'kept');
    assert.equal(version(), 'new');
    assertNothingAside();
  });
});
