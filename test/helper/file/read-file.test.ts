import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { CaptureFileMessage } from '../../../protocol/capture-file.ts';
import { pcapFile } from '../native/capture-files.ts';
import { ascii, ethernet, ipv4, tcp } from '../native/frames.ts';
import type { Bytes } from '../native/frames.ts';

const program = fileURLToPath(new URL('../../../helper/read-file.ts', import.meta.url));

/** An Ethernet frame of one TCP segment from 192.0.2.2:40000 to 198.51.100.7:80 with this payload. */
function frame(payload: string): Bytes {
  const ends = { source: '192.0.2.2', destination: '198.51.100.7', protocol: 6 };
  return ethernet(0x0800, ipv4(ends, tcp({ sourcePort: 40_000, destinationPort: 80, sequence: 1, flags: 'PA' }, ascii(payload))));
}

const request = frame('GET / HTTP/1.1\r\nHost: www.example.org\r\n\r\n');
const file = Buffer.from(pcapFile([{ data: request, time: 1_700_000_000_000_000_000n }, { data: frame('more'), time: 1_700_000_001_000_000_000n }]));
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
    ['is damaged inside its compression', Buffer.concat([gzipSync(file).subarray(0, -30), Buffer.alloc(40, 7)]), 'damaged'],
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
