import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readLines } from '../../cli/capture-file/tables.ts';
import { plainPaint } from '../../cli/paint.ts';
import { progressText } from '../../cli/progress.ts';
import type { HttpHostSum } from '../../protocol/http.ts';
import type { CaptureFileFlow, CaptureFileResult } from '../../service/index.ts';

const flow: CaptureFileFlow = {
  protocol: 'tcp', a: '192.0.2.1', aPort: 40_000, b: '2001:db8::7', bPort: 443, bytesAb: 1000, bytesBa: 9000,
  packetsAb: 4, packetsBa: 8, hostname: 'example.com', hostnameSource: 'tls-sni', roundTripMicroseconds: 12_000, retransmits: 0,
};
const dns: CaptureFileFlow = { ...flow, protocol: 'udp', b: '192.0.2.53', bPort: 53, bytesAb: 60, bytesBa: 140, packetsAb: 1, packetsBa: 1, hostname: null, hostnameSource: null, roundTripMicroseconds: null };
const ping: CaptureFileFlow = { ...dns, protocol: 'icmp', aPort: null, bPort: null, bytesAb: 84, bytesBa: 84 };

const result: CaptureFileResult = {
  packets: 16, ipBytes: 10_368, linkType: 'en10mb', truncated: false, malformedPackets: 0, refusedClues: 0, evictedFlows: 0,
  flows: [dns, flow, ping], http: [],
};
const canvas = { width: Infinity, paint: plainPaint };

describe('what a capture file holds', () => {
  it('is shown as totals, flows and names; rows that are left out are summed', () => {
    assert.deepEqual(readLines(result, { title: 'a.pcap', top: 2 }, canvas), [
      'a.pcap: 16 packets, 10.4 kB of IP, 3 flows, link type en10mb',
      '',
      'FLOWS',
      'protocol  from             to                 name         packets        →        ←',
      'tcp       192.0.2.1:40000  [2001:db8::7]:443  example.com       12  1.00 kB  9.00 kB',
      'udp       192.0.2.1:40000  192.0.2.53:53                         2     60 B    140 B',
      '… 1 flow more, 168 B (--top shows more, --json all)',
      '',
      'NAMES',
      'name           known from  flows    bytes   share',
      'example.com    TLS             1  10.0 kB  96.4 %',
      'no name known                  2    368 B   3.5 %',
    ]);
  });

  it('says what is wrong with the file', () => {
    const lines = readLines({ ...result, truncated: true, malformedPackets: 1 }, { title: 'a.pcap', top: 9 }, canvas);
    assert.deepEqual(lines.slice(1, 3), [
      '! The file ends in the middle of a record: what comes before it is counted.',
      '! 1 packet with a length beyond reason.',
    ]);
  });

  it('shows flows inside tunnels apart, since their bytes are part of the others', () => {
    const lines = readLines({ ...result, flowsInner: [ping] }, { title: 'a.pcap', top: 9 }, canvas);
    assert.ok(lines.includes('FLOWS INSIDE TUNNELS (their bytes are part of those above)'));
  });

  it('shows what plain HTTP was asked for, the most frequent first', () => {
    const sum: HttpHostSum = {
      host: 'example.com', requests: 1207, responses: 1203, methods: { POST: 7, GET: 1200 },
      sections: { '/a': 2, '/images': 1200, '/b': 4, '/c': 1 }, statuses: { 200: 1200, 404: 3 },
    };
    const rest: HttpHostSum = { host: null, requests: 1, responses: 0, methods: { GET: 1 }, sections: { '/': 1 }, statuses: {} };
    const lines = readLines({ ...result, http: [sum, rest, { ...rest, host: 'www.example.org' }] }, { title: 'a.pcap', top: 2 }, canvas);
    assert.deepEqual(lines.slice(-4), [
      'host         requests  methods            paths                         answers',
      'example.com     1\u{202f}207  GET 1\u{202f}200, POST 7  /images 1\u{202f}200, /b 4, /a 2, …  200 1\u{202f}200, 404 3',
      'other hosts         1  GET 1              / 1',
      '… 1 host more, 1 request (--top shows more, --json all)',
    ]);
  });

  it('of no packets is one line', () => {
    assert.deepEqual(readLines({ ...result, packets: 0, ipBytes: 0, flows: [] }, { title: 'empty.pcap', top: 9 }, canvas), [
      'empty.pcap: 0 packets, 0 B of IP, 0 flows, link type en10mb',
    ]);
  });
});

describe('the progress of a reading', () => {
  it('is a bar where the size is known', () => {
    assert.equal(progressText({ done: 50, total: 100, words: '1 234 packets' }), '[████████████░░░░░░░░░░░░]  50 %  1 234 packets');
  });
  it('is a count where it is not', () => assert.equal(progressText({ done: 50, total: null, words: '7 packets' }), '7 packets'));
});
