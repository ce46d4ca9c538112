import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { decodeFrames, decodePieces, lines } from './decode.ts';
import { pcapFile } from './capture-files.ts';
import { big16, big32, bytes, ethernet, ipv4, ipv6, udp, zeros } from './frames.ts';

const payload = udp(1000, 2000, zeros(92));

describe('how many bytes an IP packet counts', () => {
  it('IPv4 counts its Total Length, with options and without padding', () => {
    const frame = ethernet(0x0800, bytes(ipv4({ options: bytes(1, 1, 1, 0) }, payload), zeros(6)));
    assert.deepEqual(lines(decodeFrames([frame])), ['17 192.0.2.1#1000 192.0.2.2#2000 124/1 0/0']);
  });

  it('a Total Length of 0 stands for all that the wire carried behind the link header', () => {
    const frame = ethernet(0x0800, ipv4({ claimedLength: 0 }, payload));
    const decoded = decodePieces([pcapFile([{ data: frame.subarray(0, 64), originalLength: 9014 }])]);
    assert.deepEqual(lines(decoded), ['17 192.0.2.1#1000 192.0.2.2#2000 9000/1 0/0']);
    assert.equal(decoded.counters.malformedPackets, 0);
  });

  it('an IPv6 super-packet without a length counts what the wire carried', () => {
    const frame = ethernet(0x86dd, ipv6({ claimedLength: 0 }, payload));
    const decoded = decodePieces([pcapFile([{ data: frame, originalLength: 100_014 }])]);
    assert.deepEqual(lines(decoded), ['17 2001:db8::1#1000 2001:db8::2#2000 100000/1 0/0']);
  });

  it('a jumbo payload counts the length of its hop-by-hop option', () => {
    const jumbo = bytes(17, 0, 0xc2, 4, big32(90_000 - 40));
    const frame = ethernet(0x86dd, ipv6({ claimedLength: 0, protocol: 0 }, bytes(jumbo, payload)));
    const decoded = decodePieces([pcapFile([{ data: frame, originalLength: 90_014 }])]);
    assert.deepEqual(lines(decoded), ['17 2001:db8::1#1000 2001:db8::2#2000 90000/1 0/0']);
    assert.equal(decoded.counters.malformedPackets, 0);
  });

  it('an IPv6 packet that has nothing after its header is 40 bytes, padding or not', () => {
    const frame = ethernet(0x86dd, bytes(ipv6({ protocol: 59 }, zeros(0)), zeros(6)));
    assert.deepEqual(lines(decodeFrames([frame])), ['59 2001:db8::1 2001:db8::2 40/1 0/0']);
  });

  it('a length that the wire cannot have carried is clamped and counted as malformed', () => {
    const frame = ethernet(0x0800, ipv4({ claimedLength: 60_000 }, payload));
    const decoded = decodeFrames([frame]);
    assert.equal(decoded.counters.bytes, 120);
    assert.equal(decoded.counters.malformedPackets, 1);
  });

  it('a length shorter than the header itself counts the header and is malformed', () => {
    const decoded = decodeFrames([ethernet(0x0800, ipv4({ claimedLength: 7 }, payload))]);
    assert.deepEqual([decoded.counters.bytes, decoded.counters.malformedPackets], [20, 1]);
  });

  it('a record that claims four gigabytes is clamped to the largest packet there is', () => {
    const frame = ethernet(0x0800, ipv4({ claimedLength: 0 }, payload));
    const decoded = decodePieces([pcapFile([{ data: frame, originalLength: 0xffffffff }])]);
    assert.ok(decoded.counters.bytes < 600_000);
    assert.equal(decoded.counters.malformedPackets, 1);
  });

  it('a packet that the capture cut counts in full', () => {
    const frame = ethernet(0x0800, ipv4({}, udp(1000, 2000, zeros(1400))));
    const decoded = decodePieces([pcapFile([{ data: frame.subarray(0, 42), originalLength: frame.length }])]);
    assert.deepEqual(lines(decoded), ['17 192.0.2.1#1000 192.0.2.2#2000 1428/1 0/0']);
  });

  it('a header that is no IP header is a frame without IP, and malformed', () => {
    const decoded = decodeFrames([ethernet(0x0800, bytes(0x42, zeros(40)))]);
    assert.deepEqual([decoded.counters.otherFrames, decoded.counters.malformedPackets], [1, 1]);
  });
});

describe('which protocol a packet belongs to', () => {
  it('extension headers of IPv6 are passed over', () => {
    const options = bytes(43, 0, 1, 4, zeros(4));
    const routing = bytes(60, 0, zeros(6));
    const destination = bytes(51, 1, zeros(14));
    const authentication = bytes(17, 2, zeros(14));
    const packet = ipv6({ protocol: 0 }, bytes(options, routing, destination, authentication, payload));
    assert.deepEqual(lines(decodeFrames([packet], 101)), ['17 2001:db8::1#1000 2001:db8::2#2000 188/1 0/0']);
  });

  it('TCP, UDP, DCCP, SCTP and UDP-Lite have ports; other protocols have none', () => {
    for (const protocol of [6, 17, 33, 132, 136]) {
      assert.deepEqual(lines(decodeFrames([ipv4({ protocol }, payload)], 101)), [`${protocol} 192.0.2.1#1000 192.0.2.2#2000 120/1 0/0`]);
    }
    for (const protocol of [1, 2, 58, 89, 253]) {
      assert.deepEqual(lines(decodeFrames([ipv4({ protocol }, payload)], 101)), [`${protocol} 192.0.2.1 192.0.2.2 120/1 0/0`]);
    }
  });

  it('both directions are one flow, and `a` is who spoke first', () => {
    const there = ipv4({ source: '192.0.2.9', destination: '192.0.2.2' }, udp(5, 6, zeros(2)));
    const back = ipv4({ source: '192.0.2.2', destination: '192.0.2.9' }, udp(6, 5, zeros(12)));
    assert.deepEqual(lines(decodeFrames([there, back, back], 101)), ['17 192.0.2.9#5 192.0.2.2#6 30/1 80/2']);
    assert.deepEqual(lines(decodeFrames([back, there, back], 101)), ['17 192.0.2.2#6 192.0.2.9#5 80/2 30/1']);
  });

  it('a machine that talks to itself on one port is one flow', () => {
    const packet = ipv4({ source: '127.0.0.1', destination: '127.0.0.1' }, udp(7, 7));
    assert.deepEqual(lines(decodeFrames([packet, packet], 101)), ['17 127.0.0.1#7 127.0.0.1#7 56/2 0/0']);
  });

  it('a UDP length that lies does not change what is counted', () => {
    const lying = bytes(big16(1000), big16(2000), big16(9), 0, 0, zeros(92));
    assert.deepEqual(lines(decodeFrames([ipv4({}, lying)], 101)), ['17 192.0.2.1#1000 192.0.2.2#2000 120/1 0/0']);
  });
});
