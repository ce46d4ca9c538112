import { test } from 'node:test';
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { History } from '../../../service/history/index.ts';
import { epochMs } from '../../../protocol/units.ts';
import { at, berlin, readReport, temporaryFolder } from './scene.ts';
import { bytesPerWrite, tenSecondsMs } from './writing.ts';

const program = fileURLToPath(new URL('writing.ts', import.meta.url));
const start = at('2026-09-26T10:00Z');

/** Each takes a third of a second: few in every run of all tests, more where somebody wants to know it better. */
const rounds = Number(process.env['TIDEWATCH_KILL_ROUNDS'] ?? 20);

interface Killed {
  /** The last instant that was reported as committed. */
  readonly committed: number;
  /** Whether it had begun a write that it did not report. */
  readonly inWrite: boolean;
}

/** A write takes some milliseconds: a kill so long after its beginning, in milliseconds, lies anywhere in it, or just after. */
const longestDelayMs = 4;

/** Runs a writer until it has reported `writes` commits and begins the next, and kills it a little later. */
async function writeAndKill(file: string, from: number, writes: number): Promise<Killed> {
  const child = spawn(process.execPath, [program, file, String(from)], { stdio: ['ignore', 'pipe', 'inherit'] });
  let reported = 0;
  let committed = from;
  let inWrite = false;
  for await (const line of createInterface(child.stdout)) {
    inWrite = line === 'writing';
    if (inWrite && reported === writes) setTimeout(() => child.kill('SIGKILL'), Math.random() * longestDelayMs);
    if (inWrite) continue;
    committed = Number(line);
    reported += 1;
  }
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  assert.equal(child.signalCode, 'SIGKILL', 'it was killed while it wrote');
  return { committed, inWrite };
}

test(`Killed ${rounds} times while it writes, a history opens clean, keeps all that was committed and loses at most ten seconds`, async (context) => {
  const file = path.join(temporaryFolder(context), 'history.sqlite');
  let time: number = start;
  let expected = 0;
  assert.ok(rounds >= 1, 'TIDEWATCH_KILL_ROUNDS is a number');
  const counted = { killed: 0, inWrite: 0, committedUnreported: 0 };
  for (let round = 0; round < rounds; round += 1) {
    const { committed, inWrite } = await writeAndKill(file, time, 1 + Math.floor(Math.random() * 25));
    expected += ((committed - time) / tenSecondsMs) * bytesPerWrite;
    const now = epochMs(committed + 100 * tenSecondsMs);
    const kept = readReport(file, { by: 'host' }, now).total.rxBytes;
    const extra = (kept - expected) / bytesPerWrite;
    // Between its last commit and its report of it a writer may die: then there is one write more than was reported.
    assert.ok(Number.isInteger(extra) && extra >= 0, `round ${round}: ${kept} of ${expected} bytes`);
    counted.killed += 1;
    if (inWrite) counted.inWrite += 1;
    counted.committedUnreported += extra;
    const history = new History({ path: file, calendar: berlin, now, pid: process.pid });
    assert.equal(history.notice, null, 'opens clean');
    assert.equal(history.reader.report({ by: 'app' }, now).total.rxBytes, kept);
    history.close(now);
    expected = kept;
    time = Math.ceil((committed + extra * tenSecondsMs) / tenSecondsMs) * tenSecondsMs;
  }
  const { killed, inWrite, committedUnreported } = counted;
  context.diagnostic(`${killed} killed, ${inWrite} in mid-write (${committedUnreported} of them after the commit), 0 commits lost`);
});
