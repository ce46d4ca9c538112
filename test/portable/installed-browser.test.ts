import { after, before, describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { findBrowser } from '../../portable/window/installed-browser.ts';

describe('the browser that is installed', () => {
  let folder: string;

  before(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'tidewatch-browsers-'));
    for (const name of ['first', 'second']) mkdirSync(path.join(folder, name));
    for (const [name, mode] of [['first/brave-browser', 0o755], ['second/google-chrome', 0o755], ['second/chromium', 0o644]] as const) {
      writeFileSync(path.join(folder, name), '', { mode });
    }
  });

  after(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  test('is the best known one that can be executed, wherever on PATH it lies', () => {
    assert.equal(findBrowser({ PATH: `${folder}/first:${folder}/second` }), `${folder}/second/google-chrome`);
  });

  test('is the one that TIDEWATCH_BROWSER names, or none', () => {
    assert.equal(findBrowser({ PATH: `${folder}/second`, TIDEWATCH_BROWSER: `${folder}/first/brave-browser` }), `${folder}/first/brave-browser`);
    assert.equal(findBrowser({ PATH: `${folder}/second`, TIDEWATCH_BROWSER: `${folder}/nothing` }), null);
  });

  test('is none where none is installed, or PATH names the current folder', () => {
    assert.equal(findBrowser({ PATH: '.:' }), null);
    assert.equal(findBrowser({}), null);
  });
});
