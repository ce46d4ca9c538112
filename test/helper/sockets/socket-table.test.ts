import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { SocketRecord } from '../../../helper/native/index.ts';
import { SocketTable, fitOf } from '../../../helper/sockets/socket-table.ts';
import { endsOf } from '../support/ends.ts';
import { socketRecord } from '../support/records.ts';

const flow = endsOf({ protocol: 17 });
const six = endsOf({ protocol: 17, localAddress: 'fd00::2', remoteAddress: '2001:db8::7' });

describe('how a socket fits a flow', () => {
  const cases: readonly (readonly [string, Partial<SocketRecord>, string | null])[] = [
    ['the whole 5-tuple', { localAddress: '192.0.2.2', remoteAddress: '198.51.100.7', remotePort: 443 }, 'connected'],
    ['the 5-tuple of an IPv6 socket, IPv4-mapped', { family: 6, localAddress: '::ffff:192.0.2.2', remoteAddress: '::ffff:198.51.100.7', remotePort: 443 }, 'connected'],
    ['another remote', { localAddress: '192.0.2.2', remoteAddress: '198.51.100.8', remotePort: 443 }, null],
    ['another remote port', { localAddress: '192.0.2.2', remoteAddress: '198.51.100.7', remotePort: 80 }, null],
    ['its local address, any remote', { localAddress: '192.0.2.2' }, 'bound'],
    ['another local address', { localAddress: '192.0.2.3' }, null],
    ['any IPv4 address', {}, 'wildcard'],
    ['another port', { localPort: 40_001 }, null],
    ['an IPv6 wildcard that takes IPv4', { family: 6, localAddress: '::', ipv6Only: false }, 'dual-stack'],
    ['an IPv6 wildcard that does not', { family: 6, localAddress: '::', ipv6Only: true }, null],
    ['an IPv6 wildcard of which nothing is known', { family: 6, localAddress: '::' }, 'dual-stack-unsure'],
  ];
  for (const [name, part, fit] of cases) {
    it(`${name}: ${fit ?? 'not at all'}`, () => assert.equal(fitOf(socketRecord(part), flow), fit));
  }

  it('an IPv4 wildcard never carries IPv6, an IPv6 wildcard does', () => {
    assert.equal(fitOf(socketRecord(), six), null);
    assert.equal(fitOf(socketRecord({ family: 6, localAddress: '::', remoteAddress: '::', ipv6Only: true }), six), 'wildcard');
  });
});

describe('the sockets that can have carried a flow', () => {
  it('are ordered by their fit', () => {
    const table = new SocketTable([
      socketRecord({ inode: 4, family: 6, localAddress: '::', ipv6Only: false }),
      socketRecord({ inode: 3 }),
      socketRecord({ inode: 1, localAddress: '192.0.2.2', remoteAddress: '198.51.100.7', remotePort: 443 }),
      socketRecord({ inode: 2, localAddress: '192.0.2.2' }),
      socketRecord({ inode: 9, localPort: 53 }),
    ]);
    const found = table.candidates({ interfaceIndex: 2, ends: flow });
    assert.deepEqual(found.map(({ socket }) => socket.inode), [1, 2, 3, 4]);
  });

  it('are only those of the interface where one is bound to it', () => {
    const table = new SocketTable([socketRecord({ inode: 1, interfaceIndex: 7 }), socketRecord({ inode: 2, interfaceIndex: 8 }), socketRecord({ inode: 3 })]);
    const on = (interfaceIndex: number): readonly number[] => table.candidates({ interfaceIndex, ends: flow }).map(({ socket }) => socket.inode);
    assert.deepEqual([on(7), on(8), on(9), on(0)], [[1, 3], [2, 3], [1, 2, 3], [1, 2, 3]]);
  });
});
