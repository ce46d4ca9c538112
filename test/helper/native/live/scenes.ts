/** The scenes of `live-capture.test.ts`: `node scenes.ts NAME` plays one. */
import assert from 'node:assert/strict';
import { readFileSync, readdirSync, readlinkSync } from 'node:fs';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { Worker } from 'node:worker_threads';
import { ip, joinInterfaces, sendAcross, until, watch } from './scene.ts';
import type { Watched } from './scene.ts';

const datagrams = 500;
const datagramBytes = 128;

function sumOf(watched: Watched, port: number): { readonly bytes: number; readonly packets: number } {
  const records = watched.records.filter(({ ends }) => ends.bPort === port);
  return {
    bytes: records.reduce((sum, { bytesAb }) => sum + bytesAb, 0),
    packets: records.reduce((sum, { packetsAb }) => sum + packetsAb, 0),
  };
}

async function countsEveryPacket(): Promise<void> {
  joinInterfaces();
  const sides = [watch('near'), watch('far'), watch('lo')];
  await sendAcross(datagrams, datagramBytes - 28, 9000);
  for (const side of sides.slice(0, 2)) {
    await until('all datagrams are counted', () => {
      side.take();
      return sumOf(side, 9000).packets === datagrams;
    });
    assert.equal(sumOf(side, 9000).bytes, datagrams * datagramBytes);
    assert.equal(new Set(side.records.filter(({ ends }) => ends.bPort === 9000).map(({ flow }) => flow)).size, 1);
    assert.equal(side.clues.filter(({ kind, ends }) => kind === 'opened' && ends.bPort === 9000).length, 1);
  }
  const numbers = sides.slice(0, 2).map((side) => side.records.find(({ ends }) => ends.bPort === 9000)?.flow);
  assert.notEqual(numbers[0], numbers[1]);
  sides[2]?.take();
  assert.equal(sumOf(sides[2] ?? watch('lo'), 9000).packets, 0);
  for (const side of sides) side.capture.close();
}

async function sumsAreCounters(): Promise<void> {
  joinInterfaces();
  const { capture } = watch('far', { maximumFlows: 8, filter: 'udp' });
  let flowBytes = 0;
  let flowPackets = 0;
  let evicted = 0;
  let packets = 0;
  const take = (): void => {
    const { flows, counters } = capture.drain();
    flowBytes += flows.reduce((sum, flow) => sum + flow.bytesAb + flow.bytesBa, 0) - counters.bytes;
    flowPackets += flows.reduce((sum, flow) => sum + flow.packetsAb + flow.packetsBa, 0) - (counters.packets - counters.otherFrames);
    evicted += counters.evictedFlows;
    packets += counters.packets;
  };
  for (let port = 1; port <= 40; port += 1) {
    await sendAcross(3, 10, 9000 + port);
    if (port % 10 === 0) take();
  }
  await until('all datagrams are counted', () => {
    take();
    return packets === 120;
  });
  capture.close();
  take();
  assert.deepEqual([flowBytes, flowPackets], [0, 0]);
  assert.ok(evicted > 0);
}

async function filterIsKept(): Promise<void> {
  joinInterfaces();
  const side = watch('far', { filter: 'udp dst port 9001' });
  await sendAcross(20, 10, 9000);
  await sendAcross(20, 10, 9001);
  await until('the chosen datagrams are counted', () => {
    side.take();
    return sumOf(side, 9001).packets === 20;
  });
  assert.equal(sumOf(side, 9000).packets, 0);
  side.capture.close();
}

/** A connection from one client port that ends by RST, so that its port may be used again at once. */
async function exchange(serverPort: number, clientPort: number): Promise<void> {
  const client = connect({ host: '127.0.0.1', port: serverPort, localPort: clientPort });
  client.write('GET / HTTP/1.1\r\nHost: example.org\r\n\r\n');
  await once(client, 'data');
  client.resetAndDestroy();
  await once(client, 'close');
}

async function followsConnections(): Promise<void> {
  ip('link', 'set', 'lo', 'up');
  const server = createServer((socket: Socket) => {
    socket.on('error', () => socket.destroy());
    socket.once('data', () => socket.write('HTTP/1.1 200 OK\r\n\r\n'));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const side = watch('lo');
  await exchange(port, 45_000);
  await exchange(port, 45_000);
  await until('both connections are over', () => {
    side.take();
    return new Set(side.records.filter(({ ends, closed }) => ends.bPort === port && closed).map(({ flow }) => flow)).size === 2;
  });
  const opened = side.clues.filter(({ kind, ends }) => kind === 'opened' && ends.bPort === port);
  assert.equal(opened.length, 2);
  assert.notEqual(opened[0]?.flow, opened[1]?.flow);
  assert.equal(side.clues.findIndex(({ ends }) => ends.bPort === port), side.clues.findIndex((clue) => clue === opened[0]));
  for (const { flow } of opened) {
    const payloads = side.clues.flatMap((clue) => (clue.kind === 'payload' && clue.flow === flow ? [[clue.direction, clue.payload[0]]] : []));
    assert.deepEqual(payloads, [['ab', 'G'.charCodeAt(0)], ['ba', 'H'.charCodeAt(0)]]);
    assert.ok(side.records.some((record) => record.flow === flow && record.roundTripMicroseconds > 0));
    assert.equal(side.records.filter((record) => record.flow === flow && record.opened).length, 1);
  }
  server.close();
  side.capture.close();
}

/** A refused datagram is answered by ICMP: a flow of its own, without ports. */
async function countsIcmp(): Promise<void> {
  joinInterfaces();
  ip('addr', 'add', '192.0.2.2/32', 'dev', 'lo');
  const side = watch('lo');
  await sendAcross(1, 10, 9000);
  await until('ICMP is counted', () => {
    side.take();
    return side.records.some(({ ends }) => ends.protocol === 1);
  });
  const icmp = side.records.find(({ ends }) => ends.protocol === 1);
  // Outer header, ICMP header, and the quoted packet of 20 + 8 + 10 bytes (RFC 1122 3.2.2).
  assert.deepEqual([icmp?.ends.aPort, icmp?.bytesAb], [null, 66]);
  side.capture.close();
}

async function vanishedInterfaceIsTold(): Promise<void> {
  joinInterfaces();
  const side = watch('far');
  const other = watch('lo');
  await sendAcross(10, 10, 9000);
  await until('the datagrams are counted', () => {
    side.take();
    return sumOf(side, 9000).packets === 10;
  });
  ip('link', 'del', 'far');
  await until('the failure is told', () => side.failures.length > 0);
  assert.equal(side.failures[0]?.code, 'interface-vanished');
  side.take();
  assert.deepEqual([side.failures.length, other.failures.length], [1, 0]);
  side.capture.close();
  other.capture.close();
}

async function outlivesItsInterfaceBeingDown(): Promise<void> {
  joinInterfaces();
  const side = watch('far');
  ip('link', 'set', 'far', 'down');
  ip('link', 'set', 'far', 'up');
  await until('a datagram is counted again', () => {
    // Whether the link is ready yet is only known by what arrives.
    void sendAcross(1, 10, 9000);
    side.take();
    return sumOf(side, 9000).packets > 0;
  });
  assert.deepEqual(side.failures, []);
  side.capture.close();
}

/** A worker that ends with two captures open, one of them in the middle of traffic. */
async function endsWithItsWorker(): Promise<void> {
  joinInterfaces();
  const worker = new Worker(new URL('worker.ts', import.meta.url));
  const captureThreads = (): number => threadNames().filter((name) => name === 'capture').length;
  await until('the worker captures', () => captureThreads() === 2);
  await sendAcross(50, 10, 53);
  await worker.terminate();
  assert.equal(captureThreads(), 0);
}

async function closesWhileBusy(): Promise<void> {
  joinInterfaces();
  for (let round = 0; round < 10; round += 1) {
    const side = watch('far');
    const sending = sendAcross(200, 10, 9000);
    await until('something arrives', () => {
      side.take();
      return side.records.length > 0;
    });
    side.capture.close();
    side.capture.close();
    const told = side.clues.length;
    await sending;
    assert.equal(side.clues.length, told);
    side.take();
    assert.deepEqual(side.failures, []);
  }
}

function threadNames(): readonly string[] {
  return readdirSync('/proc/self/task').map((task) => readFileSync(`/proc/self/task/${task}/comm`, 'utf8').trim());
}

function threadsAndFiles(): readonly [threads: number, files: readonly string[]] {
  const files = readdirSync('/proc/self/fd').flatMap((number) => {
    try {
      return [readlinkSync(`/proc/self/fd/${number}`).replace(/\d+/gu, '')];
    } catch {
      // The descriptor of this very listing is closed by now.
      return [];
    }
  });
  return [threadNames().length, files.toSorted()];
}

async function leavesNothingBehind(): Promise<void> {
  joinInterfaces();
  const cycle = (): void => {
    const side = watch('near');
    side.capture.close();
    side.take();
  };
  cycle();
  const before = threadsAndFiles();
  for (let round = 0; round < 50; round += 1) cycle();
  await until('threads and descriptors are as before', () => JSON.stringify(threadsAndFiles()) === JSON.stringify(before));
}

/** Ends with captures open, one of them in the middle of traffic. */
async function endsWithCapturesOpen(): Promise<void> {
  joinInterfaces();
  const sides = [watch('near'), watch('far'), watch('lo')];
  await sendAcross(50, 10, 9000);
  assert.equal(sides.length, 3);
}

/** What opening says: `node scenes.ts opening INTERFACE FILTER` prints the error's code. */
async function opening(): Promise<void> {
  const [, , , interfaceName = '', filter = ''] = process.argv;
  ip('link', 'set', 'lo', 'up');
  try {
    watch(interfaceName, { filter }).capture.close();
    process.stdout.write('opened');
  } catch (error) {
    process.stdout.write(error instanceof Error && 'code' in error ? `${String(error.code)}: ${error.message}` : String(error));
  }
}

const scenes: Readonly<Record<string, () => Promise<void>>> = {
  countsEveryPacket,
  sumsAreCounters,
  filterIsKept,
  followsConnections,
  countsIcmp,
  vanishedInterfaceIsTold,
  outlivesItsInterfaceBeingDown,
  endsWithItsWorker,
  closesWhileBusy,
  leavesNothingBehind,
  endsWithCapturesOpen,
  opening,
};

const scene = scenes[process.argv[2] ?? ''];
if (scene === undefined) throw new Error(`no scene ${process.argv[2] ?? ''}`);
await scene();
