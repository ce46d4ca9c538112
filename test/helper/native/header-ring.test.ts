import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { describe, it } from 'node:test';
import { promisify } from 'node:util';
import { fileURLToPath } from 'node:url';

const run = promisify(execFile);
const program = fileURLToPath(new URL('live/header-scenes.ts', import.meta.url));

function whyPending(): string | undefined {
  if (process.getuid?.() !== 0) return 'pending: live captures and network namespaces need root';
  const absent = ['/usr/bin/unshare', '/usr/sbin/ip'].find((path) => !existsSync(path));
  return absent === undefined ? undefined : `pending: ${absent} is not installed`;
}

/** Plays a scene in a network namespace of its own, which ends with it. Fails with what the scene said. */
async function play(scene: string): Promise<void> {
  await run('unshare', ['--net', process.execPath, program, scene], { timeout: 60_000 });
}

describe('the headers that a live capture keeps', { skip: whyPending(), concurrency: 1 }, () => {
  it('are cut exactly where the transport header ends, or at 128 bytes, for a thousand random packets', () => play('keepsHeadersOnly'));

  it('are none unless asked for, and carry the numbers of their flows', () => play('keepsNothingUnasked'));

  it('are given once each to who takes them as they come; the oldest give way and are counted', () => play('givesEachOnce'));
});
