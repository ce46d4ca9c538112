import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { isGroupAddress, orient } from '../../../core/flow/orient.ts';
import type { FlowEnds } from '../../../core/packet/clue.ts';

const own = new Set(['192.0.2.2', 'fd00::2', '127.0.0.1']);
const isLocal = (address: string): boolean => own.has(address);

function ends(a: string, b: string): FlowEnds {
  return { protocol: 17, a, aPort: 1111, b, bPort: 2222 };
}

describe('orientation of a flow', () => {
  it('makes the machine the local end when it began', () => {
    assert.deepEqual(orient(ends('192.0.2.2', '198.51.100.7'), isLocal), {
      protocol: 17,
      localAddress: '192.0.2.2',
      localPort: 1111,
      remoteAddress: '198.51.100.7',
      remotePort: 2222,
      local: 'a',
      position: 'this-host',
    });
  });

  it('makes the machine the local end when the remote began', () => {
    const seen = orient(ends('198.51.100.7', 'fd00::2'), isLocal);
    assert.deepEqual([seen.localAddress, seen.localPort, seen.remotePort, seen.local], ['fd00::2', 2222, 1111, 'b']);
  });

  it('takes the one that began where both ends are ours', () => {
    const seen = orient(ends('127.0.0.1', '127.0.0.1'), isLocal);
    assert.deepEqual([seen.local, seen.position], ['a', 'both-ends']);
  });

  it('takes a group that a neighbour sent to as the local end', () => {
    for (const group of ['224.0.0.251', '255.255.255.255', 'ff02::fb']) {
      const seen = orient(ends('198.51.100.7', group), isLocal);
      assert.deepEqual([seen.localAddress, seen.position], [group, 'group']);
    }
  });

  it('keeps the machine local where it sends to a group', () => {
    assert.equal(orient(ends('192.0.2.2', '224.0.0.251'), isLocal).localAddress, '192.0.2.2');
  });

  it('says so where neither end is ours', () => {
    const seen = orient(ends('10.0.0.1', '198.51.100.7'), isLocal);
    assert.deepEqual([seen.localAddress, seen.position], ['10.0.0.1', 'not-this-host']);
  });

  it('never loses or invents an end', () => {
    const address = fc.constantFrom('192.0.2.2', 'fd00::2', '10.0.0.1', '224.0.0.1', 'ff02::1');
    fc.assert(
      fc.property(address, address, (a, b) => {
        const seen = orient(ends(a, b), isLocal);
        const pair = seen.local === 'a' ? [seen.localAddress, seen.remoteAddress] : [seen.remoteAddress, seen.localAddress];
        assert.deepEqual(pair, [a, b]);
      }),
    );
  });
});

describe('group addresses', () => {
  it('are multicast and limited broadcast, and nothing beside them', () => {
    const groups = ['224.0.0.1', '239.255.255.255', '255.255.255.255', 'ff02::1', 'ff0e::1:2'];
    const others = ['223.255.255.255', '240.0.0.1', '10.0.0.255', 'ff::1', 'fe80::1', '::1'];
    assert.deepEqual(groups.map(isGroupAddress), groups.map(() => true));
    assert.deepEqual(others.map(isGroupAddress), others.map(() => false));
  });
});
