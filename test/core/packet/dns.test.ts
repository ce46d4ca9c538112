import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { readDnsMessage } from '../../../core/packet/dns-message.ts';
import { namesOfAnswer } from '../../../core/packet/dns-names.ts';
import { concat, hex } from './clues.ts';
import { addressRecord, cnameRecord, dnsMessage, two, wireName } from './messages.ts';
import type { TestMessage, TestRecord } from './messages.ts';

const pointerToQuestion = Uint8Array.of(0xc0, 12);

function namesIn(message: TestMessage): readonly string[] {
  return namesInBytes(dnsMessage(message));
}

function namesInBytes(bytes: Uint8Array): readonly string[] {
  const message = readDnsMessage(bytes);
  return message === null ? [] : namesOfAnswer(message).map(({ name, address }) => `${name}=${address}`);
}

const question = { name: 'www.example.com', type: 1 };

describe('An answer of DNS', () => {
  it('names the address after the question, in lower case', () => {
    const mixedCase = { name: 'wWw.ExAmPlE.cOm', type: 1 };
    assert.deepEqual(namesIn({ question: mixedCase, answers: [addressRecord(pointerToQuestion, '203.0.113.5')] }), ['www.example.com=203.0.113.5']);
  });

  it('credits the question with every address behind a chain of aliases, whatever the order of the records', () => {
    const chain = [
      cnameRecord('www.example.com', 'www.example.cdn.net'),
      cnameRecord('www.example.cdn.net', 'edge7.cdn.net'),
      addressRecord('edge7.cdn.net', '203.0.113.5'),
      addressRecord('edge7.cdn.net', '2001:db8::5'),
    ];
    fc.assert(
      fc.property(fc.shuffledSubarray(chain, { minLength: chain.length }), (answers) => {
        assert.deepEqual(namesIn({ question, answers }).toSorted(), ['www.example.com=2001:db8::5', 'www.example.com=203.0.113.5']);
      }),
    );
  });

  it('follows a DNAME whose synthesised CNAME is missing', () => {
    const dname: TestRecord = { owner: 'example.com', type: 39, data: wireName('example.net') };
    assert.deepEqual(namesIn({ question, answers: [dname, addressRecord('www.example.net', '203.0.113.5')] }), ['www.example.com=203.0.113.5']);
  });

  it('takes the address hints of an HTTPS record as addresses of the question', () => {
    const parameters = concat(two(1), two(3), hex('02 68 32'), two(4), two(8), hex('cb007105 cb007106'), two(6), two(16), hex('20010db8 00000000 00000000 00000005'));
    const https: TestRecord = { owner: pointerToQuestion, type: 65, data: concat(two(1), wireName(''), parameters) };
    assert.deepEqual(namesIn({ question: { ...question, type: 65 }, answers: [https] }), [
      'www.example.com=203.0.113.5',
      'www.example.com=203.0.113.6',
      'www.example.com=2001:db8::5',
    ]);
  });

  it('follows an HTTPS record in alias mode', () => {
    const alias: TestRecord = { owner: 'www.example.com', type: 65, data: concat(two(0), wireName('pool.example.net')) };
    assert.deepEqual(namesIn({ question: { ...question, type: 65 }, answers: [alias, addressRecord('pool.example.net', '203.0.113.5')] }), [
      'www.example.com=203.0.113.5',
    ]);
  });

  it('is about the host where the question has a port before it', () => {
    const portQuestion = { name: '_8443._https.www.example.com', type: 65 };
    const https: TestRecord = { owner: pointerToQuestion, type: 65, data: concat(two(1), wireName(''), two(4), two(4), hex('cb007105')) };
    assert.deepEqual(namesIn({ question: portQuestion, answers: [https] }), ['www.example.com=203.0.113.5']);
  });

  it('gives the shortest time to live on the way', () => {
    const message = readDnsMessage(
      dnsMessage({ question, answers: [cnameRecord('www.example.com', 'edge.example.net', 20), addressRecord('edge.example.net', '203.0.113.5', 300)] }),
    );
    assert.ok(message !== null);
    assert.equal(namesOfAnswer(message)[0]?.ttlSeconds, 20);
  });

  it('counts a time to live with its top bit set as zero', () => {
    const message = readDnsMessage(dnsMessage({ question, answers: [addressRecord('www.example.com', '203.0.113.5', 0x8000_0001)] }));
    assert.equal(message?.records[0]?.ttlSeconds, 0);
  });

  const silent: readonly (readonly [string, TestMessage])[] = [
    ['is a question', { question, flags: 0x0100, answers: [addressRecord('www.example.com', '203.0.113.5')] }],
    ['is an error', { question, flags: 0x8183, answers: [addressRecord('www.example.com', '203.0.113.5')] }],
    ['is cut off', { question, flags: 0x8380, answers: [addressRecord('www.example.com', '203.0.113.5')] }],
    ['is of another class', { question: { ...question, class: 3 }, answers: [addressRecord('www.example.com', '203.0.113.5')] }],
    ['has its addresses in the additional section', { question, additional: [addressRecord('www.example.com', '203.0.113.5')] }],
    ['has addresses of another name', { question, answers: [addressRecord('elsewhere.example', '203.0.113.5')] }],
    ['asks for a name that no host has', { question: { name: 'my printer', type: 1 }, answers: [addressRecord(pointerToQuestion, '203.0.113.5')] }],
    ['asks for a name that is an address', { question: { name: '198.51.100.1', type: 1 }, answers: [addressRecord(pointerToQuestion, '203.0.113.5')] }],
  ];
  for (const [how, message] of silent) {
    it(`names nothing when it ${how}`, () => assert.deepEqual(namesIn(message), []));
  }

  it('ends at a broken record and keeps what came before it', () => {
    const broken: TestRecord = { owner: Uint8Array.of(0xc0, 0xff), type: 1, data: hex('cb007106') };
    assert.deepEqual(namesIn({ question, answers: [addressRecord('www.example.com', '203.0.113.5'), broken, addressRecord('www.example.com', '203.0.113.7')] }), [
      'www.example.com=203.0.113.5',
    ]);
  });
});

describe('A compressed name', () => {
  const header = hex('0007 8180 0001 0000 0000 0000');

  it('that points at itself is no message', () => assert.equal(readDnsMessage(concat(header, hex('c00c 0001 0001'))), null));
  it('that points forward is no message', () => assert.equal(readDnsMessage(concat(header, hex('c012 0001 0001 0161 00'))), null));
  it('with a label type of the future is no message', () => assert.equal(readDnsMessage(concat(header, hex('4161 00 0001 0001'))), null));
  it('of more than 255 bytes is no message', () => {
    const label = concat(Uint8Array.of(63), new Uint8Array(63).fill(0x61));
    const name = (count: number): Uint8Array => concat(...Array.from({ length: count }, () => label), hex('00 0001 0001'));
    assert.ok(readDnsMessage(concat(header, name(3))) !== null);
    assert.equal(readDnsMessage(concat(header, name(4))), null);
  });
});

describe('Any bytes', () => {
  it('give a message or null, never an error', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 600 }), (bytes) => void namesInBytes(bytes)), { numRuns: 2000 });
  });

  it('that were an answer before some were changed or cut give valid names or none', () => {
    const answer = dnsMessage({
      question,
      answers: [cnameRecord(pointerToQuestion, 'edge.example.net'), addressRecord('edge.example.net', '203.0.113.5'), addressRecord('edge.example.net', '2001:db8::5')],
    });
    const change = fc.record({ at: fc.nat(answer.length - 1), to: fc.nat(255) });
    fc.assert(
      fc.property(fc.array(change, { maxLength: 8 }), fc.nat(answer.length), (changes, length) => {
        const bytes = answer.slice();
        for (const { at, to } of changes) bytes[at] = to;
        for (const found of namesInBytes(bytes.subarray(0, length))) assert.match(found, /^[a-z\d_.-]{1,253}=[\da-f.:]+$/u);
      }),
      { numRuns: 2000 },
    );
  });
});
