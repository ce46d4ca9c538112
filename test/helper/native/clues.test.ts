import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { decodeFrames } from './decode.ts';
import type { PayloadClue } from './decode.ts';
import { ascii, big32, bytes, ethernet, ipv4, tcp, udp, zeros } from './frames.ts';
import type { Bytes, TcpFields } from './frames.ts';

const client = { source: '192.0.2.1', destination: '192.0.2.2', protocol: 6 };
const server = { source: '192.0.2.2', destination: '192.0.2.1', protocol: 6 };

function fromClient(fields: TcpFields, payload?: Bytes): Bytes {
  return ipv4(client, tcp(fields, payload));
}

function fromServer(fields: TcpFields, payload?: Bytes): Bytes {
  return ipv4(server, tcp({ sourcePort: 443, destinationPort: 40000, ...fields }, payload));
}

function cluesOf(packets: readonly Bytes[]): readonly PayloadClue[] {
  return decodeFrames(packets, 101).clues;
}

function sequences(packets: readonly Bytes[]): readonly number[] {
  return cluesOf(packets).map((clue) => clue.sequence);
}

describe('which payloads are clues', () => {
  it('the first 16 KiB of each TCP direction, counted by sequence number from the SYN', () => {
    const offsets = [0, 1000, 16_000, 16_383, 16_384, 17_000];
    const segments = offsets.map((offset) => fromClient({ sequence: 5001 + offset }, zeros(10)));
    assert.deepEqual(sequences([fromClient({ sequence: 5000, flags: 'S' }), ...segments]), [5001, 6001, 21_001, 21_384]);
    const answers = offsets.map((offset) => fromServer({ sequence: 1 + offset }, zeros(10)));
    assert.deepEqual(sequences([fromServer({ sequence: 0, flags: 'SA' }), ...answers]), [1, 1001, 16_001, 16_384]);
  });

  it('sequence numbers wrap, and a segment may come before the first that was seen', () => {
    const segments = [0xffffff00, 0x10, 0xfffffe00].map((sequence) => fromClient({ sequence }, zeros(10)));
    assert.deepEqual(sequences(segments), [0xffffff00, 0x10, 0xfffffe00]);
  });

  it('data on a SYN is the first of the stream', () => {
    const [clue] = cluesOf([fromClient({ sequence: 99, flags: 'S' }, ascii('fast'))]);
    assert.deepEqual([clue?.syn, clue?.sequence, clue?.payload], [true, 100, ascii('fast')]);
  });

  it('segments without data, and data far behind the beginning, are none', () => {
    assert.deepEqual(sequences([fromClient({ sequence: 1 }), fromClient({ sequence: 1 }, zeros(1)), fromClient({ sequence: 90_000 }, zeros(9))]), [1]);
  });

  it('an HTTP request is one wherever it stands, since it may name another host', () => {
    const later = fromClient({ sequence: 900_000 }, ascii('GET /next HTTP/1.1\r\n'));
    const answer = fromServer({ sequence: 900_000 }, ascii('HTTP/1.1 200 OK\r\n'));
    assert.deepEqual(sequences([fromClient({ sequence: 1 }, zeros(1)), later, fromServer({ sequence: 5 }, zeros(1)), answer]), [1, 900_000, 5, 900_000]);
  });

  it('all TCP data on port 53 is, since one connection carries many questions', () => {
    const far = fromClient({ destinationPort: 53, sequence: 900_000 }, zeros(2));
    assert.deepEqual(sequences([fromClient({ destinationPort: 53, sequence: 1 }, zeros(2)), far]), [1, 900_000]);
  });

  it('UDP of name services is, with its hop limit and direction', () => {
    for (const port of [53, 137, 5353, 5355]) {
      const packets = [ipv4({ hopLimit: 255 }, udp(1000, port, ascii('?'))), ipv4({ source: '192.0.2.2', destination: '192.0.2.1' }, udp(port, 1000, ascii('!')))];
      assert.deepEqual(
        cluesOf(packets).map((clue) => [clue.direction, clue.hopLimit, clue.ends.bPort, clue.payload]),
        [['ab', 255, port, ascii('?')], ['ba', 64, port, ascii('!')]],
      );
    }
  });

  it('QUIC long headers are, on any port, the first sixteen in each direction', () => {
    const long = udp(1000, 9999, bytes(0xc3, big32(1), zeros(40)));
    const short = udp(1000, 9999, bytes(0x43, zeros(40)));
    const packets = Array.from({ length: 20 }, () => [ipv4({}, long), ipv4({}, short)]).flat();
    assert.equal(cluesOf(packets).length, 16);
  });

  it('Ethernet padding is never taken for payload', () => {
    const bare = ethernet(0x0800, bytes(fromClient({ sequence: 7 }), zeros(6)));
    const one = ethernet(0x0800, bytes(fromClient({ sequence: 7 }, ascii('x')), zeros(5)));
    assert.deepEqual(decodeFrames([bare, one]).clues.map(({ payload, wireLength }) => [payload, wireLength]), [[ascii('x'), 1]]);
  });

  it('a super-packet is cut to one direction\'s worth, and says how long it was', () => {
    const [clue] = cluesOf([fromClient({ sequence: 1 }, zeros(40_000))]);
    assert.deepEqual([clue?.payload.length, clue?.wireLength], [16_384, 40_000]);
  });

  it('the beginning of every flow is told, once, before its payload', () => {
    const packets = [fromClient({ sequence: 1, flags: 'S' }), fromServer({ sequence: 1, flags: 'SA' }), fromClient({ sequence: 2 }, zeros(3)), ipv4({}, udp(1, 2))];
    const { begun, flows } = decodeFrames(packets, 101);
    assert.deepEqual(begun, flows.map(({ flow }) => flow));
    assert.equal(begun.length, 2);
  });

  it('what was handed on whole is none when it is sent again, what has something new is', () => {
    const sent = [[1, 100], [101, 100], [1, 100], [51, 150], [150, 100], [201, 50], [1, 250], [301, 10], [301, 10], [251, 50], [301, 10]] as const;
    const segments = sent.map(([sequence, length]) => fromClient({ sequence }, zeros(length)));
    // Up to 250 all is known; 301 comes before what is missing, so it stays unknown whether it was whole.
    assert.deepEqual(cluesOf(segments).map(({ sequence, payload }) => [sequence, payload.length]), [
      [1, 100], [101, 100], [150, 100], [201, 50], [301, 10], [301, 10], [251, 50], [301, 10],
    ]);
  });

  it('a connection between the same ends begins anew with its SYN, whatever was handed on before', () => {
    const first = [fromClient({ sequence: 1000, flags: 'S' }), fromClient({ sequence: 1001 }, zeros(50))];
    const second = [fromClient({ sequence: 900, flags: 'S' }), fromClient({ sequence: 901 }, zeros(120))];
    assert.deepEqual(sequences([...first, ...second, fromClient({ sequence: 1001 }, zeros(20))]), [1001, 901]);
  });

  it('a payload that the capture cut is one again when it comes whole', () => {
    const frames = [fromClient({ sequence: 1 }, zeros(100)).subarray(0, 60), fromClient({ sequence: 1 }, zeros(100))];
    assert.deepEqual(cluesOf(frames).map(({ payload, wireLength }) => [payload.length, wireLength]), [[20, 20], [100, 100]]);
  });
});

describe('what TCP headers tell', () => {
  const handshake = [
    fromClient({ sequence: 100, flags: 'S' }),
    fromServer({ sequence: 500, flags: 'SA' }),
    fromClient({ sequence: 101, acknowledgment: 501 }),
  ];

  it('the round-trip time is the longer half of the handshake', () => {
    // Frames are a millisecond apart.
    assert.equal(decodeFrames(handshake, 101).flows[0]?.roundTripMicroseconds, 1000);
    const pause = Array.from({ length: 6 }, () => ipv4({}, udp(1, 2)));
    const [syn = zeros(0), synAck = zeros(0), ack = zeros(0)] = handshake;
    assert.equal(decodeFrames([syn, synAck, ...pause, ack], 101).flows[0]?.roundTripMicroseconds, 7000);
    assert.equal(decodeFrames([syn, ...pause, synAck, ack], 101).flows[0]?.roundTripMicroseconds, 7000);
    assert.equal(decodeFrames([ack, syn], 101).flows[0]?.roundTripMicroseconds, 0);
  });

  it('segments whose data was seen before are retransmissions; keep-alives and bare ACKs are not', () => {
    const data = (sequence: number, length: number): Bytes => fromClient({ sequence }, zeros(length));
    const packets = [...handshake, data(101, 100), data(201, 100), data(101, 100), data(151, 150), data(251, 100)];
    assert.equal(decodeFrames(packets, 101).flows[0]?.retransmits, 2);
    const quiet = [...packets, data(350, 1), fromClient({ sequence: 350 }), fromClient({ sequence: 101 })];
    assert.equal(decodeFrames(quiet, 101).flows[0]?.retransmits, 2);
  });

  it('a 5-tuple that is used again stays one flow in a file, and its second beginning gives clues', () => {
    const first = [...handshake, fromClient({ sequence: 101 }, ascii('one')), fromClient({ sequence: 104, flags: 'FA' }), fromServer({ sequence: 501, flags: 'FA' })];
    const second = [fromClient({ sequence: 3_000_000, flags: 'S' }), fromClient({ sequence: 3_000_001 }, ascii('two'))];
    const decoded = decodeFrames([...first, ...second], 101);
    assert.equal(decoded.flows.length, 1);
    assert.deepEqual(decoded.clues.map(({ payload }) => payload), [ascii('one'), ascii('two')]);
  });
});
