import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { FlowEnds } from '../../../core/packet/clue.ts';
import { createNameReader } from '../../../core/packet/index.ts';
import type { PayloadClue } from '../../../core/packet/reading.ts';
import { createQuicCrypto } from '../../../helper/capture/quic-crypto.ts';
import { ascii, clueOf, concat, hex } from './clues.ts';
import { addressRecord, dnsMessage, two } from './messages.ts';

const mdnsEnds: FlowEnds = { protocol: 17, a: '192.168.1.20', aPort: 5353, b: '224.0.0.251', bPort: 5353 };
const netbiosEnds: FlowEnds = { protocol: 17, a: '192.168.1.20', aPort: 137, b: '192.168.1.255', bPort: 137 };

function told(payload: Uint8Array, changes: Partial<PayloadClue> = {}): readonly string[] {
  const reader = createNameReader({ quicCrypto: createQuicCrypto() });
  const names = reader.read(clueOf(payload, { ends: mdnsEnds, hopLimit: 255, sequence: 0, ...changes }));
  return names.map((seen) => `${seen.source} ${seen.name} ${seen.kind === 'address' ? seen.address : ''}`);
}

function announcement(name: string, address: string): Uint8Array {
  return dnsMessage({ id: 0, flags: 0x8400, answers: [{ ...addressRecord(name, address), class: 0x8001 }] });
}

/** First-level encoding (RFC 1001 14.1), as a label with its length before it and the root behind. */
function netbiosName(name: string, suffix: number): Uint8Array {
  const bytes = [...ascii(name.padEnd(15, ' '))];
  return Uint8Array.of(32, ...[...bytes, suffix].flatMap((byte) => [0x41 + (byte >> 4), 0x41 + (byte & 15)]), 0);
}

function registration(name: string, suffix: number, flags = 0): Uint8Array {
  const entry = concat(two(flags), hex('c0a80114'));
  return concat(hex('0001 2910 0001 0000 0000 0001'), netbiosName(name, suffix), hex('0020 0001 c00c 0020 0001 000493e0 0006'), entry);
}

describe('mDNS', () => {
  it('names a host of the LAN', () => assert.deepEqual(told(announcement('Printer.local', '192.168.1.20')), ['mdns printer.local 192.168.1.20']));

  it('names a host by an address in the additional section', () => {
    const response = dnsMessage({ id: 0, flags: 0x8400, additional: [addressRecord('printer.local', 'fe80::1')] });
    assert.deepEqual(told(response), ['mdns printer.local fe80::1']);
  });

  it('is not believed from behind a router, or from another port', () => {
    assert.deepEqual(told(announcement('printer.local', '192.168.1.20'), { hopLimit: 254 }), []);
    assert.deepEqual(told(announcement('printer.local', '192.168.1.20'), { ends: { ...mdnsEnds, aPort: 40_000 } }), []);
  });

  it('names nothing outside of .local and no address of the internet but the sender\'s own', () => {
    assert.deepEqual(told(announcement('www.example.com', '192.168.1.20')), []);
    assert.deepEqual(told(announcement('printer.local', '203.0.113.5')), []);
    assert.deepEqual(told(announcement('printer.local', '203.0.113.5'), { ends: { ...mdnsEnds, a: '203.0.113.5' } }), ['mdns printer.local 203.0.113.5']);
  });
});

describe('LLMNR', () => {
  const ends: FlowEnds = { protocol: 17, a: '192.168.1.20', aPort: 5355, b: '192.168.1.10', bPort: 50_000 };
  it('names a host of the LAN', () => {
    const response = (address: string): Uint8Array => dnsMessage({ flags: 0x8000, question: { name: 'nas', type: 1 }, answers: [addressRecord('nas', address)] });
    assert.deepEqual(told(response('192.168.1.20'), { ends }), ['llmnr nas 192.168.1.20']);
    assert.deepEqual(told(response('203.0.113.5'), { ends }), []);
  });
});

describe('NetBIOS', () => {
  it('names the host that registers', () => assert.deepEqual(told(registration('OFFICE-PC', 0x20), { ends: netbiosEnds }), ['netbios office-pc 192.168.1.20']));

  it('names the host in a positive answer', () => {
    const answer = concat(hex('0001 8500 0000 0001 0000 0000'), netbiosName('NAS', 0), hex('0020 0001 000493e0 0006 0000 c0a80105'));
    assert.deepEqual(told(answer, { ends: netbiosEnds }), ['netbios nas 192.168.1.5']);
  });

  it('names no groups, domains or users', () => {
    assert.deepEqual(told(registration('WORKGROUP', 0x00, 0x8000), { ends: netbiosEnds }), []);
    assert.deepEqual(told(registration('WORKGROUP', 0x1e), { ends: netbiosEnds }), []);
    assert.deepEqual(told(registration('SOMEBODY', 0x03), { ends: netbiosEnds }), []);
  });
});

describe('Any bytes from the LAN', () => {
  it('give names or none, never an error', () => {
    const start = fc.constantFrom(announcement('printer.local', '192.168.1.20'), registration('OFFICE-PC', 0x20), new Uint8Array(40));
    const change = fc.record({ at: fc.nat(80), to: fc.nat(255) });
    fc.assert(
      fc.property(start, fc.array(change, { maxLength: 10 }), fc.nat(90), fc.constantFrom(mdnsEnds, netbiosEnds), (message, changes, length, ends) => {
        const bytes = message.slice();
        for (const { at, to } of changes) if (at < bytes.length) bytes[at] = to;
        told(bytes.subarray(0, length), { ends });
      }),
      { numRuns: 1000 },
    );
  });
});
