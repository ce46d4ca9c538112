import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { createNameReader } from '../../../core/packet/index.ts';
import type { NameReader } from '../../../core/packet/index.ts';
import { createQuicCrypto } from '../../../helper/capture/quic-crypto.ts';
import { flowId } from '../../../protocol/flow.ts';
import { epochMs } from '../../../protocol/units.ts';
import { ascii, clueOf, concat, dnsEnds, namesOf, segmentsOf, textsOf, webEnds } from './clues.ts';
import { addressRecord, dnsMessage, extension, helloFor, two } from './messages.ts';

function reader(): NameReader {
  return createNameReader({ quicCrypto: createQuicCrypto() });
}

const question = { name: 'www.example.com', type: 1 };
const query = dnsMessage({ flags: 0x0100, question });
const answer = dnsMessage({ question, answers: [addressRecord('www.example.com', '203.0.113.5')] });
const sizes = fc.array(fc.integer({ min: 1, max: 120 }), { maxLength: 40 });

describe('The name reader', () => {
  it('tells the server name of a TLS connection', () => {
    assert.deepEqual(reader().read(clueOf(helloFor('www.example.com'))), [
      { kind: 'flow', flow: 1, source: 'tls-sni', name: 'www.example.com', time: 1_700_000_000_000, encryptedClientHello: false },
    ]);
  });

  it('tells the address that an answer gave, with the flow that carried it', () => {
    const names = namesOf(reader(), [clueOf(query, { ends: dnsEnds }), clueOf(answer, { ends: dnsEnds, direction: 'ba' })]);
    assert.deepEqual(names, [
      { kind: 'address', source: 'dns', name: 'www.example.com', address: '203.0.113.5', ttlSeconds: 300, time: 1_700_000_000_000, flow: 1 },
    ]);
  });

  it('does not believe an answer that nobody asked for, unless told to', () => {
    const clue = clueOf(answer, { ends: dnsEnds, direction: 'ba' });
    assert.deepEqual(reader().read(clue), []);
    assert.deepEqual(textsOf(createNameReader({ quicCrypto: createQuicCrypto(), believedAnswers: 'all' }).read(clue)), ['www.example.com']);
  });

  it('does not believe a second answer to one question', () => {
    const forged = dnsMessage({ question, answers: [addressRecord('www.example.com', '203.0.113.66')] });
    const names = namesOf(reader(), [
      clueOf(query, { ends: dnsEnds }),
      clueOf(answer, { ends: dnsEnds, direction: 'ba' }),
      clueOf(forged, { ends: dnsEnds, direction: 'ba' }),
    ]);
    assert.equal(names.length, 1);
  });

  it('tells the hosts that plain HTTP asks for, and what for', () => {
    const request = ascii('GET /images/1.png?secret=1 HTTP/1.1\r\nUser-Agent: x\r\nHost: Example.com:8080\r\n\r\n');
    const response = ascii('HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n');
    const names = reader();
    assert.deepEqual(textsOf(namesOf(names, [clueOf(request), clueOf(response, { direction: 'ba' })])), ['example.com']);
    assert.deepEqual(
      names.takeHttp().map(({ kind, host, method, section, status }) => ({ kind, host, method, section, status })),
      [
        { kind: 'request', host: 'example.com', method: 'GET', section: '/images', status: null },
        { kind: 'response', host: 'example.com', method: 'GET', section: '/images', status: 404 },
      ],
    );
  });
});

describe('A stream', () => {
  const hello = helloFor('www.example.com', extension(21, new Uint8Array(600)));
  const streams: readonly (readonly [string, Uint8Array])[] = [
    ['TLS', hello],
    ['HTTP', ascii('POST /upload HTTP/1.1\r\nUser-Agent: something\r\nhost:www.example.com\r\nContent-Length: 5\r\n\r\n12345')],
    ['TLS behind STARTTLS', concat(ascii('EHLO there\r\nSTARTTLS\r\n'), hello)],
    ['TLS behind the PROXY protocol, version 1', concat(ascii('PROXY TCP4 192.0.2.1 192.0.2.2 5000 443\r\n'), hello)],
    ['TLS behind the PROXY protocol, version 2', concat(Uint8Array.of(13, 10, 13, 10, 0, 13, 10, 81, 85, 73, 84, 10, 0x21, 0x11), two(12), new Uint8Array(12), hello)],
    ['TLS behind SOCKS 4', concat(Uint8Array.of(4, 1, 1, 187, 203, 0, 113, 5, 0), hello)],
    ['TLS behind SOCKS 5', concat(Uint8Array.of(5, 1, 0, 5, 1, 0, 1, 203, 0, 113, 5, 1, 187), hello)],
    ['TLS behind HTTP CONNECT', concat(ascii('CONNECT 203.0.113.5:443 HTTP/1.1\r\nHost: 203.0.113.5:443\r\n\r\n'), hello)],
  ];
  for (const [protocol, stream] of streams) {
    it(`of ${protocol} tells the same name in any segments`, () => {
      fc.assert(
        fc.property(sizes, fc.integer({ min: 0, max: 0xffff_ffff }), (cuts, sequence) => {
          const names = textsOf(namesOf(reader(), segmentsOf(stream, cuts, { sequence })));
          assert.ok(names.includes('www.example.com'), names.join(' '));
        }),
      );
    });
  }

  it('tells the same name in any order of its segments, some of them twice', () => {
    const order = fc.array(fc.nat(), { minLength: 30, maxLength: 30 });
    fc.assert(
      fc.property(sizes, order, fc.integer({ min: 0, max: 0xffff_ffff }), (cuts, keys, sequence) => {
        const segments = segmentsOf(hello, cuts, { sequence });
        const shuffled = [...segments, ...segments.slice(0, 5)].map((segment, index) => ({ segment, key: keys[index % keys.length] ?? 0 })).toSorted((one, other) => one.key - other.key);
        assert.deepEqual(textsOf(namesOf(reader(), shuffled.map(({ segment }) => segment))), ['www.example.com']);
      }),
    );
  });
});

describe('The memory of a clue', () => {
  it('may be used again after the call', () => {
    const stream = helloFor('www.example.com', extension(21, new Uint8Array(600)));
    fc.assert(
      fc.property(sizes, fc.infiniteStream(fc.nat(9)), (cuts, keys) => {
        const names = reader();
        const shared = Buffer.alloc(stream.length);
        const segments = segmentsOf(stream, cuts).map((segment) => ({ segment, key: keys.next().value })).toSorted((one, other) => Number(one.key) - Number(other.key));
        const told = segments.flatMap(({ segment }) => {
          shared.set(segment.payload);
          const read = names.read({ ...segment, payload: shared.subarray(0, segment.payload.length) });
          shared.fill(0x41);
          return [...read];
        });
        assert.deepEqual(textsOf(told), ['www.example.com']);
      }),
    );
  });
});

describe('The memory of the name reader', () => {
  it('keeps to its bounds whatever comes', () => {
    const bounded = createNameReader({ quicCrypto: createQuicCrypto(), limits: { maximumFlows: 10, maximumHeldBytes: 10_000 } });
    for (let flow = 0; flow < 100; flow += 1) {
      bounded.read(clueOf(helloFor('x.example', extension(21, new Uint8Array(4000))).subarray(0, 3000), { flow: flowId(flow) }));
    }
    assert.ok(bounded.heldBytes <= 10_000);
    assert.ok(bounded.flows <= 10);
  });

  it('is free again when flows end or are silent', () => {
    const names = reader();
    names.read(clueOf(helloFor('x.example').subarray(0, 50), { flow: flowId(1) }));
    names.read(clueOf(helloFor('x.example').subarray(0, 50), { flow: flowId(2) }));
    names.end(flowId(1));
    assert.equal(names.flows, 1);
    names.age(epochMs(1_700_000_000_000 + 3_600_000));
    assert.deepEqual([names.flows, names.heldBytes], [0, 0]);
  });

  it('takes any payload of any protocol without an error', () => {
    const names = reader();
    const port = fc.constantFrom(53, 80, 137, 443, 5353, 5355, 40_000);
    const payload = fc.oneof(fc.uint8Array({ maxLength: 300 }), fc.constant(helloFor('a.example')), fc.constant(query), fc.constant(answer));
    fc.assert(
      fc.property(fc.constantFrom(6, 17, 1), port, fc.nat(20), fc.constantFrom('ab' as const, 'ba' as const), fc.nat(3000), payload, fc.nat(100), (protocol, bPort, flow, direction, sequence, bytes, cut) => {
        names.read(clueOf(bytes, { flow: flowId(flow), direction, sequence, wireLength: bytes.length + cut, ends: { ...webEnds, protocol, bPort } }));
      }),
      { numRuns: 3000 },
    );
  });
});
