import { test } from 'node:test';
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { History, readReport } from '../../../service/history/index.ts';
import { epochMs } from '../../../protocol/units.ts';
import { at, berlin, temporaryFolder } from './scene.ts';
import { bytesPerWrite, tenSecondsMs } from './writing.ts';

const program = fileURLToPath(new URL('writing.ts', import.meta.url));
const start = at('2026-09-26T10:00Z');

/** Runs a writer until it has reported `writes` commits, kills it at once, and returns the last instant it reported. */
async function writeAndKill(file: string, from: number, writes: number): Promise<number> {
  const child = spawn(process.execPath, [program, file, String(from)], { stdio: ['ignore', 'pipe', 'inherit'] });
  let reported = 0;
  let committed = from;
  for await (const line of createInterface(child.stdout)) {
    committed = Number(line);
    reported += 1;
    if (reported === writes) child.kill('SIGKILL');
  }
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  assert.equal(child.signalCode, 'SIGKILL', 'it was killed while it wrote');
  return committed;
}

test('Killed twenty times while it writes, a history opens clean, keeps all that was committed and loses at most ten seconds', async (context) => {
  const file = path.join(temporaryFolder(context), 'history.sqlite');
  let time: number = start;
  let expected = 0;
  for (let round = 0; round < 20; round += 1) {
    const committed = await writeAndKill(file, time, 1 + Math.floor(Math.random() * 25));
    expected += ((committed - time) / tenSecondsMs) * bytesPerWrite;
    const now = epochMs(committed + 100 * tenSecondsMs);
    const kept = readReport(file, { by: 'host' }, now).total.rxBytes;
    const extra = (kept - expected) / bytesPerWrite;
    // Between its last commit and its report of it a writer may die: then there is one write more than was reported.
    assert.ok(Number.isInteger(extra) && extra >= 0, `round ${round}: ${kept} of ${expected} bytes`);
    const history = new History({ path: file, calendar: berlin, now, pid: process.pid });
    assert.equal(history.notice, null, 'opens clean');
    assert.equal(history.reader.report({ by: 'app' }, now).total.rxBytes, kept);
    history.close(now);
    expected = kept;
    time = Math.ceil((committed + extra * tenSecondsMs) / tenSecondsMs) * tenSecondsMs;
  }
});
