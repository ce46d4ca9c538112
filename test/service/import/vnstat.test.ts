import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, it } from 'node:test';
import Database from 'better-sqlite3';
import fc from 'fast-check';
import { openHistoryFile } from '../../../service/history-file.ts';
import { importVnstat } from '../../../service/import/index.ts';
import { vnstatStretches } from '../../../service/import/vnstat.ts';

const date = (day: number): object => ({ year: 2024, month: 3, day });

/** What vnStat 2.10 prints, with the fields that are not read, too. */
function document(updatedDay: number): string {
  const day = (each: number, rx: number): object => ({ id: each, date: date(each), timestamp: 0, rx, tx: 1 });
  return JSON.stringify({
    vnstatversion: '2.10', jsonversion: '2',
    interfaces: [{
      name: 'eth0', alias: '', created: { date: date(1) }, updated: { date: date(updatedDay), time: { hour: 9, minute: 5 } },
      traffic: {
        total: { rx: 1, tx: 1 }, fiveminute: [], month: [], year: [], top: [],
        hour: [{ id: 1, date: date(5), time: { hour: 8, minute: 0 }, rx: 700, tx: 1 }, { id: 2, date: date(5), time: { hour: 20, minute: 0 }, rx: 300, tx: 0 }],
        day: [day(4, 5000), day(5, 1000), day(6, 77)],
      },
    }],
  });
}

describe("vnStat's history", () => {
  it('is taken over by whole days, by the hour where its hours hold all, each once', async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'tidewatch-vnstat-'));
    const historyPath = path.join(folder, 'history.sqlite');
    try {
      const first = await importVnstat(historyPath, document(6));
      assert.deepEqual([first.imported, first.rxBytes, first.txBytes], [2, 6000, 2], 'the sixth is not over');
      const again = await importVnstat(historyPath, document(7));
      assert.deepEqual([again.imported, again.known, again.rxBytes], [1, 2, 77]);
      using file = openHistoryFile(historyPath);
      assert.deepEqual(file.query('report', { by: 'day' }).rows.map(({ key, rxBytes }) => [key, rxBytes]), [['2024-03-04', 5000], ['2024-03-05', 1000], ['2024-03-06', 77]]);
      assert.deepEqual(file.query('report', { by: 'network' }).rows.map(({ key, rxBytes }) => [key, rxBytes]), [['eth0', 6077]]);
      assert.deepEqual(file.query('report', { by: 'app' }).rows.map(({ key }) => key), [null]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('is refused in one line where it is something else', () => {
    for (const text of ['', '{', '[]', '{"jsonversion":"1","interfaces":[]}', '{"jsonversion":"2","interfaces":[{"name":"","updated":{}}]}']) {
      assert.throws(() => vnstatStretches(text), { code: 'file-unreadable', message: /vnstat --json/u });
    }
    fc.assert(fc.property(fc.json(), (text) => {
      try {
        vnstatStretches(text);
      } catch (error) {
        assert.ok(error instanceof Error && error.name === 'ServiceError');
      }
    }));
  });
});

const isMissing = ['vnstat', 'vnstatd'].some((program) => spawnSync(program, ['--version']).error !== undefined);

describe('a real vnStat', { skip: isMissing ? "pending: Debian's package vnstat is not installed" : false }, () => {
  it('prints what is taken over', async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'tidewatch-vnstat-'));
    try {
      const configuration = path.join(folder, 'vnstat.conf');
      writeFileSync(configuration, `DatabaseDir "${folder}"\nUseLogging 0\n`);
      execFileSync('vnstatd', ['--config', configuration, '--initdb'], { stdio: 'ignore' });
      execFileSync('vnstat', ['--config', configuration, '--add', '-i', 'lo'], { stdio: 'ignore' });
      // Its daemon would need days: the same rows, in its own database.
      const database = new Database(path.join(folder, 'vnstat.db'));
      database.exec("INSERT INTO day (interface, date, rx, tx) VALUES (1, '2024-03-04', 5000, 40), (1, '2024-03-05', 1000, 3)");
      database.exec("INSERT INTO hour (interface, date, rx, tx) VALUES (1, '2024-03-05 08:00:00', 700, 1), (1, '2024-03-05 20:00:00', 300, 2)");
      database.close();
      const text = execFileSync('vnstat', ['--config', configuration, '--json'], { encoding: 'utf8' });
      const result = await importVnstat(path.join(folder, 'history.sqlite'), text);
      assert.deepEqual([result.imported, result.rxBytes, result.txBytes], [2, 6000, 43]);
      assert.deepEqual(vnstatStretches(text).map(({ usages }) => usages.length), [1, 2]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
