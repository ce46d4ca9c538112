import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { CaptureFileMessage } from '../../../protocol/capture-file.ts';

const program = fileURLToPath(new URL('../../../helper/read-file.ts', import.meta.url));

/** An Ethernet frame of one TCP segment from 192.0.2.2:40000 to 198.51.100.7:80 with this payload. */
function frame(payload: string): Buffer {
  const data = Buffer.from(payload);
  const bytes = Buffer.alloc(54 + data.length);
  bytes.writeUInt16BE(0x0800, 12);
  bytes.writeUInt8(0x45, 14);
  bytes.writeUInt16BE(40 + data.length, 16);
  bytes.writeUInt8(64, 22);
  bytes.writeUInt8(6, 23);
  bytes.set([192, 0, 2, 2, 198, 51, 100, 7], 26);
  bytes.writeUInt16BE(40_000, 34);
  bytes.writeUInt16BE(80, 36);
  bytes.writeUInt32BE(1, 38);
  bytes.writeUInt8(0x50, 46);
  bytes.writeUInt8(0x18, 47);
  data.copy(bytes, 54);
  return bytes;
}

/** A pcap file (microseconds, little-endian, Ethernet) of these frames, a second apart. */
function pcap(...frames: readonly Buffer[]): Buffer {
  const header = Buffer.alloc(24);
  header.writeUInt32LE(0xa1b2c3d4, 0);
  header.writeUInt16LE(2, 4);
  header.writeUInt16LE(4, 6);
  header.writeUInt32LE(65_535, 16);
  header.writeUInt32LE(1, 20);
  const records = frames.flatMap((bytes, index) => {
    const record = Buffer.alloc(16);
    record.writeUInt32LE(1_700_000_000 + index, 0);
    record.writeUInt32LE(bytes.length, 8);
    record.writeUInt32LE(bytes.length, 12);
    return [record, bytes];
  });
  return Buffer.concat([header, ...records]);
}

const request = frame('GET / HTTP/1.1\r\nHost: www.example.org\r\n\r\n');
const file = pcap(request, frame('more'));
const ipBytes = request.length - 14 + 44;

describe('the reader of capture files', () => {
  let folder = '';

  before(() => {
    folder = mkdtempSync(`${tmpdir()}/tidewatch-read-`);
  });
  after(() => rmSync(folder, { recursive: true }));

  function read(bytes: Buffer | string, name = 'x.pcap'): { readonly status: number | null; readonly messages: readonly CaptureFileMessage[] } {
    const path = `${folder}/${name}`;
    writeFileSync(path, bytes);
    return readPath(path);
  }

  function readPath(path: string, input?: Buffer): { readonly status: number | null; readonly messages: readonly CaptureFileMessage[] } {
    const { status, stdout, stderr } = spawnSync(process.execPath, [program, path], { encoding: 'utf8', ...(input === undefined ? {} : { input }) });
    assert.equal(stderr, '');
    return { status, messages: stdout.trim().split('\n').map((line) => CaptureFileMessage.parse(JSON.parse(line))) };
  }

  function assertRead({ status, messages }: ReturnType<typeof read>): void {
    assert.equal(status, 0);
    const [flows, done] = [messages.find(({ kind }) => kind === 'flows'), messages.at(-1)];
    assert.ok(flows?.kind === 'flows' && done?.kind === 'done');
    assert.deepEqual(flows.flows.map(({ a, aPort, b, bPort, bytesAb, packetsAb }) => [a, aPort, b, bPort, bytesAb, packetsAb]), [
      ['192.0.2.2', 40_000, '198.51.100.7', 80, ipBytes, 2],
    ]);
    assert.deepEqual([done.packets, done.ipBytes, done.linkType, done.truncated], [2, ipBytes, 'en10mb', false]);
    const names = messages.flatMap((message) => (message.kind === 'names' ? message.names : []));
    assert.deepEqual(names.map(({ name }) => name), ['www.example.org']);
  }

  it('tells flows, names and sums of a file', () => assertRead(read(file)));
  it('reads standard input', () => assertRead(readPath('-', file)));
  it('undoes gzip, whatever the name', () => assertRead(read(gzipSync(file))));
  it('undoes Zstandard, also from standard input', () => assertRead(readPath('-', zstdCompressSync(file))));

  it('reads what is there of a file that was cut', () => {
    for (const cut of [file.subarray(0, -10), gzipSync(file).subarray(0, -12)]) {
      const { status, messages } = read(cut);
      const done = messages.at(-1);
      assert.ok(status === 0 && done?.kind === 'done' && done.truncated);
    }
  });

  const failures: readonly (readonly [string, Buffer | string, string])[] = [
    ['is no capture', 'Dear diary, today I did not capture any packets.', 'not-a-capture'],
    ['is empty', '', 'not-a-capture'],
    ['is damaged inside its compression', Buffer.concat([gzipSync(file).subarray(0, 20), Buffer.alloc(40, 7)]), 'damaged'],
  ];
  for (const [name, bytes, code] of failures) {
    it(`says in one message that a file ${name}`, () => {
      const { status, messages } = read(bytes);
      assert.deepEqual([status, messages.map((message) => (message.kind === 'failed' ? message.code : message.kind))], [1, [code]]);
    });
  }

  it('says in one message that a file is not there, a folder, or not to be read', () => {
    mkdirSync(`${folder}/folder`);
    for (const path of [`${folder}/nothing`, `${folder}/folder`]) {
      const { status, messages } = readPath(path);
      assert.deepEqual([status, messages.map((message) => (message.kind === 'failed' ? message.code : ''))], [1, ['unreadable']]);
    }
  });

  it('needs no rights, and says so where it lacks those to read', { skip: process.getuid?.() === 0 ? false : 'pending: needs root to give rights up' }, () => {
    const secret = `${folder}/secret.pcap`;
    writeFileSync(secret, file);
    chmodSync(secret, 0o600);
    chmodSync(folder, 0o755);
    const options = { encoding: 'utf8', uid: 65_534, gid: 65_534 } as const;
    const refused = spawnSync(process.execPath, [program, secret], options);
    assert.match(refused.stdout, /"failed".*you may not read it/u);
    chmodSync(secret, 0o644);
    assert.equal(spawnSync(process.execPath, [program, secret], options).status, 0);
  });
});
