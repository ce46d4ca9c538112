import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { describe, it } from 'node:test';
import { loadNative } from '../../../helper/native/index.ts';
import type { SocketRecord } from '../../../helper/native/index.ts';

const tcp = 6;
const udp = 17;
const stateEstablished = 1;
const stateListen = 10;

async function listening(host: string): Promise<{ readonly port: number; readonly accepted: Promise<Socket>; close(): void }> {
  const server = createServer();
  const accepted = once(server, 'connection').then(([socket]) => socket as Socket);
  server.listen(0, host);
  await once(server, 'listening');
  return { port: (server.address() as AddressInfo).port, accepted, close: () => void server.close() };
}

describe('the kernel\'s sockets', () => {
  it('a TCP listener and both ends of its connection are in the dump, with inode, cookie and round-trip time', async () => {
    const server = await listening('127.0.0.1');
    const client = connect(server.port, '127.0.0.1');
    const accepted = await server.accepted;
    const mine = loadNative().dumpSockets(tcp, 4).filter(({ localPort, remotePort }) => localPort === server.port || remotePort === server.port);
    const byState = (state: number): SocketRecord[] => mine.filter((socket) => socket.state === state);
    assert.equal(byState(stateListen).length, 1);
    assert.equal(byState(stateEstablished).length, 2);
    assert.ok(mine.every(({ inode, uid, cookie }) => inode > 0 && uid === process.getuid?.() && /^\d+$/u.test(cookie)));
    assert.ok(byState(stateEstablished).every(({ roundTripMicroseconds }) => roundTripMicroseconds > 0));
    assert.equal(new Set(mine.map(({ cookie }) => cookie)).size, 3);
    client.destroy();
    accepted.destroy();
    server.close();
  });

  it('an IPv6 listener is in the dump of its family, with its address', async () => {
    const server = await listening('::1');
    const [found] = loadNative().dumpSockets(tcp, 6).filter(({ localPort }) => localPort === server.port);
    assert.deepEqual([found?.family, found?.localAddress], [6, '::1']);
    server.close();
  });

  it('an exact look-up finds a TCP connection from either end', async () => {
    const server = await listening('127.0.0.1');
    const client = connect(server.port, '127.0.0.1');
    const accepted = await server.accepted;
    const clientPort = accepted.remotePort ?? 0;
    const ends = { protocol: tcp, localAddress: '127.0.0.1', remoteAddress: '127.0.0.1' };
    const found = loadNative().findSocket({ ...ends, localPort: clientPort, remotePort: server.port });
    const other = loadNative().findSocket({ ...ends, localPort: server.port, remotePort: clientPort });
    assert.deepEqual([found?.localPort, found?.remotePort, other?.localPort], [clientPort, server.port, server.port]);
    assert.notEqual(found?.cookie, other?.cookie);
    client.destroy();
    accepted.destroy();
    server.close();
  });

  it('an exact look-up finds a UDP socket that is bound and not connected, and a dual-stack one', async () => {
    for (const kind of ['udp4', 'udp6'] as const) {
      const socket = createSocket(kind);
      socket.bind(0);
      await once(socket, 'listening');
      const { port } = socket.address();
      const query = { protocol: udp, localAddress: '127.0.0.1', localPort: port, remoteAddress: '127.0.0.1', remotePort: 9 };
      assert.equal(loadNative().findSocket(query)?.localPort, port);
      socket.close();
    }
  });

  it('a look-up of what is not there finds nothing', () => {
    const query = { protocol: udp, localAddress: '192.0.2.1', localPort: 1, remoteAddress: '192.0.2.2', remotePort: 1 };
    assert.equal(loadNative().findSocket(query), null);
    assert.equal(loadNative().findSocket({ ...query, remoteAddress: '2001:db8::1' }), null);
  });

  it('a protocol that the kernel cannot list throws the name of its errno', () => {
    assert.throws(() => loadNative().dumpSockets(253, 4), { code: 'ENOENT' });
  });
});
