import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { decodeFrames, lines } from './decode.ts';
import { ascii, big16, big32, bytes, ipv4, ipv6, tcp, udp, zeros } from './frames.ts';
import type { Bytes, IpFields } from './frames.ts';

/** An IPv4 packet in fragments of `size` bytes of payload (a multiple of eight). */
function fragments(fields: IpFields, payload: Bytes, size: number): Bytes[] {
  const count = Math.ceil(payload.length / size);
  return Array.from({ length: count }, (_, index) => {
    const offset = index * size;
    return ipv4({ ...fields, fragment: { offset, more: index < count - 1 } }, payload.subarray(offset, offset + size));
  });
}

const answer = udp(53, 4000, ascii('a long answer that came in several pieces, each of them too short for it'));

describe('fragments', () => {
  it('later fragments belong to the flow of the first, by addresses, protocol and identification', () => {
    const [first = zeros(0), ...rest] = fragments({ id: 7 }, udp(1000, 2000, zeros(92)), 32);
    const other = ipv4({ id: 8, fragment: { offset: 32, more: false } }, zeros(8));
    assert.deepEqual(lines(decodeFrames([first, ...rest, other], 101)), [
      '17 192.0.2.1#1000 192.0.2.2#2000 180/4 0/0',
      '17 192.0.2.1 192.0.2.2 28/1 0/0',
    ]);
  });

  it('a later fragment that comes before the first is a flow without ports', () => {
    const [first = zeros(0), second = zeros(0)] = fragments({ id: 7 }, udp(1000, 2000, zeros(24)), 16);
    assert.deepEqual(lines(decodeFrames([second, first], 101)), [
      '17 192.0.2.1 192.0.2.2 36/1 0/0',
      '17 192.0.2.1#1000 192.0.2.2#2000 36/1 0/0',
    ]);
  });

  it('IPv6 fragments are joined by the identification in their header', () => {
    const header = (offset: number, more: 0 | 1): Bytes => bytes(17, 0, big16(offset | more), big32(99));
    const datagram = udp(1000, 2000, zeros(24));
    const first = ipv6({ protocol: 44 }, bytes(header(0, 1), datagram.subarray(0, 16)));
    const last = ipv6({ protocol: 44 }, bytes(header(16, 0), datagram.subarray(16)));
    assert.deepEqual(lines(decodeFrames([first, last], 101)), ['17 2001:db8::1#1000 2001:db8::2#2000 128/2 0/0']);
  });

  it('a DNS answer in fragments is put together, whatever their order', () => {
    const pieces = fragments({ id: 3 }, answer, 24);
    const shuffled = [2, 0, 3, 1].flatMap((index) => pieces[index] ?? []);
    for (const order of [pieces, pieces.toReversed(), shuffled]) {
      const whole = decodeFrames(order, 101).clues.filter((clue) => clue.payload.length === clue.wireLength);
      assert.deepEqual(whole.map(({ payload }) => payload), [answer.subarray(8)]);
    }
  });

  it('a request in fragments of one TCP segment is put together', () => {
    const request = tcp({ sequence: 100, destinationPort: 80 }, ascii('GET / HTTP/1.1\r\nHost: example.org\r\n\r\n'));
    const { clues } = decodeFrames(fragments({ id: 5, protocol: 6 }, request, 24), 101);
    const longest = clues.toSorted((one, other) => other.payload.length - one.payload.length)[0];
    assert.deepEqual([longest?.sequence, longest?.payload], [100, request.subarray(20)]);
  });

  it('a datagram with a hole is never a clue as a whole', () => {
    const pieces = fragments({ id: 3 }, answer, 24);
    const { clues } = decodeFrames([pieces[0] ?? zeros(0), pieces[2] ?? zeros(0), pieces[3] ?? zeros(0)], 101);
    assert.ok(clues.every((clue) => clue.payload.length < clue.wireLength));
  });

  it('overlapping and endless fragments cost nothing but themselves', () => {
    const overlapping = Array.from({ length: 500 }, (_, index) =>
      ipv4({ id: 3, fragment: { offset: (index * 8) % 4096, more: true } }, answer.subarray(0, 64)),
    );
    const { counters } = decodeFrames(overlapping, 101);
    assert.deepEqual([counters.packets, counters.bytes], [500, 500 * 84]);
  });
});
