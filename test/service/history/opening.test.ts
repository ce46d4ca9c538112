import { test } from 'node:test';
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import Database from 'better-sqlite3';
import { applicationId, schemaVersion } from '../../../core/history/schema.ts';
import { History } from '../../../service/history/index.ts';
import { ServiceError } from '../../../service/service-error.ts';
import { usage } from '../../core/history/usages.ts';
import { at, berlin, readReport, scene, temporaryDisk, temporaryFolder } from './scene.ts';

const now = at('2026-09-26T10:00Z');
const later = at('2026-09-26T10:01Z');

function open(file: string): History {
  return new History({ path: file, calendar: berlin, now, pid: process.pid });
}

/** The code with which opening is refused, and whether its one line says what to do. */
function refusal(file: string, act: (file: string) => unknown = open): string {
  try {
    act(file);
  } catch (error) {
    assert.ok(error instanceof ServiceError, String(error));
    assert.match(error.message, /^[^\n]+: (?:make|move|update|stop|start|check)/u);
    return error.code;
  }
  return 'opened';
}

test('A new history is made in a folder that only its owner can look into, readable by its owner only', (context) => {
  const file = path.join(temporaryFolder(context), 'a/b/history.sqlite');
  const history = open(file);
  history.add(usage({ at: now }));
  history.flush(now);
  assert.equal(statSync(path.dirname(file)).mode & 0o777, 0o700);
  for (const name of readdirSync(path.dirname(file))) {
    assert.equal(statSync(path.join(path.dirname(file), name)).mode & 0o777, 0o600, name);
  }
  history.close(now);
});

test('Closing leaves one file and no log beside it', (context) => {
  const file = path.join(temporaryFolder(context), 'history.sqlite');
  const history = open(file);
  history.add(usage({ at: now, rxBytes: 9 }));
  history.close(now);
  assert.deepEqual(readdirSync(path.dirname(file)).toSorted(), ['history.sqlite', 'history.sqlite.lock']);
  assert.equal(readReport(file, { by: 'app' }, later).total.rxBytes, 9);
});

test('No history yet is said clearly, not answered with an empty report', (context) => {
  const file = path.join(temporaryFolder(context), 'history.sqlite');
  const read = (name: string): unknown => readReport(name, { by: 'app' }, now);
  assert.equal(refusal(file, read), 'history-missing');
  assert.deepEqual(readdirSync(path.dirname(file)), [], 'looking makes no file');
  writeFileSync(file, '');
  assert.equal(refusal(file, read), 'history-missing');
});

test('A history written by a newer Tidewatch is refused and stays as it is', (context) => {
  const file = path.join(temporaryFolder(context), 'history.sqlite');
  open(file).close(now);
  const database = new Database(file);
  database.pragma(`user_version = ${schemaVersion + 1}`);
  database.close();
  const before = readFileSync(file);
  assert.equal(refusal(file), 'history-newer');
  assert.equal(refusal(file, (name) => readReport(name, { by: 'app' }, now)), 'history-newer');
  assert.deepEqual(readFileSync(file), before);
});

test("Another program's database, or no database at all, is refused and stays as it is", (context) => {
  const folder = temporaryFolder(context);
  const database = path.join(folder, 'other.sqlite');
  const other = new Database(database);
  other.exec('CREATE TABLE bookmark (url TEXT)');
  other.close();
  const text = path.join(folder, 'letter.txt');
  writeFileSync(text, 'Dear history');
  for (const file of [database, text]) {
    const before = readFileSync(file);
    assert.equal(refusal(file), 'history-foreign');
    assert.equal(refusal(file, (name) => readReport(name, { by: 'app' }, now)), 'history-foreign');
    assert.deepEqual(readFileSync(file), before);
  }
  assert.deepEqual(readdirSync(folder).toSorted(), ['letter.txt', 'other.sqlite'], 'nothing is made beside it');
});

test('A place that cannot be written is refused', (context) => {
  const folder = temporaryFolder(context);
  writeFileSync(path.join(folder, 'file'), '');
  assert.equal(refusal(path.join(folder, 'file/history.sqlite')), 'history-unwritable');
  assert.equal(refusal('/proc/tidewatch/history.sqlite'), 'history-unwritable');
});

test('A read-only folder is refused, and its history can still be read', (context) => {
  if (process.getuid?.() !== 0) {
    context.skip('pending: mounting a read-only folder needs root');
    return;
  }
  const folder = temporaryDisk(context, '8m');
  const file = path.join(folder, 'history.sqlite');
  const history = open(file);
  history.add(usage({ at: now, rxBytes: 3 }));
  history.close(now);
  execFileSync('mount', ['-o', 'remount,ro', folder]);
  assert.equal(refusal(file), 'history-unwritable');
  assert.equal(readReport(file, { by: 'app' }, later).total.rxBytes, 3);
});

test('A second writer is told the process of the first, and may read meanwhile', (context) => {
  const { path: file, use } = scene(context);
  use({ at: now, rxBytes: 4 });
  assert.equal(refusal(file), 'already-running');
  assert.throws(() => open(file), new RegExp(`process ${process.pid} `, 'u'));
  assert.equal(readReport(file, { by: 'app' }, later).total.rxBytes, 4);
});

test('After the first writer has closed, another may write', (context) => {
  const file = path.join(temporaryFolder(context), 'history.sqlite');
  open(file).close(now);
  assert.equal(open(file).close(now).kind, 'written');
});

test('The file says whose it is and of which version', (context) => {
  const file = path.join(temporaryFolder(context), 'history.sqlite');
  open(file).close(now);
  const bytes = readFileSync(file);
  assert.equal(bytes.readUInt32BE(68), applicationId);
  assert.equal(bytes.readUInt32BE(60), schemaVersion);
});
