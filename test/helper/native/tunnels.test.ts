import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { decodeFrames, line, lines } from './decode.ts';
import { ascii, big16, bytes, ethernet, ipv4, ipv6, udp, zeros } from './frames.ts';
import type { Bytes } from './frames.ts';

const query = ascii('a name');
const inside4 = ipv4({ source: '10.0.0.1', destination: '10.0.0.2' }, udp(4000, 53, query));
const inside6 = ipv6({ source: 'fd00::1', destination: 'fd00::2' }, udp(4000, 53, query));
const line4 = 'inner 17 10.0.0.1#4000 10.0.0.2#53 34/1 0/0';
const line6 = 'inner 17 fd00::1#4000 fd00::2#53 54/1 0/0';

interface Case {
  readonly name: string;
  readonly packet: Bytes;
  readonly inner: string;
}

const overUdp = (port: number, payload: Bytes, from = 5000): Bytes => ipv4({}, udp(from, port, payload));
const gre = (flags: number, version: number, type: number, rest: Bytes): Bytes =>
  ipv4({ protocol: 47 }, bytes(flags, version, big16(type), rest));

const cases: readonly Case[] = [
  { name: 'IPIP', packet: ipv4({ protocol: 4 }, inside4), inner: line4 },
  { name: '6in4', packet: ipv4({ protocol: 41 }, inside6), inner: line6 },
  { name: 'IPv6 in IPv6', packet: ipv6({ protocol: 41 }, inside6), inner: line6 },
  { name: 'GRE', packet: gre(0, 0, 0x0800, inside4), inner: line4 },
  { name: 'GRE with checksum, key and sequence', packet: gre(0xb0, 0, 0x86dd, bytes(zeros(12), inside6)), inner: line6 },
  { name: 'GRE with an Ethernet frame', packet: gre(0, 0, 0x6558, ethernet(0x0800, inside4)), inner: line4 },
  { name: 'GRE with ERSPAN', packet: gre(0x10, 0, 0x88be, bytes(zeros(12), ethernet(0x0800, inside4))), inner: line4 },
  { name: 'PPTP', packet: gre(0x30, 0x81, 0x880b, bytes(zeros(12), 0xff, 3, 0, 0x21, inside4)), inner: line4 },
  { name: 'EtherIP', packet: ipv4({ protocol: 97 }, bytes(0x30, 0, ethernet(0x0800, inside4))), inner: line4 },
  { name: 'MPLS in IP', packet: ipv4({ protocol: 137 }, bytes(0, 0, 1, 64, inside4)), inner: line4 },
  { name: 'VXLAN', packet: overUdp(4789, bytes(8, zeros(7), ethernet(0x0800, inside4))), inner: line4 },
  { name: 'VXLAN on its older port', packet: overUdp(8472, bytes(8, zeros(7), ethernet(0x86dd, inside6))), inner: line6 },
  { name: 'GENEVE with options', packet: overUdp(6081, bytes(1, 0, 0x65, 0x58, zeros(8), ethernet(0x0800, inside4))), inner: line4 },
  { name: 'GTP-U', packet: overUdp(2152, bytes(0x30, 255, zeros(6), inside4)), inner: line4 },
  { name: 'GTP-U with an extension header', packet: overUdp(2152, bytes(0x34, 255, zeros(6), 0, 0, 0, 0x85, 1, 0, 0, 0, inside6)), inner: line6 },
  { name: 'Teredo', packet: overUdp(3544, inside6), inner: line6 },
  { name: 'Teredo with authentication and origin', packet: overUdp(4000, bytes(0, 1, 0, 0, zeros(9), zeros(8), inside6), 3544), inner: line6 },
  { name: 'L2TP', packet: overUdp(1701, bytes(0x40, 2, 0, 99, 0, 1, 0, 1, 0xff, 3, 0, 0x21, inside4)), inner: line4 },
];

describe('tunnels in capture files', () => {
  for (const { name, packet, inner } of cases) {
    it(`${name}: the outer packet is counted, and the packet inside gives a flow of its own with its clues`, () => {
      const { flows, counters, clues } = decodeFrames([packet], 101);
      assert.deepEqual(flows.filter((flow) => flow.inner).map(line), [inner]);
      assert.equal(counters.bytes, packet.length);
      assert.deepEqual(flows.filter((flow) => flow.tunnel).map((flow) => flow.bytesAb), [packet.length]);
      const named = flows.find((flow) => flow.inner)?.flow;
      assert.deepEqual(clues.map((clue) => [clue.flow, clue.payload]), [[named, query]]);
    });
  }

  it('only the innermost of several layers is an inner flow', () => {
    const packet = ipv4({ protocol: 4 }, ipv4({ protocol: 47 }, bytes(0, 0, 0x86, 0xdd, inside6)));
    assert.deepEqual(lines(decodeFrames([packet], 101)), ['4 192.0.2.1 192.0.2.2 98/1 0/0', line6]);
  });

  it('packets of a tunnel that carry no IP are an inner flow too: what is innermost in them', () => {
    const carrying = overUdp(1701, bytes(0, 2, 0, 1, 0, 1, 0, 0x21, inside4));
    const control = overUdp(1701, bytes(0xc8, 2, 0, 12, zeros(8)));
    assert.deepEqual(lines(decodeFrames([control, carrying, carrying], 101)), [
      '17 192.0.2.1#5000 192.0.2.2#1701 180/3 0/0',
      'inner 17 192.0.2.1#5000 192.0.2.2#1701 40/1 0/0',
      'inner 17 10.0.0.1#4000 10.0.0.2#53 68/2 0/0',
    ]);
  });

  it('a later fragment of a tunnelled packet is innermost by its outer header, without ports', () => {
    const whole = bytes(0x30, 255, zeros(6), ipv4({ source: '10.0.0.1', destination: '10.0.0.2' }, udp(1, 2, zeros(100))));
    const datagram = udp(5000, 2152, whole);
    const first = ipv4({ id: 1, fragment: { offset: 0, more: true } }, datagram.subarray(0, 80));
    const last = ipv4({ id: 1, fragment: { offset: 80, more: false } }, datagram.subarray(80));
    assert.deepEqual(lines(decodeFrames([first, last], 101)), [
      '17 192.0.2.1#5000 192.0.2.2#2152 184/2 0/0',
      'inner 17 10.0.0.1#1 10.0.0.2#2 128/1 0/0',
      `inner 17 192.0.2.1 192.0.2.2 ${last.length}/1 0/0`,
    ]);
  });

  it('what an ICMP error quotes, and UDP on a tunnel port that is none, is no layer', () => {
    const error = ipv4({ protocol: 1 }, bytes(3, 3, zeros(6), inside4));
    const other = overUdp(4789, bytes(zeros(8), ethernet(0x0800, inside4)));
    assert.ok(decodeFrames([error, other], 101).flows.every((flow) => !flow.inner && !flow.tunnel));
  });
});
