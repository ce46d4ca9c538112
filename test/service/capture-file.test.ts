import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import { readCaptureFile } from '../../service/index.ts';
import type { CaptureFileResult, ReadProgress } from '../../service/index.ts';
import { ServiceError } from '../../service/service-error.ts';

const addon = new URL('../../helper/native/out/tidewatch.node', import.meta.url);
const withAddon = existsSync(addon) ? {} : { skip: 'pending: the native addon is not built' };

let folder: string;
before(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'tidewatch-file-'));
});
after(() => rmSync(folder, { recursive: true }));

interface Segment {
  readonly from: readonly number[];
  readonly fromPort: number;
  readonly to: readonly number[];
  readonly toPort: number;
  readonly sequence: number;
  readonly syn?: true;
  readonly answer?: true;
  readonly payload?: string;
}

/** An IPv4 packet with one TCP segment. Checksums are left zero: nobody here may depend on them. */
function packet({ from, fromPort, to, toPort, sequence, syn, answer, payload = '' }: Segment): Buffer {
  const bytes = Buffer.alloc(40 + payload.length);
  bytes.writeUInt8(0x45, 0);
  bytes.writeUInt16BE(bytes.length, 2);
  bytes.writeUInt8(64, 8);
  bytes.writeUInt8(6, 9);
  Buffer.from([...from, ...to]).copy(bytes, 12);
  bytes.writeUInt16BE(fromPort, 20);
  bytes.writeUInt16BE(toPort, 22);
  bytes.writeUInt32BE(sequence, 24);
  bytes.writeUInt8(0x50, 32);
  const answering = answer === true ? 0x12 : 0x02;
  bytes.writeUInt8(syn === true ? answering : 0x18, 33);
  bytes.write(payload, 40, 'latin1');
  return bytes;
}

/** A pcap file of link type RAW (101), one packet a second. */
function pcap(packets: readonly Buffer[]): Buffer {
  const header = Buffer.alloc(24);
  header.writeUInt32LE(0xa1_b2_c3_d4, 0);
  header.writeUInt16LE(2, 4);
  header.writeUInt16LE(4, 6);
  header.writeUInt32LE(65_535, 16);
  header.writeUInt32LE(101, 20);
  const records = packets.flatMap((bytes, index) => {
    const record = Buffer.alloc(16);
    record.writeUInt32LE(1_700_000_000 + index, 0);
    record.writeUInt32LE(bytes.length, 8);
    record.writeUInt32LE(bytes.length, 12);
    return [record, bytes];
  });
  return Buffer.concat([header, ...records]);
}

const client = { from: [192, 0, 2, 1], fromPort: 50_000, to: [203, 0, 113, 7], toPort: 80 };
const server = { from: [203, 0, 113, 7], fromPort: 80, to: [192, 0, 2, 1], toPort: 50_000 };
const conversation = pcap([
  packet({ ...client, sequence: 1, syn: true }),
  packet({ ...server, sequence: 9, syn: true, answer: true }),
  packet({ ...client, sequence: 2, payload: 'GET / HTTP/1.1\r\nHost: files.example.org\r\n\r\n' }),
  packet({ ...server, sequence: 10, payload: 'HTTP/1.1 204 No Content\r\n\r\n' }),
]);

async function read(bytes: Buffer, onProgress: (progress: ReadProgress) => void = () => undefined): Promise<CaptureFileResult> {
  const file = path.join(folder, 'capture');
  writeFileSync(file, bytes);
  return readCaptureFile({ path: file }, onProgress);
}

function refusedWith(code: string): (error: unknown) => boolean {
  return (error) => error instanceof ServiceError && error.code === code && !error.message.includes('\n');
}

describe('reading a capture file', withAddon, () => {
  it('tells its flows with their bytes and names', async () => {
    const result = await read(conversation);
    assert.equal(result.packets, 4);
    assert.equal(result.ipBytes, 160 + 43 + 27);
    assert.equal(result.truncated, false);
    assert.deepEqual(result.flows, [{
      protocol: 'tcp',
      a: '192.0.2.1', aPort: 50_000, b: '203.0.113.7', bPort: 80,
      bytesAb: 123, bytesBa: 107, packetsAb: 2, packetsBa: 2,
      hostname: 'files.example.org', hostnameSource: 'http-host',
      // The packets are a second apart: what lies beyond the capture is from the SYN to its answer.
      roundTripMicroseconds: 1_000_000, retransmits: 0,
    }]);
    assert.equal('flowsInner' in result, false);
  });

  it('counts what was sent again', async () => {
    const sentAgain = packet({ ...client, sequence: 2, payload: 'GET / HTTP/1.1\r\n' });
    const [flow] = (await read(pcap([packet({ ...client, sequence: 1, syn: true }), sentAgain, sentAgain]))).flows;
    assert.deepEqual([flow?.retransmits, flow?.roundTripMicroseconds], [1, null]);
  });

  it('is the same through gzip', async () => {
    assert.deepEqual((await read(gzipSync(conversation))).flows, (await read(conversation)).flows);
  });

  it('counts what came before the point where the file was cut', async () => {
    const result = await read(conversation.subarray(0, conversation.length - 10));
    assert.deepEqual([result.truncated, result.packets], [true, 3]);
  });

  it('says that a file is no capture, and that there is none', async () => {
    await assert.rejects(read(Buffer.from('just some text, long enough for a header')), refusedWith('not-a-capture'));
    await assert.rejects(readCaptureFile({ path: path.join(folder, 'none') }, () => undefined), refusedWith('file-unreadable'));
  });
});
