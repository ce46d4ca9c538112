import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import packaging, { fuses } from '../../build/packaging.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));

describe('the packed program', () => {
  it('runs no code but its own', () => {
    const open = { runAsNode: false, enableNodeOptionsEnvironmentVariable: false, enableNodeCliInspectArguments: false, grantFileProtocolExtraPrivileges: false };
    const closed = { onlyLoadAppFromAsar: true, enableEmbeddedAsarIntegrityValidation: true, enableCookieEncryption: true };
    assert.deepEqual({ ...fuses, ...open, ...closed }, fuses);
    assert.equal(packaging.electronFuses, fuses);
  });

  it('begins where package.json says, with files that are packed', () => {
    const { main }: { main: string } = JSON.parse(readFileSync(`${root}package.json`, 'utf8'));
    const packed = packaging.files.filter((pattern) => !pattern.startsWith('!')).flatMap((pattern) => globSync(pattern, { cwd: root }));
    for (const file of [main, 'electron/preload.cjs', 'service/index.ts', 'helper/main.ts', 'protocol/app.ts']) assert.ok(packed.includes(file), file);
  });
});
