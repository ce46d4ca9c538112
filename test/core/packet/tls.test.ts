import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { ClientHelloReader, findClientHello } from '../../../core/packet/tls-client-hello.ts';
import type { ClientHelloOutcome } from '../../../core/packet/tls-client-hello.ts';
import { concat, hex } from './clues.ts';
import { clientHello, extension, helloFor, records, serverName } from './messages.ts';

function readInPieces(stream: Uint8Array, sizes: readonly number[]): ClientHelloOutcome {
  const reader = new ClientHelloReader();
  let offset = 0;
  for (const size of [...sizes, stream.length]) {
    const outcome = reader.push(stream.subarray(offset, offset + size));
    if (outcome.kind !== 'more') return outcome;
    offset += size;
  }
  return { kind: 'more' };
}

function nameIn(stream: Uint8Array): string | null | undefined {
  const outcome = readInPieces(stream, []);
  return outcome.kind === 'hello' ? outcome.hello.name : undefined;
}

describe('A ClientHello', () => {
  it('tells the name of the server', () => assert.equal(nameIn(helloFor('www.example.com')), 'www.example.com'));

  it('tells the same name in any pieces and any records', () => {
    const handshake = clientHello(extension(21, new Uint8Array(900)), serverName('www.example.com'));
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 700 }), fc.array(fc.integer({ min: 1, max: 90 }), { maxLength: 60 }), (size, sizes) => {
        const outcome = readInPieces(records(handshake, size), sizes);
        assert.deepEqual(outcome, { kind: 'hello', hello: { name: 'www.example.com', encryptedClientHello: false } });
      }),
    );
  });

  it('without a server name tells that there is none', () => assert.equal(nameIn(records(clientHello(extension(43, Uint8Array.of(2, 3, 4))))), null));

  it('says that the name may be an outer one', () => {
    const outcome = readInPieces(helloFor('public.example', extension(0xfe0d, new Uint8Array(200))), []);
    assert.deepEqual(outcome, { kind: 'hello', hello: { name: 'public.example', encryptedClientHello: true } });
  });

  it('loses its port, its final dot and its capital letters', () => {
    assert.equal(nameIn(helloFor('Server4:443')), 'server4');
    assert.equal(nameIn(helloFor('www.Example.com.')), 'www.example.com');
  });

  for (const wrong of ['203.0.113.5', '203.0.113.5:443', '2001:db8::5', '[2001:db8::5]:443', 'a b', 'x'.repeat(64), '..', '', 'naïve.example', 'ex\u212Ample.com', `${'a.'.repeat(127)}a`]) {
    it(`has no name where that is ${JSON.stringify(wrong.slice(0, 30))}`, () => {
      assert.equal(nameIn(helloFor(wrong.replaceAll(/[^\0-\u007F]/gu, '\u00EF'))), null);
    });
  }

  it('that was cut tells what was in it', () => {
    const whole = helloFor('www.example.com', extension(21, new Uint8Array(3000)));
    const reader = new ClientHelloReader();
    assert.deepEqual(reader.push(whole.subarray(0, 400)), { kind: 'more' });
    assert.equal(reader.salvage()?.name, 'www.example.com');
  });

  it('of more than the bound is given up', () => {
    const reader = new ClientHelloReader();
    assert.deepEqual(reader.push(hex('16 0301 0100 01 01ffff 0303')), { kind: 'not-tls' });
  });

  it('is found behind any unknown bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (before) => {
        const hello = helloFor('www.example.com');
        assert.equal(findClientHello(concat(before, hello)), before.length);
      }),
    );
  });
});

describe('Any bytes in place of a ClientHello', () => {
  it('give an outcome, never an error', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 600 }), fc.array(fc.integer({ min: 1, max: 50 })), (bytes, sizes) => void readInPieces(bytes, sizes)), { numRuns: 1000 });
  });

  it('that were one before some were changed give a valid name or none', () => {
    const hello = helloFor('www.example.com', extension(0xfe0d, new Uint8Array(40)));
    const change = fc.record({ at: fc.nat(hello.length - 1), to: fc.nat(255) });
    fc.assert(
      fc.property(fc.array(change, { maxLength: 6 }), fc.nat(hello.length), (changes, length) => {
        const bytes = hello.slice();
        for (const { at, to } of changes) bytes[at] = to;
        const name = nameIn(bytes.subarray(0, length));
        if (name !== undefined && name !== null) assert.match(name, /^[a-z\d_-]{1,63}(\.[a-z\d_-]{1,63})*$/u);
      }),
      { numRuns: 2000 },
    );
  });
});
