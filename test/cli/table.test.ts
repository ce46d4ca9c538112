import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { plainPaint } from '../../cli/paint.ts';
import { tableLines } from '../../cli/table.ts';
import type { Table } from '../../cli/table.ts';
import { widthOf } from '../../cli/terminal.ts';

const table: Table = {
  columns: [
    { title: 'APPS', align: 'left', grows: true },
    { title: 'bytes', align: 'right' },
  ],
  rows: [
    ['curl', '12 B'],
    ['a program with a long name', '1.23 MB'],
    ['日本語', '0 B'],
  ],
};

describe('a table', () => {
  it('is as wide as what it holds where nothing limits it', () => {
    assert.deepEqual(tableLines(table, { width: Infinity, paint: plainPaint }), [
      'APPS                          bytes',
      'curl                           12 B',
      'a program with a long name  1.23 MB',
      '日本語                          0 B',
    ]);
  });

  it('squeezes the growing column where the terminal is narrow', () => {
    assert.deepEqual(tableLines(table, { width: 24, paint: plainPaint }), [
      'APPS               bytes',
      'curl                12 B',
      'a program with…  1.23 MB',
      '日本語               0 B',
    ]);
  });

  it('has lines of exactly the width it is given', () => {
    for (let width = 20; width < 120; width += 1) {
      for (const line of tableLines(table, { width, paint: plainPaint })) assert.equal(widthOf(line), width);
    }
  });

  it('squeezes other columns of text too where the growing one is not enough, but never a number', () => {
    const flows: Table = {
      columns: [
        { title: 'from', align: 'left', keeps: 'end' },
        { title: 'name', align: 'left', grows: true },
        { title: 'bytes', align: 'right' },
      ],
      rows: [['[2001:db8:1234:5678::1]:59201', 'example.com', '1.23 MB']],
    };
    assert.deepEqual(tableLines(flows, { width: 34, paint: plainPaint }), [
      'from         name            bytes',
      '…::1]:59201  example.com   1.23 MB',
    ]);
  });

  it('spells out control characters in its cells', () => {
    const hostile = { columns: [{ title: 'name', align: 'left' }], rows: [['\x1b[2Jcurl']] } as const;
    assert.deepEqual(tableLines(hostile, { width: Infinity, paint: plainPaint }), ['name', String.raw`\x1b[2Jcurl`]);
  });

  it('colours whole cells, so that colours change no width', () => {
    const marked = tableLines({ ...table, rows: [[{ text: 'curl', tone: 'good' }, '1 B']] }, { width: 20, paint: (tone, text) => `<${tone}>${text}` });
    assert.deepEqual(marked, ['<title>APPS           <title>bytes', '<good>curl           <normal>  1 B']);
  });
});
