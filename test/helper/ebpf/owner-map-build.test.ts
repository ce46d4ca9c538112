import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';

const folder = fileURLToPath(new URL('../../../helper/native/ebpf', import.meta.url));

/** The compiler and headers that the object beside its source was made with; others may order things differently. */
const compiler = 'Debian clang version 14.0.6';
const headers = { 'libbpf-dev': '1:1.1.', 'linux-libc-dev': '6.1.' };

function output(command: string, ...words: readonly string[]): string {
  return spawnSync(command, words, { encoding: 'utf8' }).stdout ?? '';
}

function whyPending(): string | null {
  if (!output('clang-14', '--version').startsWith(compiler)) return `pending: needs ${compiler}; install Debian 12's clang`;
  if (output('llvm-strip-14', '--version') === '') return "pending: llvm-strip-14 not found; install Debian 12's llvm";
  for (const [name, version] of Object.entries(headers)) {
    const installed = output('dpkg-query', '--show', '--showformat=${Version}', name);
    if (!installed.startsWith(version)) return `pending: needs Debian 12's ${name} ${version}*`;
  }
  return null;
}

describe('The object of the kernel programs', { skip: whyPending() ?? false }, () => {
  it('is what its source compiles to in any folder, byte for byte', () => {
    const scratch = mkdtempSync(path.join(tmpdir(), 'tidewatch-rebuild-'));
    try {
      for (const name of ['Makefile', 'owner-map.bpf.c', 'owner-map.h']) cpSync(path.join(folder, name), path.join(scratch, name));
      const rebuilt = path.join(scratch, 'owner-map.bpf.o');
      const { status, stderr } = spawnSync('make', ['--silent', '--directory', scratch, 'program'], { encoding: 'utf8' });
      assert.equal(status, 0, stderr);
      assert.ok(readFileSync(rebuilt).equals(readFileSync(path.join(folder, 'owner-map.bpf.o'))));
    } finally {
      rmSync(scratch, { recursive: true, force: true });
    }
  });
});
