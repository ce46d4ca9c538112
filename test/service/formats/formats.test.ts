import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, it } from 'node:test';
import { csvText, parquetBytes, writeWhole } from '../../../service/formats/index.ts';
import type { DataTable } from '../../../service/formats/index.ts';
import { rowsInParquet } from './parquet-reader.ts';

const table: DataTable = [
  { name: 'app', type: 'text', values: ['curl', 'a "quoted", name\nin lines', '=HYPERLINK("x")', null] },
  { name: 'bytes', type: 'count', values: [0, Number.MAX_SAFE_INTEGER, 7, null] },
  { name: 'share', type: 'number', values: [0.25, 0, 1, null] },
  { name: 'at', type: 'time', values: [0, 1_795_176_000_123, 1, null] },
];

describe('a table', () => {
  it('is CSV that keeps to RFC 4180 and is no formula', () => {
    assert.equal(csvText(table), [
      'app,bytes,share,at',
      'curl,0,0.25,1970-01-01T00:00:00.000Z',
      '"a ""quoted"", name\nin lines",9007199254740991,0,2026-11-20T12:00:00.123Z',
      '"\'=HYPERLINK(""x"")",7,1,1970-01-01T00:00:00.001Z',
      ',,,',
      '',
    ].join('\r\n'));
  });

  it('is Parquet that another reader reads back, each number exact', () => {
    assert.deepEqual(rowsInParquet(parquetBytes(table)), [
      { app: 'curl', bytes: 0n, share: 0.25, at: 0 },
      { app: 'a "quoted", name\nin lines', bytes: 9_007_199_254_740_991n, share: 0, at: 1_795_176_000_123 },
      { app: '=HYPERLINK("x")', bytes: 7n, share: 1, at: 1 },
      { app: null, bytes: null, share: null, at: null },
    ]);
  });

  it('is CSV without rows, too', () => {
    const empty = table.map((column) => ({ ...column, values: [] }));
    assert.equal(csvText(empty), 'app,bytes,share,at\r\n');
  });
});

describe('a file', () => {
  it('is there whole, for its owner, or not at all', () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'tidewatch-formats-'));
    try {
      const file = path.join(folder, 'a.csv');
      writeWhole(file, 'one');
      writeWhole(file, Buffer.from('two'));
      assert.equal(readFileSync(file, 'utf8'), 'two');
      assert.equal(statSync(file).mode & 0o777, 0o600);
      mkdirSync(path.join(folder, 'taken/in'), { recursive: true });
      assert.throws(() => writeWhole(path.join(folder, 'taken'), 'x'));
      assert.throws(() => writeWhole('/dev/full/x', 'x'));
      assert.deepEqual(readdirSync(folder).toSorted(), ['a.csv', 'taken']);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
