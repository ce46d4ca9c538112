import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { addressBytes, addressText, canonicalAddress } from '../../../core/flow/address.ts';
import { parseNetworkPrefix, prefixContains } from '../../../core/flow/network-prefix.ts';

describe('the text of an address', () => {
  const cases: readonly (readonly [string, string | null])[] = [
    ['192.0.2.1', '192.0.2.1'],
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['2001:DB8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
    ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
    ['0:0:0:0:0:0:0:0', '::'],
    ['::1', '::1'],
    ['fe80::1%eth0', 'fe80::1'],
    ['64:ff9b::192.0.2.33', '64:ff9b::c000:221'],
    ['1::', '1::'],
    ['256.0.0.1', null],
    ['1.2.3', null],
    ['1:2:3:4:5:6:7', null],
    ['1:2:3:4:5:6:7:8:9', null],
    ['1::2::3', null],
    ['1:2:3:4:5:6:7::8', null],
    ['::1.2.3.999', null],
    ['', null],
    ['example.org', null],
  ];
  for (const [written, canonical] of cases) {
    it(`"${written}" is ${canonical ?? 'no address'}`, () => assert.equal(canonicalAddress(written), canonical));
  }

  it('survives the way to bytes and back', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 16, maxLength: 16 }), (bytes) => {
        const text = addressText(bytes, 0, 6);
        const back = addressBytes(text);
        assert.ok(back !== null);
        assert.equal(addressText(back, 0, back.length === 4 ? 4 : 6), text);
        assert.deepEqual([...bytes.subarray(16 - back.length)], [...back]);
      }),
    );
  });
});

describe('a network prefix', () => {
  const inside = (prefix: string, address: string): boolean | null => {
    const parsed = parseNetworkPrefix(prefix);
    const bytes = addressBytes(address);
    return parsed === null || bytes === null ? null : prefixContains(parsed, bytes);
  };
  it('holds its own addresses and no others', () => {
    assert.equal(inside('10.0.0.0/8', '10.255.0.1'), true);
    assert.equal(inside('10.0.0.0/8', '11.0.0.1'), false);
    assert.equal(inside('172.16.0.0/12', '172.31.255.255'), true);
    assert.equal(inside('172.16.0.0/12', '172.32.0.0'), false);
    assert.equal(inside('fd00::/8', 'fd12::1'), true);
    assert.equal(inside('0.0.0.0/0', '8.8.8.8'), true);
    assert.equal(inside('0.0.0.0/0', '::1'), false);
    assert.equal(inside('192.0.2.7', '192.0.2.7'), true);
  });
  for (const wrong of ['10.0.0.0/33', '10.0.0/8', 'fd00::/129', '10.0.0.0/8/8', '10.0.0.0/x', '']) {
    it(`"${wrong}" is none`, () => assert.equal(parseNetworkPrefix(wrong), null));
  }
});
