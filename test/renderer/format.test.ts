import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { csv, csvField } from '../../renderer/format/csv.ts';
import { duration, span } from '../../renderer/format/moment.ts';
import { fileName, shownName } from '../../renderer/format/name.ts';
import { percent, rate, roundCeiling, size, written } from '../../renderer/format/quantity.ts';
import type { Units } from '../../renderer/format/quantity.ts';

const si: Units = { rates: 'bytes', prefixes: 'si' };
const iec: Units = { rates: 'bits', prefixes: 'iec' };

describe('a quantity', () => {
  it('has three significant digits and the unit that fits', () => {
    const shown = [0, 1, 999, 999.6, 1000, 12_345, 999_499, 999_500, 1.5e9, 2 ** 53].map((bytes) => written(size(bytes, si, 'en')));
    assert.deepEqual(shown, ['0 B', '1 B', '999 B', '1.00 kB', '1.00 kB', '12.3 kB', '999 kB', '1.00 MB', '1.50 GB', '9.01 PB'].map((text) => text.replace(' ', '\u00a0')));
  });

  it('counts in steps of 1024 and in bits where that is wanted', () => {
    assert.equal(written(size(1536, iec, 'en')), '1.50\u00a0KiB');
    assert.equal(written(rate(125_000, { rates: 'bits', prefixes: 'si' }, 'en')), '1.00\u00a0Mbit/s');
    assert.equal(written(rate(128, iec, 'en')), '1.00\u00a0Kibit/s');
  });

  it('has the decimal sign of the language', () => {
    assert.equal(written(size(12_345, si, 'de')), '12,3\u00a0kB');
    assert.equal(percent(0.983, 'de').replaceAll('\u00a0', ' '), '98 %');
  });

  it('is never longer than ten characters, whatever it is', () => {
    fc.assert(fc.property(fc.double({ min: 0, max: Number.MAX_SAFE_INTEGER, noNaN: true }), (bytes) => {
      for (const units of [si, iec]) assert.ok(written(size(bytes, units, 'en')).length <= 10);
    }));
  });

  it('as a share is never nothing where there is something, nor all where something is missing', () => {
    assert.equal(percent(0, 'en'), '0%');
    assert.equal(percent(1, 'en'), '100%');
    assert.equal(percent(0.99999, 'en'), '99.9%');
    assert.equal(percent(0.00001, 'en'), '< 0.1%');
  });

  it('of an axis ends round, and not far above the most', () => {
    fc.assert(fc.property(fc.double({ min: 1, max: 1e15, noNaN: true }), fc.constantFrom('si' as const, 'iec' as const), (least, prefixes) => {
      const end = roundCeiling(least, prefixes);
      assert.ok(end >= least * 0.999_999 && end <= least * 1.7, `${least} → ${end}`);
    }));
  });
});

describe('a name from outside', () => {
  it('shows what cannot be seen as a sign, and keeps the direction of what follows', () => {
    assert.equal(shownName('a\u0000b\u202ec\u2066d\ne\u200f'), 'a␣b␣c␣d␣e␣');
    assert.equal(shownName('👩‍👩‍👧 ünïcödé 漢字'), '👩‍👩‍👧 ünïcödé 漢字');
    assert.equal(shownName('\ud800x'), '\ufffdx');
  });

  it('is cut where nobody reads on', () => {
    assert.equal(shownName('x'.repeat(10_000)).length, 301);
  });

  it('of a path is the name of the file', () => {
    assert.equal(fileName('/usr/bin/curl'), 'curl');
    assert.equal(fileName('flatpak:org.x'), 'flatpak:org.x');
    assert.equal(fileName('/'), '/');
  });
});

describe('a CSV file', () => {
  it('quotes what needs it, and lets no name be a formula', () => {
    assert.equal(csv([['a', 1], ['b,"c"', 2]]), 'a,1\r\n"b,""c""",2\r\n');
    assert.equal(csvField('=HYPERLINK("http://x")'), `"'=HYPERLINK(""http://x"")"`);
    for (const sign of ['+', '-', '@', '\t']) assert.ok(csvField(`${sign}1`).replace(/^"/u, '').startsWith(`'`));
    assert.equal(csvField(-5), '-5');
  });
});

describe('a time', () => {
  it('is said in its two largest units', () => {
    assert.deepEqual([0, 59, 61, 3600, 90_061].map((seconds) => duration(seconds, 'en')), ['0 sec', '59 sec', '1 min 1 sec', '1 hr', '1 day 1 hr']);
  });

  it('of whole days is said without hours', () => {
    const day = new Date(2026, 10, 20).getTime();
    assert.doesNotMatch(span(day, day + 86_400_000, 'en-GB'), /:/u);
    assert.match(span(day + 1_000_000, day + 2_000_000, 'en-GB'), /:/u);
  });
});
