import { test } from 'node:test';
import assert from 'node:assert/strict';
import { copyFileSync, existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import Database from 'better-sqlite3';
import type { TestContext } from 'node:test';
import { History } from '../../../service/history/index.ts';
import { ServiceError } from '../../../service/service-error.ts';
import { epochMs } from '../../../protocol/units.ts';
import { usage } from '../../core/history/usages.ts';
import { at, berlin, temporaryFolder } from './scene.ts';

const now = at('2026-09-26T10:00Z');

function open(file: string): History {
  return new History({ path: file, calendar: berlin, now, pid: process.pid });
}

/** A closed history with some hundred rows. */
function filled(context: TestContext): string {
  const file = path.join(temporaryFolder(context), 'history.sqlite');
  const history = open(file);
  for (let index = 0; index < 400; index += 1) {
    history.add(usage({ at: now + index * 10_000, host: `h${index}.example`, domain: `d${index % 40}.example` }));
  }
  history.close(epochMs(now + 4_000_000));
  return file;
}

function flip(file: string, offset: number): void {
  const bytes = readFileSync(file);
  bytes[offset] = (bytes[offset] ?? 0) ^ 0xff;
  writeFileSync(file, bytes);
}

function setAsideNames(file: string): string[] {
  return readdirSync(path.dirname(file)).filter((name) => name.includes('.damaged-'));
}

test('A damaged history is set aside with the date in its name, a new one begins, and the notice says where it is', (context) => {
  const file = filled(context);
  const whole = readFileSync(file);
  // The header of the b-tree page that begins the second page: every table of the file hangs on pages like it.
  for (let page = 1; page < whole.length / 4096; page += 1) flip(file, page * 4096);
  const damaged = readFileSync(file);
  const history = open(file);
  assert.equal(history.notice?.path, `${file}.damaged-2026-09-26-100000`);
  assert.match(history.notice.message, /set aside as .*damaged-2026-09-26-100000/u);
  assert.deepEqual(readFileSync(history.notice.path), damaged, 'the damaged file is what it was');
  history.add(usage({ at: now, rxBytes: 5 }));
  history.flush(now);
  assert.equal(history.reader.report({ by: 'app' }, epochMs(now + 1000)).total.rxBytes, 5);
  history.close(now);
});

test('A file of zeros, as a power cut leaves it, is set aside', (context) => {
  const file = path.join(temporaryFolder(context), 'history.sqlite');
  writeFileSync(file, Buffer.alloc(8192));
  const history = open(file);
  assert.notEqual(history.notice, null);
  history.close(now);
});

test('A second damaged file of the same second gets a name of its own', (context) => {
  const file = path.join(temporaryFolder(context), 'history.sqlite');
  for (let round = 0; round < 2; round += 1) {
    writeFileSync(file, Buffer.alloc(8192));
    open(file).close(now);
  }
  assert.equal(setAsideNames(file).length, 2);
});

test('Whichever byte is flipped, the program goes on: it opens, sets aside or refuses, and never loses the file', (context) => {
  const file = filled(context);
  const whole = readFileSync(file);
  const outcomes = new Map<string, number>();
  for (let offset = 0; offset < whole.length; offset += 1361) {
    const copy = path.join(temporaryFolder(context), 'history.sqlite');
    copyFileSync(file, copy);
    flip(copy, offset);
    const outcome = useDamaged(copy);
    outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
    const kept = [copy, ...setAsideNames(copy).map((name) => path.join(path.dirname(copy), name))];
    assert.ok(kept.some((name) => existsSync(name) && readFileSync(name).length >= whole.length), `byte ${offset}`);
  }
  assert.ok((outcomes.get('set aside') ?? 0) > 0, JSON.stringify([...outcomes]));
});

/** Opens, writes, reads and closes a file that may be damaged anywhere. */
function useDamaged(file: string): string {
  let history: History;
  try {
    history = open(file);
  } catch (error) {
    assert.ok(error instanceof ServiceError, String(error));
    return 'refused';
  }
  history.add(usage({ at: now + 5_000_000 }));
  const outcome = history.flush(epochMs(now + 5_000_000));
  assert.equal(outcome.kind, 'written');
  const aside = history.notice !== null || (outcome.kind === 'written' && outcome.notice !== null);
  history.close(now);
  return aside ? 'set aside' : 'opened';
}

test('Damage that shows only while running is set aside then, and what was held is written to the new file', (context) => {
  const file = filled(context);
  const history = open(file);
  // A change by another connection makes ours read its pages again.
  const other = new Database(file);
  other.exec('UPDATE state SET measured_until = 1');
  other.pragma('wal_checkpoint(TRUNCATE)');
  const size = readFileSync(file).length;
  const bytes = readFileSync(file);
  for (let page = 1; page < size / 4096; page += 1) bytes[page * 4096] = 0xff;
  writeFileSync(file, bytes);
  other.close();
  history.add(usage({ at: now + 5_000_000, rxBytes: 77 }));
  const outcome = history.flush(epochMs(now + 5_000_000));
  assert.ok(outcome.kind === 'written' && outcome.notice !== null, JSON.stringify(outcome));
  assert.equal(history.reader.report({ by: 'app' }, epochMs(now + 6_000_000)).total.rxBytes, 77);
  history.close(now);
});
