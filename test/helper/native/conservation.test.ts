import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { pcapFile } from './capture-files.ts';
import { decodePieces } from './decode.ts';
import { bytes, ethernet, ipv4, ipv6, tcp, udp, zeros } from './frames.ts';
import type { Bytes } from './frames.ts';

/** Few hosts and ports, so that flows have several packets, and many more of them than the table holds. */
const host = fc.integer({ min: 1, max: 6 });
const port = fc.integer({ min: 1, max: 6 });
const length = fc.integer({ min: 0, max: 200 });

const udpFrame = fc.tuple(host, host, port, port, length).map(([from, to, source, destination, size]) => {
  const packet = ipv4({ source: `10.0.0.${from}`, destination: `10.0.0.${to}` }, udp(source, destination, zeros(size)));
  return { frame: ethernet(0x0800, packet), ipBytes: packet.length };
});
const tcpFrame = fc.tuple(host, host, port, fc.constantFrom('S', 'SA', 'A', 'FA', 'R'), length).map(([from, to, source, flags, size]) => {
  const fields = { source: `fd00::${from}`, destination: `fd00::${to}`, protocol: 6 };
  const packet = ipv6(fields, tcp({ sourcePort: source, sequence: size * 7, flags }, zeros(size)));
  return { frame: ethernet(0x86dd, packet), ipBytes: packet.length };
});
const fragmentFrame = fc.tuple(host, host, fc.integer({ min: 0, max: 3 }), fc.nat(3), fc.boolean()).map(([from, to, id, place, more]) => {
  const fields = { source: `10.0.1.${from}`, destination: `10.0.1.${to}`, id, fragment: { offset: place * 40, more } };
  const packet = ipv4(fields, udp(from, 53, zeros(32)));
  return { frame: ethernet(0x0800, packet), ipBytes: packet.length };
});
const tunnelFrame = udpFrame.map(({ frame }) => {
  const packet = ipv4({ protocol: 4 }, frame.subarray(14));
  return { frame: ethernet(0x0800, packet), ipBytes: packet.length };
});
const otherFrame = fc.uint8Array({ maxLength: 80 }).map((rest) => ({ frame: ethernet(0x0806, bytes(rest)), ipBytes: 0 }));
const someFrames = fc.array(fc.oneof(udpFrame, tcpFrame, fragmentFrame, tunnelFrame, otherFrame), { maxLength: 300 });

function cut(file: Bytes, lengths: readonly number[]): Bytes[] {
  const pieces: Bytes[] = [];
  let at = 0;
  for (let index = 0; at < file.length; index += 1) {
    const next = at + (lengths[index % lengths.length] ?? 1);
    pieces.push(file.subarray(at, next));
    at = next;
  }
  return pieces;
}

describe('bytes are conserved', () => {
  it('whatever the packets, the cuts between pieces and the size of the table', () => {
    const pieceLengths = fc.array(fc.integer({ min: 1, max: 5000 }), { minLength: 1, maxLength: 10 });
    fc.assert(
      fc.property(someFrames, pieceLengths, fc.constantFrom(1, 2, 8, 1024), (frames, lengths, maximumFlows) => {
        const file = pcapFile(frames.map(({ frame }, index) => ({ data: frame, time: BigInt(index) })));
        const { flows, counters, truncated } = decodePieces(cut(file, lengths), maximumFlows);
        const outer = flows.filter((flow) => !flow.inner);
        const sum = (pick: (flow: (typeof flows)[number]) => number): number => outer.reduce((total, flow) => total + pick(flow), 0);
        const withIp = frames.filter(({ ipBytes }) => ipBytes > 0);
        assert.equal(counters.packets, frames.length);
        assert.equal(counters.bytes, withIp.reduce((total, { ipBytes }) => total + ipBytes, 0));
        assert.equal(sum((flow) => flow.bytesAb + flow.bytesBa), counters.bytes);
        assert.equal(sum((flow) => flow.packetsAb + flow.packetsBa), withIp.length);
        assert.equal(counters.otherFrames, frames.length - withIp.length);
        assert.equal(truncated, false);
      }),
      { numRuns: 300 },
    );
  });

  it('a table of eight flows hands evicted flows on, and folds what it cannot hand on', () => {
    const frames = Array.from({ length: 500 }, (_, index) => ({ data: ipv4({}, udp(index + 1, 9)), time: BigInt(index) }));
    const { flows, counters } = decodePieces([pcapFile(frames, { linkType: 101 })], 8);
    assert.equal(counters.evictedFlows, 492);
    assert.equal(counters.foldedFlows, 484);
    const [folded] = flows.filter((flow) => flow.folded);
    assert.deepEqual(folded?.ends, { protocol: 17, a: '0.0.0.0', aPort: null, b: '0.0.0.0', bPort: null });
    assert.equal(folded?.packetsAb, 484);
    assert.equal(flows.length, 17);
  });

  it('any bytes at all end in a summary or in one of three refusals', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 2000 }), fc.constantFrom('pcap', 'pcapng', 'nothing'), (noise, start) => {
        const magic = { pcap: pcapFile([]), pcapng: bytes(0x0a, 0x0d, 0x0d, 0x0a, 28, 0, 0, 0, 0x4d, 0x3c, 0x2b, 0x1a), nothing: zeros(0) }[start];
        try {
          decodePieces([bytes(magic, noise)], 8);
        } catch (error) {
          assert.ok(error instanceof Error && 'code' in error);
          assert.ok(['not-a-capture', 'damaged', 'unsupported'].includes(String(error.code)));
        }
      }),
      { numRuns: 500 },
    );
  });
});
