import { closeSync, openSync, writeSync } from 'node:fs';
import type { LargeCapture } from './capture-file.ts';

/**
 * A capture in which everything is new all the time: each flow has its own address, name and port, asked of a name server
 * and told in a ClientHello. It shows what memory does with the length of a file.
 */

const frameHeaderBytes = 14;
const recordHeaderBytes = 16;
const client = [10, 0, 0, 2] as const;
const nameServer = [10, 0, 0, 53] as const;

type Address = readonly [number, number, number, number];

/** One packet; ports in the order from, to. */
interface Packet {
  readonly protocol: 6 | 17;
  readonly from: Address;
  readonly to: Address;
  readonly ports: readonly [number, number];
  readonly payload: Buffer;
  readonly sequence?: number;
}

function transportHeader({ protocol, ports, payload, sequence }: Packet): Buffer {
  const header = Buffer.alloc(protocol === 6 ? 20 : 8);
  header.writeUInt16BE(ports[0], 0);
  header.writeUInt16BE(ports[1], 2);
  if (protocol === 17) {
    header.writeUInt16BE(8 + payload.length, 4);
  } else {
    header.writeUInt32BE(sequence ?? 1, 4);
    header.writeUInt16BE(0x5018, 12);
  }
  return header;
}

function record(packet: Packet, microseconds: number): Buffer {
  const transport = Buffer.concat([transportHeader(packet), packet.payload]);
  const bytes = Buffer.alloc(recordHeaderBytes + frameHeaderBytes + 20);
  const frameBytes = frameHeaderBytes + 20 + transport.length;
  bytes.writeUInt32LE(1_700_000_000 + Math.floor(microseconds / 1e6), 0);
  bytes.writeUInt32LE(microseconds % 1e6, 4);
  bytes.writeUInt32LE(frameBytes, 8);
  bytes.writeUInt32LE(frameBytes, 12);
  const ip = recordHeaderBytes + frameHeaderBytes;
  bytes.writeUInt16BE(0x0800, ip - 2);
  bytes.writeUInt8(0x45, ip);
  bytes.writeUInt16BE(20 + transport.length, ip + 2);
  bytes.writeUInt8(64, ip + 8);
  bytes.writeUInt8(packet.protocol, ip + 9);
  bytes.set(packet.from, ip + 12);
  bytes.set(packet.to, ip + 16);
  return Buffer.concat([bytes, transport]);
}

function dnsAnswer(name: string, address: Address): Buffer {
  const labels = name.split('.').flatMap((label) => [label.length, ...Buffer.from(label)]);
  const head = [0, 7, 0x81, 0x80, 0, 1, 0, 1, 0, 0, 0, 0, ...labels, 0, 0, 1, 0, 1];
  return Buffer.from([...head, 0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, ...address]);
}

function clientHello(name: string): Buffer {
  const host = Buffer.from(name);
  const server = Buffer.from([0, 0, 0, host.length + 5, 0, host.length + 3, 0, 0, host.length, ...host]);
  const body = Buffer.from([3, 3, ...Buffer.alloc(32), 0, 0, 2, 0x13, 1, 1, 0, 0, server.length, ...server]);
  return Buffer.from([22, 3, 1, 0, body.length + 4, 1, 0, 0, body.length, ...body]);
}

/** The five packets of one flow and of the question before it. */
function packetsOf(flow: number): readonly Packet[] {
  const name = `host-${flow}.site-${flow % 5000}.example.org`;
  const server: Address = [100 + ((flow >> 16) & 63), (flow >> 8) & 255, flow & 255, 7];
  const ports = [1024 + (flow % 60_000), 443] as const;
  const back = [ports[1], ports[0]] as const;
  return [
    { protocol: 17, from: nameServer, to: client, ports: [53, ports[0]], payload: dnsAnswer(name, server) },
    { protocol: 6, from: client, to: server, ports, payload: clientHello(name) },
    { protocol: 6, from: server, to: client, ports: back, payload: Buffer.alloc(200, 1) },
    { protocol: 6, from: client, to: server, ports, payload: Buffer.alloc(40, 2), sequence: 500 },
    { protocol: 6, from: server, to: client, ports: back, payload: Buffer.alloc(100, 3), sequence: 201 },
  ];
}

/** Writes such a file with so many flows (at most 4 194 304 are different), a millisecond apart. */
export function growingCapture(path: string, flows: number): LargeCapture {
  const file = openSync(path, 'w');
  const header = Buffer.alloc(24);
  header.writeUInt32LE(0xa1b2c3d4, 0);
  header.writeUInt16LE(2, 4);
  header.writeUInt16LE(4, 6);
  header.writeUInt32LE(65_535, 16);
  header.writeUInt32LE(1, 20);
  let bytes = writeSync(file, header);
  let packets = 0;
  for (let flow = 0; flow < flows; flow += 1) {
    const records = packetsOf(flow).map((packet, index) => record(packet, flow * 1000 + index * 100));
    packets += records.length;
    bytes += writeSync(file, Buffer.concat(records));
  }
  closeSync(file);
  return { path, packets, bytes, origin: `${flows} flows with a name each` };
}
