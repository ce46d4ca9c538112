import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Examination } from '../../protocol/examination.ts';
import type { Finding } from '../../protocol/examination.ts';

const program = fileURLToPath(new URL('../../helper/examine.ts', import.meta.url));
const whyPending = process.getuid?.() === 0 ? false : 'pending: needs root to try with and without rights';

function examine(identity: { readonly uid?: number; readonly gid?: number } = {}): ReadonlyMap<string, Finding> {
  const { stdout, status } = spawnSync(process.execPath, [program], { encoding: 'utf8', ...identity });
  assert.equal(status, 0);
  return new Map(Examination.parse(JSON.parse(stdout)).findings.map((finding) => [finding.subject, finding]));
}

describe('the examination', { skip: whyPending }, () => {
  it('finds that packets can be captured as root, with nothing left to do', () => {
    const finding = examine().get('capture rights');
    assert.deepEqual([finding?.state, finding?.remedy], ['works', '']);
  });

  it('finds what a user without rights lacks, each with its remedy', () => {
    const findings = examine({ uid: 65_534, gid: 65_534 });
    assert.equal(findings.get('libpcap')?.state, 'works');
    assert.match(findings.get('capture rights')?.remedy ?? '', /CAP_NET_RAW/u);
    assert.match(findings.get('owner source: /proc')?.remedy ?? '', /CAP_SYS_PTRACE/u);
  });
});
