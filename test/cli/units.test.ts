import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { countText, countedText, durationText, rateOf, rateText, shareText, sizeText, widestTexts } from '../../cli/units.ts';

describe('other units', () => {
  const bits = { rates: 'bits', prefixes: 'si' } as const;
  const binary = { rates: 'bytes', prefixes: 'iec' } as const;
  it('are bits for rates, and bytes for sizes all the same', () => {
    assert.equal(rateText(1_250_000, bits), '10.0 Mbit/s');
    assert.equal(sizeText(1_250_000, bits), '1.25 MB');
  });
  it('are steps of 1024', () => {
    const cases: readonly (readonly [number, string])[] = [[1023, '1023 B'], [1024, '1.00 KiB'], [1536, '1.50 KiB'], [1000 * 1024, '1000 KiB'], [1024 ** 2 - 1, '1.00 MiB'], [5 * 1024 ** 3, '5.00 GiB']];
    for (const [bytes, text] of cases) assert.equal(sizeText(bytes, binary), text);
    assert.equal(rateText(128, { rates: 'bits', prefixes: 'iec' }), '1.00 Kibit/s');
  });
  it('never take more columns than they say', () => {
    const units = fc.record({ rates: fc.constantFrom('bytes' as const, 'bits' as const), prefixes: fc.constantFrom('si' as const, 'iec' as const) });
    fc.assert(
      fc.property(units, fc.double({ min: 0, max: 2 ** 50, noNaN: true }), (one, value) => {
        const { rate, size } = widestTexts(one);
        assert.ok(rateText(value, one).length <= rate);
        assert.ok(sizeText(value, one).length <= size);
      }),
    );
  });
});

describe('sizes and rates', () => {
  const cases: readonly (readonly [number, string])[] = [
    [0, '0 B'],
    [0.4, '0 B'],
    [999, '999 B'],
    [999.6, '1.00 kB'],
    [1000, '1.00 kB'],
    [1234, '1.23 kB'],
    [9994, '9.99 kB'],
    [9996, '10.0 kB'],
    [12_345, '12.3 kB'],
    [99_960, '100 kB'],
    [999_499, '999 kB'],
    [999_500, '1.00 MB'],
    [1_500_000, '1.50 MB'],
    [7.25e9, '7.25 GB'],
    [1.2e12, '1.20 TB'],
    [Number.MAX_SAFE_INTEGER, '9.01 PB'],
  ];
  for (const [bytes, text] of cases) it(`writes ${bytes} bytes as ${text}`, () => assert.equal(sizeText(bytes), text));

  it('writes a rate as a size per second', () => assert.equal(rateText(1_234_567), '1.23 MB/s'));

  it('never takes more than seven characters for a size', () => {
    fc.assert(fc.property(fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER }), (bytes) => sizeText(bytes).length <= 7));
  });

  it('has no rate for an interval without length', () => assert.equal(rateOf(100, 0), 0));
});

describe('shares', () => {
  it('says 100 % only of the whole', () => {
    assert.equal(shareText(10, 10), '100 %');
    assert.equal(shareText(999_999, 1_000_000), '99.9 %');
  });
  it('says 0 % only of nothing', () => {
    assert.equal(shareText(0, 10), '0 %');
    assert.equal(shareText(1, 1_000_000), '<0.1 %');
  });
  it('shows one decimal between them', () => assert.equal(shareText(983, 1000), '98.3 %'));
  it('says 100 % of nothing, since nothing is missing', () => assert.equal(shareText(0, 0), '100 %'));
});

describe('counts and lengths of time', () => {
  it('sets thousands apart with a thin blank', () => assert.equal(countText(1_234_567), '1\u202f234\u202f567'));
  it('has one noun for one and another for many', () => {
    assert.equal(countedText(1, 'flow'), '1 flow');
    assert.equal(countedText(0, 'flow'), '0 flows');
  });
  it('shows the two largest units', () => {
    assert.deepEqual(
      [0, 45, 59.6, 720, 3600, 11_100, 172_799, 187_200].map(durationText),
      ['0 s', '45 s', '1 min', '12 min', '1 h', '3 h 5 min', '2 d', '2 d 4 h'],
    );
  });
});
