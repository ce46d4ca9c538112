import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { LineSplitter } from '../../../helper/link/lines.ts';

describe('lines of a stream', () => {
  it('are the same however the stream is cut', () => {
    const text = fc.array(fc.string({ unit: 'grapheme' }).map((line) => line.replaceAll('\n', '')), { maxLength: 10 });
    fc.assert(
      fc.property(text, fc.integer({ min: 1, max: 7 }), (lines, size) => {
        const bytes = Buffer.from(lines.map((line) => `${line}\n`).join(''));
        const splitter = new LineSplitter(1000);
        const found: string[] = [];
        for (let start = 0; start < bytes.length; start += size) found.push(...(splitter.push(bytes.subarray(start, start + size)) ?? []));
        assert.deepEqual(found, lines);
      }),
    );
  });

  it('are refused beyond their length, whether or not their end has come', () => {
    assert.equal(new LineSplitter(3).push(Buffer.from('abcd')), null);
    assert.equal(new LineSplitter(3).push(Buffer.from('abcd\n')), null);
    const splitter = new LineSplitter(3);
    assert.deepEqual(splitter.push(Buffer.from('abc')), []);
    assert.equal(splitter.push(Buffer.from('d')), null);
    assert.deepEqual(new LineSplitter(3).push(Buffer.from('abc\nabc\n')), ['abc', 'abc']);
  });
});
