import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo, Server } from 'node:net';
import { createInterface } from 'node:readline';
import { after, before, describe, it } from 'node:test';
import { flowId } from '../../../protocol/flow.ts';
import type { OrientedEnds } from '../../../core/flow/orient.ts';
import { loadNative } from '../../../helper/native/index.ts';
import { ownerLadder } from '../../../helper/sockets/ladder.ts';
import type { Owned } from '../../../helper/sockets/owners.ts';
import { endsOf } from '../support/ends.ts';

/** A program of this test: it prints one line when its sockets are ready, and waits for its end. */
interface Running extends Disposable {
  readonly pid: number;
  readonly line: string;
}

async function start(command: string, words: readonly string[]): Promise<Running> {
  const child: ChildProcess = spawn(command, words, { stdio: ['ignore', 'pipe', 'inherit'], detached: true });
  assert.ok(child.stdout !== null && child.pid !== undefined);
  const { pid } = child;
  const [line] = await once(createInterface({ input: child.stdout }), 'line');
  return { pid, line: String(line), [Symbol.dispose]: () => process.kill(-pid, 'SIGKILL') };
}

function startNode(script: string): Promise<Running> {
  return start(process.execPath, ['-e', script]);
}

const whyPending = process.getuid?.() === 0 ? false : "pending: other processes' sockets are hidden from a user; run as root";

describe('real owners of real sockets', { skip: whyPending }, () => {
  let server: Server;
  let port = 0;

  before(async () => {
    server = createServer().listen(0, '::');
    await once(server, 'listening');
    const address: AddressInfo | string | null = server.address();
    assert.ok(address !== null && typeof address === 'object');
    port = address.port;
  });
  after(() => server.close());

  /** Asks a new ladder about one flow on loopback. Its clock stands still, so that no budget is ever spent. */
  function ownerOf(part: Partial<OrientedEnds>): Owned {
    const owners = ownerLadder({ diagnosis: loadNative(), monotonic: () => 0 });
    const ends = endsOf({ localAddress: '127.0.0.1', remoteAddress: '127.0.0.1', position: 'both-ends', ...part });
    owners.opened(flowId(1), { interfaceIndex: 1, ends });
    owners.ask();
    return owners.ownerOf(flowId(1));
  }

  function assertExact({ owner, process: named }: Owned, pid: number): void {
    assert.deepEqual([owner.certainty, 'reason' in owner ? owner.reason : null, named?.pid], ['exact', null, pid]);
  }

  it('names the client of a TCP connection, with its executable and arguments', async () => {
    using client = await startNode(`const s = require('net').connect(${port}, '127.0.0.1', () => console.log(s.localPort))`);
    const found = ownerOf({ localPort: Number(client.line), remotePort: port });
    assertExact(found, client.pid);
    assert.equal(found.process?.executable, process.execPath);
    assert.equal(found.process?.commandLine[1], '-e');
    assert.equal(found.process?.parentPid, process.pid);
  });

  it('names the server that accepted a connection, not whoever listens', async () => {
    using client = await startNode(`const s = require('net').connect(${port}, '127.0.0.1', () => console.log(s.localPort))`);
    assertExact(ownerOf({ localPort: port, remotePort: Number(client.line), local: 'b' }), process.pid);
  });

  it('names the client of a connection over an IPv6 socket with IPv4-mapped addresses', async () => {
    using client = await startNode(`const s = require('net').connect(${port}, '::ffff:127.0.0.1', () => console.log(s.localPort))`);
    assertExact(ownerOf({ localPort: Number(client.line), remotePort: port }), client.pid);
  });

  it('names the only UDP socket on a port, though it is bound to any address', async () => {
    using client = await startNode(`const s = require('dgram').createSocket('udp4').bind(0, () => console.log(s.address().port))`);
    assertExact(ownerOf({ protocol: 17, localPort: Number(client.line), remotePort: 53 }), client.pid);
  });

  it('names a dual-stack UDP socket for IPv4, and none that takes IPv6 only', async () => {
    using both = await startNode(`const s = require('dgram').createSocket('udp6').bind(0, () => console.log(s.address().port))`);
    assertExact(ownerOf({ protocol: 17, localPort: Number(both.line), remotePort: 53 }), both.pid);
    using six = await startNode(`const s = require('dgram').createSocket({ type: 'udp6', ipv6Only: true }).bind(0, () => console.log(s.address().port))`);
    assert.deepEqual(ownerOf({ protocol: 17, localPort: Number(six.line), remotePort: 53 }).owner, { certainty: 'unknown', reason: 'no-socket' });
  });

  it('only infers which of two processes of one program got the packets of a shared port', async () => {
    using first = await startNode(`const s = require('dgram').createSocket({ type: 'udp4', reusePort: true }).bind(0, () => console.log(s.address().port))`);
    using second = await startNode(`const s = require('dgram').createSocket({ type: 'udp4', reusePort: true }).bind(${first.line}, () => console.log('ready'))`);
    const { owner, process: named } = ownerOf({ protocol: 17, localPort: Number(first.line), remotePort: 53 });
    assert.equal(second.line, 'ready');
    assert.deepEqual([owner.certainty, 'reason' in owner && owner.reason, named?.pid], ['inferred', 'shared-port', first.pid]);
  });

  it('only infers the maker of a socket that a child has inherited', async () => {
    using shell = await start('bash', ['-c', `exec 3<>/dev/tcp/127.0.0.1/${port}; sleep 60 & echo ready; wait`]);
    const clientPort = await new Promise<number>((resolve) => {
      const sockets = loadNative().dumpSockets(6, 4).filter((one) => one.remotePort === port && one.inode !== 0);
      resolve(sockets.at(-1)?.localPort ?? 0);
    });
    const { owner, process: named } = ownerOf({ localPort: clientPort, remotePort: port });
    assert.deepEqual([owner.certainty, 'reason' in owner && owner.reason, named?.pid], ['inferred', 'shared-socket', shell.pid]);
  });

  it('knows no owner where there is no socket', () => {
    assert.deepEqual(ownerOf({ localPort: 1, remotePort: 2 }).owner, { certainty: 'unknown', reason: 'no-socket' });
  });

  it('knows that the kernel answers echo requests', () => {
    const echo = ownerOf({ protocol: 1, localPort: null, remotePort: null, local: 'b' });
    assert.deepEqual(echo.owner, { certainty: 'unknown', reason: 'kernel' });
  });
});
