import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { epochMs } from '../../../protocol/units.ts';
import { writeWhole } from '../../../service/formats/index.ts';
import { exportHistory } from '../../../service/import/index.ts';
import { History, calendarOf } from '../../../service/history/index.ts';
import { Archive } from '../../../service/reports/archive.ts';
import { usage } from '../../core/history/usages.ts';
import { temporaryDisk } from '../history/scene.ts';

test('On a full disk a file, an export and an archived report are there whole or not at all', (context) => {
  if (process.getuid?.() !== 0) {
    context.skip('pending: mounting a small disk needs root');
    return;
  }
  const disk = temporaryDisk(context, '256k');
  const place = path.join(disk, 'a.bin');
  writeWhole(place, 'before');
  const large = Buffer.alloc(1_000_000, 7);
  assert.throws(() => writeWhole(place, large), { code: 'ENOSPC' });
  assert.equal(readFileSync(place, 'utf8'), 'before', 'what was there is as it was');
  const archive = new Archive(disk);
  assert.throws(() => archive.write({ stem: 'report', form: 'zip' }, large, epochMs(1)), { code: 'ENOSPC' });
  assert.deepEqual(archive.list(), []);

  const folder = mkdtempSync(path.join(tmpdir(), 'tidewatch-full-'));
  context.after(() => rmSync(folder, { recursive: true }));
  const historyPath = path.join(folder, 'history.sqlite');
  const start = Date.UTC(2026, 8, 26, 10);
  const history = new History({ path: historyPath, calendar: calendarOf(() => 'UTC'), now: epochMs(start), pid: process.pid });
  for (let row = 0; row < 3000; row += 1) history.add(usage({ at: start + row * 900_000, host: `h${row % 200}.example`, domain: 'd.example', rxBytes: 1000 }));
  history.close(epochMs(start + 3001 * 900_000));
  const file = path.join(disk, 'all.jsonl');
  assert.throws(() => exportHistory(historyPath, { file, format: 'jsonl', now: epochMs(start + 3002 * 900_000) }), { code: 'report-unwritable', message: /cannot write .*all\.jsonl \(ENOSPC\): nothing was written/u });
  assert.deepEqual(readdirSync(disk), ['a.bin']);
});
