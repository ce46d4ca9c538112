import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { loadNative } from '../../../helper/native/index.ts';
import { block, enhancedPacketBlock, interfaceBlock, pcapFile, sectionBlock, simplePacketBlock } from './capture-files.ts';
import type { ByteOrder } from './capture-files.ts';
import { decodePieces, lines } from './decode.ts';
import { ascii, big16, big32, bytes, ethernet, ipv4, ipv6, udp, zeros } from './frames.ts';

const raw = ipv4({}, udp(1000, 2000));
const framed = ethernet(0x86dd, ipv6({}, udp(3000, 4000)));
const rawLine = '17 192.0.2.1#1000 192.0.2.2#2000 28/1 0/0';
const framedLine = '17 2001:db8::1#3000 2001:db8::2#4000 48/1 0/0';
const instant = 1_700_000_000_123_456_000n;
const instantMs = 1_700_000_000_123.456;
const orders: readonly ByteOrder[] = ['little', 'big'];

describe('classic pcap', () => {
  for (const order of orders) {
    for (const resolution of ['microseconds', 'nanoseconds'] as const) {
      it(`is read in ${order}-endian order with ${resolution}`, () => {
        const decoded = decodePieces([pcapFile([{ data: raw, time: instant }], { linkType: 101, order, resolution })]);
        assert.deepEqual(lines(decoded), [rawLine]);
        assert.equal(decoded.flows[0]?.firstSeen, instantMs);
        assert.deepEqual([decoded.linkTypes, decoded.truncated], [['raw'], false]);
      });
    }
  }

  it('says that it is truncated where it ends within a record, and counts what came before', () => {
    const file = pcapFile([{ data: raw }, { data: raw }], { linkType: 101 });
    for (let length = 24; length < file.length; length += 1) {
      const { counters, truncated } = decodePieces([file.subarray(0, length)]);
      const wholeRecords = Math.floor((length - 24) / (16 + raw.length));
      assert.equal(counters.packets, wholeRecords);
      assert.equal(truncated, (length - 24) % (16 + raw.length) !== 0);
    }
  });
});

describe('pcapng', () => {
  for (const order of orders) {
    it(`is read in ${order}-endian order: several interfaces, each with its link type and time resolution`, () => {
      const file = bytes(
        sectionBlock(order),
        interfaceBlock({ linkType: 1 }, order),
        interfaceBlock({ linkType: 101, resolution: 9 }, order),
        interfaceBlock({ linkType: 101, resolution: 0x8a }, order),
        block(0x0bad, zeros(33), order),
        enhancedPacketBlock(0, instant / 1000n, { data: framed }, order),
        enhancedPacketBlock(1, instant, { data: raw }, order),
        enhancedPacketBlock(2, 1024n * 9n, { data: ipv4({ source: '192.0.2.7' }, udp(1, 2)) }, order),
      );
      const decoded = decodePieces([file]);
      assert.deepEqual(lines(decoded).slice(0, 2), [framedLine, rawLine]);
      assert.deepEqual(decoded.flows.map((flow) => flow.firstSeen), [instantMs, instantMs, 9000]);
      assert.deepEqual(decoded.linkTypes, ['en10mb', 'raw']);
    });
  }

  it('a second section may have another byte order and other interfaces', () => {
    const file = bytes(
      sectionBlock('little'),
      interfaceBlock({ linkType: 1 }, 'little'),
      enhancedPacketBlock(0, 0n, { data: framed }, 'little'),
      sectionBlock('big'),
      interfaceBlock({ linkType: 101 }, 'big'),
      enhancedPacketBlock(0, 0n, { data: raw }, 'big'),
    );
    assert.deepEqual(lines(decodePieces([file])), [framedLine, rawLine]);
  });

  it('simple packets belong to the first interface and are cut at its snap length', () => {
    const long = ipv4({}, udp(1000, 2000, zeros(72)));
    const file = bytes(sectionBlock(), interfaceBlock({ linkType: 101, snapLength: 60 }), simplePacketBlock({ data: long.subarray(0, 60), originalLength: 100 }));
    assert.deepEqual(lines(decodePieces([file])), ['17 192.0.2.1#1000 192.0.2.2#2000 100/1 0/0']);
  });

  it('obsolete packet blocks are read', () => {
    const obsolete = block(2, bytes(0, 0, 0, 0, zeros(8), big32(raw.length).toReversed(), big32(raw.length).toReversed(), raw));
    assert.deepEqual(lines(decodePieces([bytes(sectionBlock(), interfaceBlock({ linkType: 101 }), obsolete)])), [rawLine]);
  });

  it('a long unknown block is passed over without being kept', () => {
    const long = block(0x80000001, zeros(3_000_000));
    const file = bytes(sectionBlock(), interfaceBlock({ linkType: 101 }), long, enhancedPacketBlock(0, 0n, { data: raw }));
    const pieces = Array.from({ length: Math.ceil(file.length / 65_536) }, (_, index) => file.subarray(index * 65_536, (index + 1) * 65_536));
    assert.deepEqual(lines(decodePieces(pieces)), [rawLine]);
  });

  it('an interface of a link type without IP costs its own packets only', () => {
    const file = bytes(
      sectionBlock(),
      interfaceBlock({ linkType: 189 }),
      interfaceBlock({ linkType: 101 }),
      enhancedPacketBlock(0, 0n, { data: zeros(64) }),
      enhancedPacketBlock(1, 0n, { data: raw }),
    );
    const decoded = decodePieces([file]);
    assert.deepEqual([lines(decoded), decoded.counters.otherFrames], [[rawLine], 1]);
  });
});

describe('what is no capture, or a damaged one', () => {
  const reject = (file: Uint8Array, code: string): void => {
    using decoder = loadNative().createFileDecoder({ maximumFlows: 8, decapsulate: true });
    assert.throws(() => decoder.push(file), { code });
  };

  it('other files are not captures', () => {
    for (const start of [ascii('PK'), ascii('#!/bin/sh'), bytes(0x1f, 0x8b, 8, 0)]) reject(bytes(start, zeros(30)), 'not-a-capture');
  });

  it('an empty or tiny file is not a capture', () => {
    using decoder = loadNative().createFileDecoder({ maximumFlows: 8, decapsulate: true });
    decoder.push(zeros(0));
    decoder.push(zeros(3));
    assert.throws(() => decoder.finish(), { code: 'not-a-capture' });
  });

  it('a link type that carries no IP is unsupported, by its number', () => {
    reject(pcapFile([{ data: raw }], { linkType: 189 }), 'unsupported');
  });

  it('a record or a block beyond all bounds is damage, and what came before stays countable', () => {
    using decoder = loadNative().createFileDecoder({ maximumFlows: 8, decapsulate: true });
    const damaged = bytes(pcapFile([{ data: raw }], { linkType: 101 }), zeros(8), 0xff, 0xff, 0xff, 0xff, zeros(4));
    assert.throws(() => decoder.push(damaged), { code: 'damaged' });
    assert.throws(() => decoder.push(raw), { code: 'damaged' });
    assert.equal(decoder.finish().counters.packets, 1);
    reject(bytes(sectionBlock(), 6, 0, 0, 0, 0xfc, 0xff, 0xff, 0xff, zeros(8)), 'damaged');
    reject(bytes(sectionBlock(), enhancedPacketBlock(0, 0n, { data: raw })), 'damaged');
    reject(bytes(sectionBlock(), block(1, big16(0))), 'damaged');
  });
});
