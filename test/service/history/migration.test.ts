import { test } from 'node:test';
import type { TestContext } from 'node:test';
import assert from 'node:assert/strict';
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import Database from 'better-sqlite3';
import { schemaVersion } from '../../../core/history/schema.ts';
import { ReportKey } from '../../../protocol/app.ts';
import { epochMs } from '../../../protocol/units.ts';
import { History } from '../../../service/history/index.ts';
import { usage } from '../../core/history/usages.ts';
import { at, berlin, hourMs, readReport, temporaryFolder } from './scene.ts';

const now = at('2026-09-26T10:00Z');
const later = epochMs(now + hourMs);

/** A copy of a history that schema 1 made. */
function oldHistory(context: TestContext): string {
  const file = path.join(temporaryFolder(context), 'history.sqlite');
  writeFileSync(file, gunzipSync(readFileSync(new URL('../../fixtures/history/schema-1.sqlite.gz', import.meta.url))));
  return file;
}

function open(file: string): History {
  return new History({ path: file, calendar: berlin, now, pid: process.pid });
}

function version(file: string): number {
  const database = new Database(file, { readonly: true });
  const found = Number(database.pragma('user_version', { simple: true }));
  database.close();
  return found;
}

test('A history of schema 1 is brought up to date when it is opened to write, and keeps every byte', (context) => {
  const file = oldHistory(context);
  assert.equal(version(file), 1);
  const history = open(file);
  context.after(() => history.close(now));
  assert.equal(history.notice, null, 'nothing was set aside');
  for (const by of ReportKey.options) {
    const { total } = history.reader.report({ by }, later);
    assert.deepEqual([total.rxBytes, total.txBytes, total.connections], [444, 120, 4], by);
  }
  assert.deepEqual(history.reader.report({ by: 'service' }, later).rows.map(({ key }) => key), [null]);
  assert.deepEqual(history.reader.report({ by: 'country' }, later).rows.map(({ key }) => key), [null]);
  assert.equal(history.reader.report({ by: 'app' }, later).gaps.some(({ reason }) => reason === 'asleep'), true);
  assert.equal(version(file), schemaVersion);
});

test('What is measured from then on has a service and a country, also of hosts that were there before', (context) => {
  const history = open(oldHistory(context));
  context.after(() => history.close(now));
  history.add(usage({ at: now, app: '/usr/bin/curl', host: 'www.example.org', domain: 'example.org', rxBytes: 1000, service: 'https', country: 'DE' }));
  history.flush(later);
  assert.deepEqual(history.reader.report({ by: 'service' }, later).rows.map(({ key, rxBytes }) => [key, rxBytes]), [['https', 1000], [null, 444]]);
  assert.deepEqual(history.reader.report({ by: 'country' }, later).rows.map(({ key, rxBytes }) => [key, rxBytes]), [['DE', 1004], [null, 440]]);
  assert.equal(history.reader.report({ by: 'app' }, later).rows.find(({ key }) => key === '/usr/bin/curl')?.rxBytes, 1004);
});

test('A migrated file is the same as a new one, and sound', (context) => {
  const file = oldHistory(context);
  open(file).close(now);
  const database = new Database(file, { readonly: true });
  context.after(() => database.close());
  assert.equal(database.pragma('integrity_check', { simple: true }), 'ok');
  assert.deepEqual(database.pragma('foreign_key_check'), []);
  const fresh = path.join(temporaryFolder(context), 'history.sqlite');
  open(fresh).close(now);
  const other = new Database(fresh, { readonly: true });
  context.after(() => other.close());
  const schema = 'SELECT type, name, sql FROM sqlite_schema ORDER BY name';
  assert.deepEqual(database.prepare(schema).all(), other.prepare(schema).all());
});

test('Reading an older file, when no service runs, answers from it and leaves it as it is', (context) => {
  const file = oldHistory(context);
  const before = readFileSync(file);
  assert.equal(readReport(file, { by: 'service' }, later).total.rxBytes, 444);
  assert.deepEqual(readFileSync(file), before);
});

test('A migration that is cut off leaves a file of the old schema, which the next start brings up to date', (context) => {
  const file = oldHistory(context);
  const database = new Database(file);
  // Its last step cannot be done: a table of that name is there already.
  database.exec('CREATE TABLE http_day (x)');
  database.close();
  const broken = path.join(path.dirname(file), 'copy.sqlite');
  copyFileSync(file, broken);
  assert.throws(() => open(broken), /http_day/u);
  assert.equal(version(broken), 1);
  const again = new Database(broken);
  again.exec('DROP TABLE http_day');
  again.close();
  const history = open(broken);
  assert.equal(history.reader.report({ by: 'app' }, later).total.rxBytes, 444);
  history.close(now);
});
