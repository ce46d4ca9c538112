import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { parseSocketTable } from '../../../helper/sockets/listed-sockets.ts';

const header = '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops';

describe("the kernel's tables of raw and ping sockets", () => {
  it('give the protocol of a raw socket as its port', () => {
    const line = '    1: 020000C0:0001 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 4321 2 0000000000000000 0';
    const [socket, ...rest] = parseSocketTable(`${header}\n${line}\n`, 'from-port');
    assert.deepEqual(rest, []);
    assert.deepEqual([socket?.protocol, socket?.localAddress, socket?.remoteAddress, socket?.inode], [1, '192.0.0.2', '0.0.0.0', 4321]);
  });

  it('give IPv6 addresses in the order of their words', () => {
    const line = '   58: B80D0120000000000000000001000000:0007 00000000000000000000000000000000:0000 07 0:0 0:0 0 1000 0 77 2 0 0';
    const [socket] = parseSocketTable(line, 58);
    assert.deepEqual([socket?.protocol, socket?.localAddress, socket?.family, socket?.inode], [58, '2001:db8::1', 6, 77]);
  });

  it('never throw, whatever stands in them', () => {
    fc.assert(fc.property(fc.string(), (text) => void parseSocketTable(text, 'from-port')));
  });
});
