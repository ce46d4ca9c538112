import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { before, describe, it } from 'node:test';
import { promisify } from 'node:util';
import { fileURLToPath } from 'node:url';
import { enhancedPacketBlock, interfaceBlock, pcapFile, sectionBlock } from '../helper/native/capture-files.ts';
import { ascii, bytes, ethernet, ipv4, ipv6, tcp, udp, zeros } from '../helper/native/frames.ts';
import { knownCaptures, pendingCaptures } from './captures.ts';

const run = promisify(execFile);
const native = fileURLToPath(new URL('../../helper/native/', import.meta.url));

/** Damaged copies of each real capture: some ten thousand over all of them. */
const mutationsOfEach = 210;

/** A few packets of each kind that the decoder treats in a way of its own. */
function handMade(): Uint8Array {
  const inside = ipv6({}, udp(4000, 53, ascii('name')));
  const frames = [
    ethernet(0x0800, ipv4({ protocol: 6 }, tcp({ flags: 'S' }))),
    ethernet(0x0800, ipv4({ protocol: 6 }, tcp({ sequence: 1 }, ascii('GET / HTTP/1.1\r\n')))),
    ethernet(0x86dd, ipv6({ protocol: 0 }, bytes(17, 0, 1, 4, zeros(4), udp(1, 2, zeros(9))))),
    ethernet(0x8100, bytes(0, 1, 0x08, 0, ipv4({ protocol: 41 }, inside))),
    ethernet(0x0800, ipv4({}, udp(5000, 4789, bytes(8, zeros(7), ethernet(0x86dd, inside))))),
    ethernet(0x0800, ipv4({ id: 1, fragment: { offset: 0, more: true } }, udp(53, 4000, zeros(32)))),
    ethernet(0x0800, ipv4({ id: 1, fragment: { offset: 40, more: false } }, zeros(32))),
  ];
  return pcapFile(frames.map((data) => ({ data })));
}

function handMadePcapng(): Uint8Array {
  const data = ipv4({}, udp(1000, 2000));
  const interfaces = [interfaceBlock({ linkType: 101, resolution: 9 }), interfaceBlock({ linkType: 113 })];
  return bytes(sectionBlock(), ...interfaces, enhancedPacketBlock(0, 1n, { data }), enhancedPacketBlock(1, 2n, { data: bytes(zeros(14), 8, 0, data) }));
}

/** Fails with what the sanitizers said, or with the name of the file whose bytes were not conserved. */
async function decode(mutations: number, files: readonly string[]): Promise<string> {
  const { stdout } = await run(path.join(native, 'out/decode-sanitized'), ['--mutations', String(mutations), ...files], { timeout: 300_000 });
  return stdout;
}

describe('the decoder under AddressSanitizer and UBSan', () => {
  before(async () => {
    await run('make', ['--silent', '--directory', native, 'sanitized'], { timeout: 300_000 });
    assert.ok(existsSync(path.join(native, 'out/decode-sanitized')));
  });

  it('reads captures made by hand, whole, in pieces and damaged', async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'tidewatch-'));
    try {
      const files = [path.join(folder, 'hand-made.pcap'), path.join(folder, 'hand-made.pcapng')] as const;
      writeFileSync(files[0], handMade());
      writeFileSync(files[1], handMadePcapng());
      assert.match(await decode(2000, files), /hand-made\.pcap: 7 packets.*\n.*hand-made\.pcapng: 2 packets/u);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('reads every capture with a known truth, whole, in pieces and damaged', { skip: pendingCaptures }, async () => {
    const captures = knownCaptures();
    const read = await decode(mutationsOfEach, captures.map((capture) => capture.path));
    assert.equal(read.trimEnd().split('\n').length, captures.length);
  });
});
