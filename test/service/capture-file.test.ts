import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import { readCaptureFile } from '../../service/index.ts';
import type { CaptureFileResult, ReadProgress } from '../../service/index.ts';
import { ServiceError } from '../../service/service-error.ts';
import { pcapFile } from '../helper/native/capture-files.ts';
import { ascii, ipv4, tcp } from '../helper/native/frames.ts';
import type { Bytes, TcpFields } from '../helper/native/frames.ts';

const addon = new URL('../../helper/native/out/tidewatch.node', import.meta.url);
const withAddon = existsSync(addon) ? {} : { skip: 'pending: the native addon is not built' };

let folder: string;
before(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'tidewatch-file-'));
});
after(() => rmSync(folder, { recursive: true }));

const client = { source: '192.0.2.1', destination: '203.0.113.7', protocol: 6 };
const server = { source: '203.0.113.7', destination: '192.0.2.1', protocol: 6 };

function fromClient(fields: TcpFields, payload = ''): Bytes {
  return ipv4(client, tcp({ sourcePort: 50_000, destinationPort: 80, ...fields }, ascii(payload)));
}

function fromServer(fields: TcpFields, payload = ''): Bytes {
  return ipv4(server, tcp({ sourcePort: 80, destinationPort: 50_000, ...fields }, ascii(payload)));
}

/** A capture file of bare IP packets, one a second. */
function capture(packets: readonly Bytes[]): Bytes {
  const start = 1_700_000_000n;
  return pcapFile(packets.map((data, index) => ({ data, time: (start + BigInt(index)) * 1_000_000_000n })), { linkType: 101 });
}

const conversation = capture([
  fromClient({ sequence: 1, flags: 'S' }),
  fromServer({ sequence: 9, flags: 'SA' }),
  fromClient({ sequence: 2, flags: 'PA' }, 'GET / HTTP/1.1\r\nHost: files.example.org\r\n\r\n'),
  fromServer({ sequence: 10, flags: 'PA' }, 'HTTP/1.1 204 No Content\r\n\r\n'),
]);

async function read(bytes: Bytes, onProgress: (progress: ReadProgress) => void = () => undefined): Promise<CaptureFileResult> {
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
    const sentAgain = fromClient({ sequence: 2, flags: 'PA' }, 'GET / HTTP/1.1\r\n');
    const [flow] = (await read(capture([fromClient({ sequence: 1, flags: 'S' }), sentAgain, sentAgain]))).flows;
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
