import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync, readdirSync, readlinkSync } from 'node:fs';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { OwnerMapError, openOwnerMap } from '../../../helper/native/ebpf/index.ts';
import { startProgram } from '../../scenario/harness/program.ts';
import { until } from '../../scenario/harness/until.ts';
import { whyOwnerMapPending } from './requirements.ts';

const holder = fileURLToPath(new URL('hold-owner-map.ts', import.meta.url));

/** Numbers that the kernel gave to what a process's descriptors hold: /proc/PID/fdinfo tells them (bpf(2)). */
function kernelObjects(pid: number, kind: 'prog_id' | 'map_id' | 'link_id'): ReadonlySet<number> {
  const found = new Set<number>();
  for (const descriptor of readdirSync(`/proc/${pid}/fd`)) {
    if (!/bpf/u.test(readlinkSync(`/proc/${pid}/fd/${descriptor}`))) continue;
    const text = readFileSync(`/proc/${pid}/fdinfo/${descriptor}`, 'utf8');
    const value = new RegExp(`^${kind}:\\s+(\\d+)$`, 'mu').exec(text)?.[1];
    if (value !== undefined) found.add(Number(value));
  }
  return found;
}

/** Numbers of what the kernel holds now, as bpftool(8) lists them. */
function bpftoolIds(what: 'prog' | 'map' | 'link'): ReadonlySet<number> {
  const { stdout } = spawnSync('bpftool', ['--json', what, 'show'], { encoding: 'utf8' });
  const listed: readonly { readonly id: number }[] = JSON.parse(stdout);
  return new Set(listed.map(({ id }) => id));
}

function whyPending(): string | null {
  const reason = whyOwnerMapPending();
  if (reason !== null) return reason;
  return spawnSync('bpftool', ['version']).status === 0 ? null : "pending: bpftool not found; install Debian's bpftool";
}

describe('When a process that holds the owner map is killed', { skip: whyPending() ?? false }, () => {
  it('the kernel keeps none of its programs, maps and links', async () => {
    const victim = startProgram(process.execPath, [holder]);
    await until('the owner map to be attached', 10_000, () => victim.stdout !== '');
    const kinds = [
      ['prog', kernelObjects(victim.pid, 'prog_id')],
      ['map', kernelObjects(victim.pid, 'map_id')],
      ['link', kernelObjects(victim.pid, 'link_id')],
    ] as const;
    for (const [what, held] of kinds) {
      assert.ok(held.size > 0, `it holds a ${what}`);
      const listed = bpftoolIds(what);
      assert.ok([...held].every((id) => listed.has(id)), `bpftool shows each ${what} while it lives`);
    }
    victim.kill('SIGKILL');
    await victim.ended;
    for (const [what, held] of kinds) {
      await until(`each ${what} to be gone`, 5000, () => {
        const listed = bpftoolIds(what);
        return [...held].every((id) => !listed.has(id));
      });
    }
  });
});

describe('Where the owner map cannot be had', () => {
  it('says that the addon is missing, as a value with a code', () => {
    assert.throws(
      () => openOwnerMap({ addon: '/nonexistent/owner-map.node' }),
      (error: unknown) => error instanceof OwnerMapError && error.code === 'addon-missing' && error.message !== '',
    );
  });

  it('says that a library is missing where the addon does not link', () => {
    // Any file that is no shared object stands for one whose libraries are absent: the loader's error is the same.
    assert.throws(
      () => openOwnerMap({ addon: fileURLToPath(new URL('no-addon.node', import.meta.url)) }),
      (error: unknown) => error instanceof OwnerMapError && error.code === 'library-missing',
    );
  });
});
