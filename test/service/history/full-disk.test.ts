import { test } from 'node:test';
import assert from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { History } from '../../../service/history/index.ts';
import { epochMs } from '../../../protocol/units.ts';
import { usage } from '../../core/history/usages.ts';
import { at, berlin, temporaryDisk } from './scene.ts';

const start = at('2026-09-26T10:00Z');

test('On a full disk what is measured is held in memory, and goes into the file when there is room again', (context) => {
  if (process.getuid?.() !== 0) {
    context.skip('pending: mounting a small disk needs root');
    return;
  }
  const folder = temporaryDisk(context, '2m');
  const history = new History({ path: path.join(folder, 'history.sqlite'), calendar: berlin, now: start, pid: process.pid });
  const ballast = path.join(folder, 'ballast');
  let time: number = start;
  const tenSeconds = (): ReturnType<History['flush']> => {
    for (let row = 0; row < 100; row += 1) {
      history.add(usage({ at: time + row, host: `h${row}-${time}.example`, domain: 'd.example', rxBytes: 1000 }));
    }
    time += 10_000;
    return history.flush(epochMs(time));
  };
  assert.equal(tenSeconds().kind, 'written');
  fillDisk(ballast);
  let held = 0;
  for (let round = 0; round < 20; round += 1) held += tenSeconds().kind === 'held' ? 1 : 0;
  assert.ok(held > 0, 'the disk was full');
  assert.ok(history.held > 0, 'rows are held');
  assert.equal(history.cleanUp(epochMs(time)).deletedRows >= 0, true, 'clean-up is no trouble either');
  rmSync(ballast);
  assert.equal(tenSeconds().kind, 'written');
  assert.equal(history.held, 0);
  assert.equal(history.reader.report({ by: 'host' }, epochMs(time)).total.rxBytes, 22 * 100 * 1000);
  assert.equal(history.close(epochMs(time)).kind, 'written');
});

/** Writes until the disk takes no more. */
function fillDisk(file: string): void {
  for (const size of [65_536, 4096]) {
    for (let full = false; !full; ) {
      try {
        writeFileSync(file, Buffer.alloc(size), { flag: 'a' });
      } catch (error) {
        if (!(error instanceof Error && 'code' in error && error.code === 'ENOSPC')) throw error;
        full = true;
      }
    }
  }
}
