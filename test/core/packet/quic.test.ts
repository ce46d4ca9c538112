import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { FlowEnds } from '../../../core/packet/clue.ts';
import { createNameReader } from '../../../core/packet/index.ts';
import { clientInitialKeys, cryptoPiecesOf, openInitial } from '../../../core/packet/quic-initial.ts';
import { initialPacketsOf } from '../../../core/packet/quic-packet.ts';
import { quicVersionOf } from '../../../core/packet/quic-version.ts';
import { flowId } from '../../../protocol/flow.ts';
import { epochMs } from '../../../protocol/units.ts';
import { createQuicCrypto } from '../../../helper/capture/quic-crypto.ts';
import { clueOf, concat, hex, namesOf, textsOf } from './clues.ts';
import { clientHello, extension, serverName } from './messages.ts';
import { cryptoFrame, draft27, draft29, four, initialPacket, version1, version2 } from './quic-sender.ts';
import type { SenderVersion } from './quic-sender.ts';

const crypto = createQuicCrypto();
const ends: FlowEnds = { protocol: 17, a: '192.0.2.10', aPort: 40_000, b: '198.51.100.7', bPort: 443 };
const firstId = hex('8394c8f03e515708');
const laterId = hex('f067a5502a4262b5');
const hello = clientHello(extension(0x0a0a, new Uint8Array(0)), extension(51, new Uint8Array(1216)), serverName('www.example.com'));
const half = 700;

function namesIn(...datagrams: readonly Uint8Array[]): readonly string[] {
  const reader = createNameReader({ quicCrypto: crypto });
  return textsOf(namesOf(reader, datagrams.map((payload) => clueOf(payload, { ends, sequence: 0 }))));
}

/** The frame of RFC 9001 A.2 and RFC 9369 A.2, with padding up to 1162 bytes. */
const vectorContent = concat(
  hex(`060040f1010000ed0303ebf8fa56f12939b9584a3896472ec40bb863cfd3e86804fe3a47f06a2b69484c00000413011302010000c0000000
    10000e00000b6578616d706c652e636f6dff01000100000a00080006001d0017001800100007000504616c706e00050005010000000000330026
    0024001d00209370b2c9caa47fbabaf4559fedba753de171fa71f50f1ce15d43e994ec74d748002b0003020304000d0010000e0403050306030203
    080408050806002d00020101001c00024001003900320408ffffffffffffffff05048000ffff07048000ffff080110010480007530090110
    0f088394c8f03e51570806048000ffff`),
  new Uint8Array(917),
);

describe('The vectors of the RFCs', () => {
  it('give the keys of RFC 9001 A.1 and RFC 9369 A.1', () => {
    const keyOf = (number: number): string => {
      const version = quicVersionOf(number);
      assert.ok(version !== null);
      const { key, iv, headerProtection } = clientInitialKeys(crypto, version, firstId);
      return [key, iv, headerProtection].map((part) => Buffer.from(part).toString('hex')).join(' ');
    };
    assert.equal(keyOf(1), '1f369613dd76d5467730efcbe3b1a22d fa044b2f42a3fd3b46fb255c 9f50449e04a0e810283a1e9933adedd2');
    assert.equal(keyOf(0x6b3343cf), '8b1a0bc121284290a29e0971b5cd045d 91f73e2351d8fa91660e909f 45b95e15235d6f45a6b19cbcb0294ba9');
  });

  const vectors: readonly (readonly [string, SenderVersion, string, string])[] = [
    ['RFC 9001 A.2', version1, 'c000000001088394c8f03e5157080000449e7b9aec34d1b1c98dd7689fb8ec11', 'e221af44860018ab0856972e194cd934'],
    ['RFC 9369 A.2', version2, 'd76b3343cf088394c8f03e5157080000449ea0c95e82ffe67b6abcdb4298b485', 'a18b2faa745b6fe189cf772a9f84cbfc'],
  ];
  for (const [source, version, beginning, tag] of vectors) {
    it(`give the content of the packet in ${source}`, () => {
      const packet = initialPacket({ version, destinationId: firstId, content: vectorContent });
      // The tag covers every byte: the packet that this test builds is the one that is printed there.
      assert.equal(packet.length, 1200);
      assert.deepEqual(packet.subarray(0, 32), hex(beginning));
      assert.deepEqual(packet.subarray(-16), hex(tag));
      const [initial] = initialPacketsOf(packet);
      assert.ok(initial !== undefined);
      assert.deepEqual(new Uint8Array(openInitial(crypto, clientInitialKeys(crypto, initial.version, firstId), initial) ?? []), vectorContent);
      assert.deepEqual(namesIn(packet), ['example.com']);
    });
  }
});

describe('A QUIC connection', () => {
  for (const version of [version1, version2, draft29, draft27]) {
    it(`of version 0x${version.number.toString(16)} tells the name`, () => {
      assert.deepEqual(namesIn(initialPacket({ version, destinationId: firstId, content: cryptoFrame(hello, 0, hello.length) })), ['www.example.com']);
    });
  }

  it('tells the name with the second half under the ID that the server chose', () => {
    const first = initialPacket({ version: version1, destinationId: firstId, content: cryptoFrame(hello, 0, half) });
    const second = initialPacket({ version: version1, destinationId: laterId, keysFrom: firstId, content: cryptoFrame(hello, half, hello.length) });
    assert.deepEqual(namesIn(first, second), ['www.example.com']);
  });

  it('tells the name after a Retry, which changes the keys', () => {
    const first = initialPacket({ version: version1, destinationId: firstId, content: cryptoFrame(hello, 0, half) });
    const token = hex('746f6b656e');
    const again = [
      initialPacket({ version: version1, destinationId: laterId, token, content: cryptoFrame(hello, 0, half) }),
      initialPacket({ version: version1, destinationId: laterId, token, content: cryptoFrame(hello, half, hello.length) }),
    ];
    assert.deepEqual(namesIn(first, ...again), ['www.example.com']);
  });

  it('tells the name where the version changes from 1 to 2 under the same first ID', () => {
    const first = initialPacket({ version: version1, destinationId: firstId, content: cryptoFrame(hello, 0, half) });
    const second = initialPacket({ version: version2, destinationId: laterId, keysFrom: firstId, content: cryptoFrame(hello, half, hello.length) });
    assert.deepEqual(namesIn(first, second), ['www.example.com']);
  });

  it('tells the name in the order in which its datagrams come, each of them twice', () => {
    const cuts = [0, 200, 500, 900, 1100, hello.length];
    const datagrams = cuts.slice(1).map((to, index) =>
      initialPacket({ version: version1, destinationId: firstId, packetNumber: index, content: cryptoFrame(hello, cuts[index] ?? 0, to) }),
    );
    const all = [...datagrams, ...datagrams];
    fc.assert(
      fc.property(fc.shuffledSubarray(all, { minLength: all.length }), (shuffled) => {
        assert.deepEqual(namesIn(...shuffled), ['www.example.com']);
      }),
      { numRuns: 50 },
    );
  });

  it('tells the name out of shuffled frames among pings, acknowledgements and padding', () => {
    const frames = [cryptoFrame(hello, 900, hello.length), cryptoFrame(hello, 0, 3), cryptoFrame(hello, 500, 900), cryptoFrame(hello, 2, 500)];
    const noise = [hex('01'), hex('02 05 00 00 05'), hex('03 05 00 01 02 01 01 00 00 00'), new Uint8Array(30)];
    const any = fc.shuffledSubarray([...frames, ...noise], { minLength: frames.length + noise.length });
    fc.assert(
      fc.property(any, (shuffled) => {
        assert.deepEqual(namesIn(initialPacket({ version: version1, destinationId: firstId, content: concat(...shuffled) })), ['www.example.com']);
      }),
      { numRuns: 50 },
    );
  });

  it('tells the name behind a 0-RTT packet in the same datagram', () => {
    const zeroRtt = concat(Uint8Array.of(0xd0), four(1), Uint8Array.of(firstId.length), firstId, Uint8Array.of(0, 40), new Uint8Array(40));
    const initial = initialPacket({ version: version1, destinationId: firstId, content: cryptoFrame(hello, 0, hello.length) });
    assert.deepEqual(namesIn(zeroRtt, concat(zeroRtt, initial, new Uint8Array(9))), ['www.example.com']);
  });

  it('is not taken for one in a version that nobody knows, or in a version negotiation', () => {
    for (const number of [0, 0x0a0a0a0a, 0x51303436, 0xff000016]) {
      assert.deepEqual(namesIn(initialPacket({ version: { ...version1, number }, destinationId: firstId, content: vectorContent })), []);
    }
  });

  it('is not disturbed by what the server sends', () => {
    const reader = createNameReader({ quicCrypto: crypto });
    const first = initialPacket({ version: version1, destinationId: firstId, content: cryptoFrame(hello, 0, half) });
    const noise = initialPacket({ version: version1, destinationId: laterId, keysFrom: hex('00'), content: vectorContent });
    const second = initialPacket({ version: version1, destinationId: laterId, keysFrom: firstId, content: cryptoFrame(hello, half, hello.length) });
    const names = namesOf(reader, [
      clueOf(first, { ends }),
      ...Array.from({ length: 40 }, () => clueOf(noise, { ends, direction: 'ba' as const })),
      clueOf(second, { ends }),
    ]);
    assert.deepEqual(textsOf(names), ['www.example.com']);
  });
});

describe('A flood of QUIC', () => {
  it('is read up to its bound in each second, and no further', () => {
    const reader = createNameReader({ quicCrypto: crypto, limits: { maximumQuicDatagramsPerSecond: 3 } });
    const packet = initialPacket({ version: version1, destinationId: firstId, content: cryptoFrame(hello, 0, hello.length) });
    const told = (flow: number, second: number): number =>
      reader.read(clueOf(packet, { ends, flow: flowId(flow), time: epochMs(1_700_000_000_000 + second * 1000) })).length;
    assert.deepEqual([1, 2, 3, 4, 5].map((flow) => told(flow, 0)), [1, 1, 1, 0, 0]);
    assert.deepEqual([4, 5].map((flow) => told(flow, 1)), [1, 1]);
  });
});

describe('Any bytes in place of QUIC', () => {
  it('give no error, as a datagram and as the content of a packet', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        cryptoPiecesOf(bytes);
        namesIn(bytes, concat(Uint8Array.of(0xc0, 0, 0, 0, 1), bytes), initialPacket({ version: version1, destinationId: firstId, content: concat(bytes, new Uint8Array(20)) }));
      }),
      { numRuns: 500 },
    );
  });

  it('that were a packet before some were changed or cut give the name or none', () => {
    const packet = initialPacket({ version: version1, destinationId: firstId, content: cryptoFrame(hello, 0, hello.length) });
    const change = fc.record({ at: fc.nat(packet.length - 1), to: fc.nat(255) });
    fc.assert(
      fc.property(fc.array(change, { maxLength: 4 }), fc.nat(packet.length), (changes, length) => {
        const bytes = packet.slice();
        for (const { at, to } of changes) bytes[at] = to;
        for (const name of namesIn(bytes.subarray(0, length))) assert.equal(name, 'www.example.com');
      }),
      { numRuns: 500 },
    );
  });
});
