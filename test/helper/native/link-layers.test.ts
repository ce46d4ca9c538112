import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { decodeFrames, lines } from './decode.ts';
import { big16, big32, bytes, ethernet, ipv4, ipv6, udp, zeros } from './frames.ts';
import type { Bytes } from './frames.ts';

const four = ipv4({}, udp(1000, 2000, zeros(12)));
const six = ipv6({}, udp(1000, 2000, zeros(12)));
const fourLine = '17 192.0.2.1#1000 192.0.2.2#2000 40/1 0/0';
const sixLine = '17 2001:db8::1#1000 2001:db8::2#2000 60/1 0/0';

interface Case {
  readonly name: string;
  readonly linkType: number;
  readonly frame: Bytes;
  readonly line: string;
}

const little = (value: number): Bytes => big32(value).toReversed();
const vlan = (type: number): Bytes => bytes(big16(100), big16(type));
const mpls = (bottom: 0 | 1): Bytes => bytes(0, 0x06, 0x40 | bottom, 64);
const snap = (type: number): Bytes => bytes(0xaa, 0xaa, 3, 0, 0, 0, big16(type));
const pppoe = (payload: Bytes): Bytes => bytes(0x11, 0, big16(7), big16(payload.length), payload);
const radiotap = bytes(0, 0, big16(0x0900), little(2), 0x10);

const cases: readonly Case[] = [
  { name: 'Ethernet with IPv4', linkType: 1, frame: ethernet(0x0800, four), line: fourLine },
  { name: 'Ethernet with IPv6', linkType: 1, frame: ethernet(0x86dd, six), line: sixLine },
  { name: 'Ethernet padded to 60 bytes', linkType: 1, frame: bytes(ethernet(0x0800, four), zeros(6)), line: fourLine },
  { name: 'an 802.1Q tag', linkType: 1, frame: ethernet(0x8100, bytes(vlan(0x0800), four)), line: fourLine },
  { name: 'an 802.1ad tag around an 802.1Q tag', linkType: 1, frame: ethernet(0x88a8, bytes(vlan(0x8100), vlan(0x86dd), six)), line: sixLine },
  { name: 'stacked 802.1Q tags', linkType: 1, frame: ethernet(0x8100, bytes(vlan(0x8100), vlan(0x0800), four)), line: fourLine },
  { name: '802.3 with LLC and SNAP', linkType: 1, frame: ethernet(48, bytes(snap(0x0800), four)), line: fourLine },
  { name: 'two MPLS labels', linkType: 1, frame: ethernet(0x8847, bytes(mpls(0), mpls(1), four)), line: fourLine },
  {
    name: 'an Ethernet pseudowire in MPLS',
    linkType: 1,
    frame: ethernet(0x8847, bytes(mpls(1), zeros(4), ethernet(0x86dd, six))),
    line: sixLine,
  },
  { name: 'PPPoE in Ethernet', linkType: 1, frame: ethernet(0x8864, pppoe(bytes(0, 0x21, four))), line: fourLine },
  { name: 'PPPoE in a VLAN, padded', linkType: 1, frame: ethernet(0x8100, bytes(vlan(0x8864), pppoe(bytes(0, 0x57, six)), zeros(9))), line: sixLine },
  { name: 'PPP_ETHER', linkType: 51, frame: pppoe(bytes(0, 0x21, four)), line: fourLine },
  { name: 'PPP without framing', linkType: 9, frame: bytes(0, 0x21, four), line: fourLine },
  { name: 'PPP with HDLC framing', linkType: 9, frame: bytes(0xff, 3, 0, 0x57, six), line: sixLine },
  { name: 'PPP with a compressed protocol field', linkType: 9, frame: bytes(0xff, 3, 0x21, four), line: fourLine },
  { name: 'PPP_SERIAL', linkType: 50, frame: bytes(0xff, 3, 0, 0x21, four), line: fourLine },
  { name: 'Cisco HDLC on a serial line', linkType: 50, frame: bytes(0x0f, 0, 0x08, 0, four), line: fourLine },
  { name: 'LINUX_SLL', linkType: 113, frame: bytes(zeros(14), 0x08, 0, four), line: fourLine },
  { name: 'LINUX_SLL with a VLAN tag', linkType: 113, frame: bytes(zeros(14), 0x81, 0, vlan(0x86dd), six), line: sixLine },
  { name: 'LINUX_SLL2', linkType: 276, frame: bytes(0x86, 0xdd, zeros(18), six), line: sixLine },
  { name: 'RAW as files number it', linkType: 101, frame: four, line: fourLine },
  { name: 'RAW as Linux numbers it', linkType: 12, frame: six, line: sixLine },
  { name: 'RAW as OpenBSD numbers it', linkType: 14, frame: six, line: sixLine },
  { name: 'IPV4', linkType: 228, frame: four, line: fourLine },
  { name: 'IPV6', linkType: 229, frame: six, line: sixLine },
  { name: 'NULL written on a little-endian machine', linkType: 0, frame: bytes(2, 0, 0, 0, four), line: fourLine },
  { name: 'NULL written on a big-endian machine', linkType: 0, frame: bytes(0, 0, 0, 30, six), line: sixLine },
  { name: 'LOOP', linkType: 108, frame: bytes(0, 0, 0, 24, six), line: sixLine },
  { name: '802.11 data', linkType: 105, frame: bytes(0x08, 0x02, zeros(22), snap(0x0800), four), line: fourLine },
  { name: '802.11 QoS data', linkType: 105, frame: bytes(0x88, 0x02, zeros(24), snap(0x0800), four), line: fourLine },
  { name: '802.11 between access points', linkType: 105, frame: bytes(0x08, 0x03, zeros(28), snap(0x86dd), six), line: sixLine },
  {
    name: '802.11 with radiotap and a frame check sequence',
    linkType: 127,
    frame: bytes(radiotap, 0x08, 0x02, zeros(22), snap(0x0800), four, zeros(4)),
    line: fourLine,
  },
];

describe('link layers', () => {
  for (const { name, linkType, frame, line } of cases) {
    it(`an IP packet is found behind ${name}`, () => {
      const decoded = decodeFrames([frame], linkType);
      assert.deepEqual(lines(decoded), [line]);
      assert.equal(decoded.counters.malformedPackets, 0);
    });

    it(`${name}, cut anywhere, is counted as something and never read beyond its end`, () => {
      const cuts = Array.from(frame, (_, length) => frame.subarray(0, length));
      const { counters, flows } = decodeFrames(cuts, linkType);
      assert.equal(counters.packets, cuts.length);
      assert.equal(counters.packets - counters.otherFrames, flows.reduce((sum, flow) => sum + flow.packetsAb + flow.packetsBa, 0));
    });
  }

  it('ARP, encrypted 802.11 and PPP control are frames without IP', () => {
    const arp = ethernet(0x0806, zeros(28));
    const encrypted = bytes(0x08, 0x42, zeros(22), snap(0x0800), four);
    for (const [frame, linkType] of [[arp, 1], [encrypted, 105], [bytes(0xc0, 0x21, four), 9]] as const) {
      const { counters, flows } = decodeFrames([frame], linkType);
      assert.deepEqual([counters.packets, counters.otherFrames, counters.malformedPackets, flows.length], [1, 1, 0, 0]);
    }
  });
});
