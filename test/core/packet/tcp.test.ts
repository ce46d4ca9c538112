import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { ByteStream, maximumWaitingBytes, maximumWaitingSegments } from '../../../core/packet/byte-stream.ts';
import { createNameReader } from '../../../core/packet/index.ts';
import type { Clue } from '../../../core/packet/clue.ts';
import { createQuicCrypto } from '../../../helper/capture/quic-crypto.ts';
import { ascii, clueOf, concat, dnsEnds, namesOf, segmentsOf, textsOf } from './clues.ts';
import { addressRecord, dnsMessage, extension, helloFor, two } from './messages.ts';

function told(clues: readonly Clue[]): readonly string[] {
  return textsOf(namesOf(createNameReader({ quicCrypto: createQuicCrypto(), believedAnswers: 'all' }), clues));
}

const hello = helloFor('www.example.com', extension(21, new Uint8Array(2500)));

/** The segments of a stream that begins at 1000, from one offset to another. */
function part(stream: Uint8Array, from: number, to: number): Clue {
  return clueOf(stream.subarray(from, to), { sequence: 1000 + from });
}

describe('A byte stream', () => {
  it('gives the bytes in order, whatever the segments', () => {
    const stream = Uint8Array.from({ length: 400 }, (_, index) => index & 0xff);
    const piece = fc.record({ from: fc.nat(399), length: fc.integer({ min: 1, max: 80 }) });
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 60 }), fc.integer({ min: 0, max: 0xffff_ffff }), (pieces, begin) => {
        const ordered = new ByteStream();
        ordered.push(begin, new Uint8Array(0));
        const read = [...pieces, { from: 0, length: 400 }].flatMap(({ from, length }) =>
          ordered.push((begin + from) >>> 0, stream.subarray(from, from + length)).flatMap((bytes) => [...bytes]),
        );
        assert.deepEqual(Uint8Array.from(read), stream);
      }),
    );
  });

  it('keeps the bytes that came first where segments disagree', () => {
    const stream = new ByteStream();
    stream.push(0, ascii('abc'));
    stream.push(6, ascii('ghi'));
    const read = stream.push(2, ascii('XdefXX')).flatMap((bytes) => [...bytes]);
    assert.equal(String.fromCharCode(...read), 'defXXi');
  });

  it('holds a bounded number of bytes and segments behind a gap', () => {
    const stream = new ByteStream();
    stream.push(0, ascii('x'));
    for (let offset = 2; offset < 500; offset += 2) stream.push(offset, ascii('y'));
    assert.ok(stream.waitingSegments <= maximumWaitingSegments);
    for (let offset = 1000; offset < 300_000; offset += 1000) stream.push(offset, new Uint8Array(1000));
    assert.ok(stream.waitingBytes <= maximumWaitingBytes);
  });
});

describe('A ClientHello over TCP', () => {
  it('is read from data on the SYN', () => {
    assert.deepEqual(told([clueOf(hello.subarray(0, 800), { syn: true }), part(hello, 800, hello.length)]), ['www.example.com']);
  });

  it('is read where the capture began in mid-stream with its second segment', () => {
    assert.deepEqual(told([part(hello, 1400, hello.length), part(hello, 0, 1400)]), ['www.example.com']);
  });

  it('is read from the other side too, where the capture began with the answer', () => {
    assert.deepEqual(told([clueOf(ascii('anything'), { sequence: 5 }), clueOf(hello, { direction: 'ba' })]), ['www.example.com']);
  });

  it('tells the name that is in what the capture kept of a cut packet', () => {
    assert.deepEqual(told([clueOf(hello.subarray(0, 300), { wireLength: hello.length })]), ['www.example.com']);
  });

  it('tells the name that came before a lost segment once the server has answered', () => {
    const lost = [part(hello, 0, 500), part(hello, 1000, 2000), part(hello, 2000, hello.length)];
    assert.deepEqual(told(lost), []);
    assert.deepEqual(told([...lost, clueOf(Uint8Array.of(22, 3, 3, 0, 90, 2), { direction: 'ba' })]), ['www.example.com']);
  });

  it('is told once, and the flow then tells nothing more', () => {
    assert.deepEqual(told([clueOf(hello), clueOf(hello), clueOf(helloFor('other.example'), { sequence: 50_000 })]), ['www.example.com']);
  });
});

describe('HTTP over TCP', () => {
  const get = (host: string, target = '/'): Uint8Array => ascii(`GET ${target} HTTP/1.1\r\nHost: ${host}\r\n\r\n`);

  it('tells every host of one connection, in any segments', () => {
    const stream = concat(get('one.example'), ascii('POST / HTTP/1.1\r\nHost: two.example\r\nContent-Length: 38\r\n\r\n'), get('body.example'), get('three.example'));
    // The body of the second request is 38 bytes that look like a request themselves.
    assert.equal(get('body.example').length, 38);
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 60 }), { maxLength: 40 }), (cuts) => {
        assert.deepEqual(told(segmentsOf(stream, cuts)), ['one.example', 'two.example', 'three.example']);
      }),
    );
  });

  it('tells the host of a request far behind the beginning, where what lies between was never handed on', () => {
    assert.deepEqual(told([clueOf(get('one.example')), clueOf(get('two.example'), { sequence: 900_000 })]), ['one.example', 'two.example']);
  });

  it('tells the host of a target in absolute form, and of CONNECT', () => {
    assert.deepEqual(told([clueOf(get('proxy.example', 'http://user@Site.example:81/x'))]), ['site.example']);
    assert.deepEqual(told([clueOf(ascii('CONNECT site.example:443 HTTP/1.1\r\nHost: other.example\r\n\r\n'))]), ['site.example']);
  });

  it('tells an address that somebody asked for, but only a valid one', () => {
    assert.deepEqual(told([clueOf(get('127.0.0.1:8000'))]), ['127.0.0.1']);
    for (const wrong of ['1.2.3', '999.1.1.1', '%s', '[::1]', 'a b', '']) assert.deepEqual(told([clueOf(get(wrong))]), []);
  });

  it('tells the host behind a hole of less than a packet in the head', () => {
    const request = ascii(`GET /${'x'.repeat(1500)} HTTP/1.1\r\nAccept: */*\r\nHost: www.example.com\r\n\r\n`);
    assert.deepEqual(told([clueOf(request.subarray(0, 1424), { wireLength: 1440 }), part(request, 1440, request.length)]), ['www.example.com']);
  });

  it('does not take what follows a long line for a head', () => {
    const request = ascii(`GET / HTTP/1.1\r\nCookie: ${'x'.repeat(20_000)}\r\nHost: www.example.com\r\n\r\n`);
    assert.deepEqual(told(segmentsOf(request, Array.from({ length: 20 }, () => 1400))), ['www.example.com']);
  });

  it('is not taken for RTSP, SIP or anything like it', () => {
    for (const line of ['OPTIONS rtsp://a.example/x RTSP/1.0', 'OPTIONS sip:a.example SIP/2.0', 'GETX / HTTP/1.1', 'get / HTTP/1.1']) {
      assert.deepEqual(told([clueOf(ascii(`${line}\r\nHost: a.example\r\n\r\n`))]), []);
    }
  });

  it('counts a response with the request it answers, interim responses left out', () => {
    const reader = createNameReader({ quicCrypto: createQuicCrypto() });
    reader.read(clueOf(ascii('POST /up HTTP/1.1\r\nHost: one.example\r\nExpect: 100-continue\r\n\r\n')));
    reader.read(clueOf(ascii('HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 201 Created\r\n\r\n'), { direction: 'ba' }));
    assert.deepEqual(reader.takeHttp().map(({ kind, status }) => `${kind} ${status}`), ['request null', 'response 201']);
  });

  it('gives no error and no invalid host for any bytes', () => {
    const start = fc.constantFrom('GET ', 'CONNECT ', 'GET http://', 'HTTP/1.1 ', 'Host: ', 'Content-Length: ', '\r\n', ' HTTP/1.1\r\n', 'example.com');
    const bytes = fc.oneof(start.map((text) => ascii(text)), fc.uint8Array({ maxLength: 20 }));
    fc.assert(
      fc.property(fc.array(bytes, { maxLength: 12 }), fc.array(fc.integer({ min: 1, max: 30 }), { maxLength: 10 }), (parts, cuts) => {
        for (const name of told(segmentsOf(concat(...parts), cuts))) assert.match(name, /^[a-z\d_-]{1,63}(\.[a-z\d_-]{1,63})*$/u);
      }),
      { numRuns: 2000 },
    );
  });
});

describe('DNS over TCP', () => {
  const question = { name: 'www.example.com', type: 1 };
  const framed = (last: number): Uint8Array => {
    const message = dnsMessage({ id: last, question, answers: [addressRecord('www.example.com', `203.0.113.${last}`)] });
    return concat(two(message.length), message);
  };
  const ends = { ...dnsEnds, protocol: 6 };

  it('tells the same names in any segments: several messages in one, one in several, the length split', () => {
    const stream = concat(framed(1), framed(2), framed(3));
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 70 }), { maxLength: 60 }), (cuts) => {
        const names = namesOf(createNameReader({ quicCrypto: createQuicCrypto(), believedAnswers: 'all' }), segmentsOf(stream, cuts, { ends, direction: 'ba' }));
        assert.deepEqual(names.map((seen) => (seen.kind === 'address' ? seen.address : '')), ['203.0.113.1', '203.0.113.2', '203.0.113.3']);
      }),
    );
  });

  it('is given up where a length cannot be', () => {
    assert.deepEqual(told([clueOf(concat(two(5), new Uint8Array(5), framed(1)), { ends })]), []);
  });
});
